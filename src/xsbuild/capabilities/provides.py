# SPDX-License-Identifier: Apache-2.0
"""The capabilities of a package of the manifest, derived from its files."""

import re
from collections.abc import Iterator

from xsbuild.manifest.model import Package
from xsbuild.manifest.places import same_everywhere
from xsbuild.manifest.requirement import INTERNAL, Capability

# Kind → pattern of a path of the manifest that is such a capability.
_PATTERN = re.compile(
    r"\{(?:libdir|datadir)\}/pkgconfig/(?P<pkgconfig>[^/]+)\.pc"
    r"|\{includedir\}/(?P<header>.+\.h)"
    r"|\{s?bindir\}/(?P<bin>[^/]+)"
    r"|\{libdir\}/lib(?P<lib>[^/]+)\.so"
    r"|\{libdir\}/cmake/(?P<cmake>[^/]+)/?"
    r"|\{python3_site(?:lib|arch)\}/(?P<python3>[A-Za-z0-9_]+)(?:\.py|/)"
    r"|\{ocamldir\}/(?P<ocamlfind>[^/]+)/(?:META)?"
)
_WILDCARD = re.compile(r"[*?\[]")


def offers_of(name: str, package: Package) -> frozenset[Capability]:
    """Return the capabilities of a package: its names, those of its files, and its `offers`.

    Files matched by a wildcard or a directory are not considered; list them in `offers`.
    """
    names = [Capability(INTERNAL, name), *(item.capability for item in package.provides)]
    return frozenset([*names, *package.offers, *_of_files(package)])


def _of_files(package: Package) -> Iterator[Capability]:
    for unit in package.units:
        yield Capability("unit", unit.name)
    paths = [*package.files, *package.config, *package.links]
    installed = [
        f"{item.to.rstrip('/')}/{item.source.rpartition('/')[2]}" for item in package.install
    ]
    for path in [*paths, *installed]:
        # A trailing slash means the directory.
        yield from _of_path(path.removesuffix("*") if path.endswith("/*") else path)


def _of_path(path: str) -> Iterator[Capability]:
    if _WILDCARD.search(path):
        return
    match = _PATTERN.fullmatch(path)
    if match and match.lastgroup:
        yield Capability(match.lastgroup, match[match.lastgroup])
    file = same_everywhere(path)
    if file and not file.endswith("/"):
        yield Capability("file", file)
