# SPDX-License-Identifier: Apache-2.0
"""Places: names of directories whose paths differ between families and distros."""

import re
from collections.abc import Callable, Mapping

from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.yamlfile import nearest

_PLACE = re.compile(r"\{([a-z0-9_]+)\}")
_BRACES = re.compile(r"[{}]")

# Equal in all families; a spec file has macros for them.
COMMON = {
    "prefix": "/usr",
    "bindir": "/usr/bin",
    "sbindir": "/usr/sbin",
    "libexecdir": "/usr/libexec",
    "sysconfdir": "/etc",
    "localstatedir": "/var",
    "sharedstatedir": "/var/lib",
    "datadir": "/usr/share",
    "mandir": "/usr/share/man",
    "includedir": "/usr/include",
    "unitdir": "/usr/lib/systemd/system",
    "sysusersdir": "/usr/lib/sysusers.d",
    "tmpfilesdir": "/usr/lib/tmpfiles.d",
    "udevrulesdir": "/usr/lib/udev/rules.d",
}

# GNU directory variables; file(1)-system hierarchy; multiarch: Debian Policy 9.1.1
_FAMILY: Mapping[Family, Mapping[str, str]] = {
    Family.DEB: {
        **COMMON,
        "kerneldir": "/usr/src/linux-headers-*",
        "libdir": "/usr/lib/*",
        "python3_sitelib": "/usr/lib/python3/dist-packages",
        "python3_sitearch": "/usr/lib/python3/dist-packages",
        "ocamldir": "/usr/lib/ocaml",
    },
    # https://docs.fedoraproject.org/en-US/packaging-guidelines/RPMMacros/
    Family.RPM: {
        "prefix": "%{_prefix}",
        "bindir": "%{_bindir}",
        "sbindir": "%{_sbindir}",
        "libexecdir": "%{_libexecdir}",
        "sysconfdir": "%{_sysconfdir}",
        "localstatedir": "%{_localstatedir}",
        "sharedstatedir": "%{_sharedstatedir}",
        "datadir": "%{_datadir}",
        "mandir": "%{_mandir}",
        "includedir": "%{_includedir}",
        "unitdir": "%{_unitdir}",
        "sysusersdir": "%{_sysusersdir}",
        "tmpfilesdir": "%{_tmpfilesdir}",
        "udevrulesdir": "%{_udevrulesdir}",
        "kerneldir": "/usr/src/kernels/*",
        "libdir": "%{_libdir}",
        "python3_sitelib": "%{python3_sitelib}",
        "python3_sitearch": "%{python3_sitearch}",
        "ocamldir": "%{_libdir}/ocaml",
    },
}


# All places of a manifest.
PLACES = frozenset(_FAMILY[Family.DEB])

# Left out: sbindir (Fedora merged it with bindir), libexecdir (openSUSE: /usr/lib), unitdir.
_SAME_EVERYWHERE = {
    name: COMMON[name]
    for name in (
        "prefix",
        "bindir",
        "sysconfdir",
        "localstatedir",
        "sharedstatedir",
        "datadir",
        "mandir",
        "includedir",
    )
}


def same_everywhere(text: str) -> str | None:
    """Return the path if it is the same on every distro, else None."""
    if all(name in _SAME_EVERYWHERE for name in names_in(text)):
        return expand(text, _SAME_EVERYWHERE)
    return None


def family_places(family: Family) -> Mapping[str, str]:
    """Return the places of a family, without a distro's overrides."""
    return _FAMILY[family]


def places_of(distro: Distro) -> dict[str, str]:
    """Return the places of a distro: its family's, overridden by the distro's file."""
    return {**_FAMILY[distro.family], **distro.places}


def names_in(text: str) -> list[str]:
    """Return the names in braces in a text."""
    return _PLACE.findall(text)


def has_other_braces(text: str) -> bool:
    """Return whether a text has braces around something that cannot be a name."""
    return _BRACES.search(_PLACE.sub("", text)) is not None


def expand(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """Replace names in braces by their values.

    Args:
        text: with names in braces.
        values: name → value.
        escape: applied to the text between the names, not to the values.

    Raises:
        InputError: a name is unknown.
    """

    def value(name: str) -> str:
        if name not in values:
            raise InputError(
                f"unknown place {{{name}}} in {text!r}",
                hint=nearest(name, values),
                code="XSB-MANIFEST-UNKNOWN-PLACE",
            )
        return values[name]

    parts = _PLACE.split(text)  # text and names in turn
    return "".join(value(part) if i % 2 else escape(part) for i, part in enumerate(parts))
