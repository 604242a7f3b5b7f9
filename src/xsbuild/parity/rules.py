# SPDX-License-Identifier: Apache-2.0
"""Expected differences that follow from a family's policy, each with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from xsbuild.distros.model import Family
from xsbuild.manifest.model import Component


@dataclass(frozen=True, slots=True)
class Rule:
    """Differences that are no news.

    Attributes:
        family: the only one that has it; None for either, or both in different ways.
        aspect: the `parity.Aspect` that differs; empty for any.
        subject: a pattern of fnmatch(3), of which ``*`` matches slashes too.
        reason: why it is so.
        has: what each must have, deb and rpm; anything where it is empty.
    """

    family: Family | None
    aspect: str
    subject: str
    reason: str
    has: tuple[str, str] | None = None


_DEB, _RPM = Family.DEB, Family.RPM

RULES = (
    Rule(_DEB, "package", "*-dbgsym", "what debuggers need"),
    Rule(_RPM, "package", "*-debuginfo", "what debuggers need"),
    Rule(_RPM, "package", "*-debugsource", "what debuggers need"),
    Rule(_DEB, "file", "{datadir}/doc*", "copyright, changelog and documents: Policy 12"),
    Rule(_DEB, "file", "{datadir}/lintian*", "what the package tells Debian's linter"),
    Rule(_RPM, "file", "{datadir}/doc*", "%doc and %license: rpm chooses where they are"),
    Rule(_RPM, "file", "{datadir}/licenses*", "%license: rpm chooses where they are"),
    Rule(_RPM, "file", "{prefix}/lib/.build-id*", "debuggers find files by it; -dbgsym in Debian"),
    Rule(_RPM, "file", "*/__pycache__*", "Debian compiles modules when they are installed"),
    Rule(_RPM, "file", "*/system-preset/80-*.preset", "what is enabled; compared as units"),
    # Files of Python's installed metadata that only say how they came there:
    # https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    Rule(None, "file", "*-info/INSTALLER", "each family's tool writes its name"),
    Rule(None, "file", "*-info/RECORD", "Debian drops the list that dpkg has, too"),
    Rule(None, "file", "*-info/REQUESTED", "written by pip only"),
    Rule(None, "file", "*-info/direct_url.json", "written by pip only"),
    Rule(_RPM, "file", "*-info/licen[cs]es*", "Debian has licences in copyright: dh_python3(1)"),
    # rpm finds what libraries provide by their mode, which dh_fixperms(1) takes from them.
    Rule(None, "mode", "*.so*", "libraries are programs for rpm alone", ("0644", "0755")),
    Rule(None, "mode", "*.cmxs", "OCaml's libraries, likewise", ("0644", "0755")),
    # What a family's helpers bring for the scripts that they write.
    Rule(_DEB, "requires", "adduser", "dh_installsysusers of old debhelper"),
    Rule(_DEB, "requires", "systemd | systemd-*", "makes users: dh_installsysusers(1)"),
    Rule(_DEB, "requires", "init-system-helpers", "scripts of units: dh_installsystemd(1)"),
    Rule(_RPM, "requires", "systemd", "scripts of units and users: %systemd_requires"),
    Rule(_RPM, "requires", "shadow-utils", "scripts of users: %sysusers_requires_compat"),
    Rule(_RPM, "requires", "group(*)", "owners of files; rpm 4.19 finds them by itself"),
    Rule(_RPM, "requires", "user(*)", "owners of files; rpm 4.19 finds them by itself"),
    # Interpreters of scripts, which rpm finds by itself, and which are essential in Debian.
    Rule(_RPM, "requires", "/bin/sh", "essential in Debian: Policy 3.8"),
    Rule(_RPM, "requires", "/bin/bash", "essential in Debian: Policy 3.8"),
    Rule(_RPM, "requires", "/usr/bin/sh", "essential in Debian: Policy 3.8"),
    Rule(_RPM, "requires", "/usr/bin/bash", "essential in Debian: Policy 3.8"),
    Rule(_RPM, "requires", "/usr/bin/perl", "essential in Debian: Policy 3.8"),
    Rule(_RPM, "requires", "/usr/bin/pkg-config", "rpm asks it of each *.pc file"),
    # What belongs to the compiler and the C library, of which versions split and merge libraries.
    *(
        Rule(None, "linked library", f"{name}.so", "the C library's parts differ by version")
        for name in ("libc", "libm", "libdl", "libpthread", "librt", "libgcc_s", "ld-linux-*")
    ),
)


def rules_of(component: Component) -> Iterator[Rule]:
    """Yield expected differences that follow from a component's manifest entry."""
    for subject, reason in component.differs.items():
        yield Rule(None, "", subject, reason)
