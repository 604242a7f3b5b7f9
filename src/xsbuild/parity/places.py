# SPDX-License-Identifier: Apache-2.0
"""From real paths back to places of the manifest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xsbuild.distros.model import Distro
from xsbuild.manifest.places import places_of

# What rpm's macros are on a 64-bit machine, as fnmatch(3) patterns.
RPM_MACROS: Mapping[str, str] = {
    "_prefix": "/usr",
    "_bindir": "/usr/bin",
    "_sbindir": "/usr/sbin",
    "_libexecdir": "/usr/libexec",
    "_sysconfdir": "/etc",
    "_localstatedir": "/var",
    "_sharedstatedir": "/var/lib",
    "_datadir": "/usr/share",
    "_mandir": "/usr/share/man",
    "_includedir": "/usr/include",
    "_unitdir": "/usr/lib/systemd/system",
    "_presetdir": "/usr/lib/systemd/system-preset",
    "_sysusersdir": "/usr/lib/sysusers.d",
    "_tmpfilesdir": "/usr/lib/tmpfiles.d",
    "_udevrulesdir": "/usr/lib/udev/rules.d",
    "_libdir": "/usr/lib64",
    "python3_sitelib": "/usr/lib/python3.*/site-packages",
    "python3_sitearch": "/usr/lib64/python3.*/site-packages",
}
_MACRO = re.compile(r"%\{(\w+)\}")
_MERGED = re.compile(r"^/(bin|sbin|lib|lib64)(?=/|$)")
_MANUAL = re.compile(r"^((?:\{mandir\}|\{datadir\}/info)/.+?)(?:\.(?:gz|xz|bz2|zst)|\*)$")


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one distro, to find paths in.

    Attributes:
        patterns: what matches a path of a place and what is below it → the place, the most
            particular first.
    """

    patterns: tuple[tuple[re.Pattern[str], str], ...]

    def of(self, path: str) -> str:
        """Return the path in the manifest's form: with its place, without links and compression."""
        path = _MERGED.sub(r"/usr/\1", path.rstrip("/") or "/")
        for pattern, name in self.patterns:
            if match := pattern.match(path):
                path = f"{{{name}}}{path[match.end() :]}"
                break
        manual = _MANUAL.match(path)
        return manual[1] if manual else path


def places_for(distro: Distro, other: Distro) -> Places:
    """Return the places of a distro, for a comparison with another.

    Places that one of the two does not tell apart, as Fedora's ``/usr/bin`` and ``/usr/sbin`` or
    Debian's directories of Python modules, are called the same for both.
    """
    own, names = _real(distro), dict[str, str]()
    for places in (own, _real(other)):
        first: dict[str, str] = {}
        for name in sorted(places, key=lambda name: (len(name), name)):
            same = first.setdefault(places[name], name)
            names[name] = names.get(same, same)
    # the longest first: they have the most particular paths
    found = sorted(own.items(), key=lambda item: -len(item[1]))
    return Places(tuple((_compiled(pattern), names[name]) for name, pattern in found))


def _real(distro: Distro) -> dict[str, str]:
    return {name: _MERGED.sub(r"/usr/\1", text) for name, text in _expanded(distro)}


def _expanded(distro: Distro) -> Iterator[tuple[str, str]]:
    for name, text in places_of(distro).items():
        path = _MACRO.sub(lambda match: RPM_MACROS.get(match[1], match[0]), text)
        # Debian's multiarch directories: Policy 9.1.1
        yield name, path.replace("/usr/lib/*", "/usr/lib/*-linux-*")


def _compiled(pattern: str) -> re.Pattern[str]:
    text = "[^/]*".join(map(re.escape, pattern.split("*")))
    return re.compile(rf"{text}(?=/|\Z)")
