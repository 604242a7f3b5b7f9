# SPDX-License-Identifier: Apache-2.0
"""Files that are in two packages, which can then not be installed together."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from xsbuild.capabilities.versions import satisfies
from xsbuild.distros.model import Distro
from xsbuild.engine.file_lists import FileLists
from xsbuild.manifest.model import Component, Package
from xsbuild.manifest.requirement import Requirement

SHARED_HINT = (
    "list each file in one package; packages that exclude each other state `conflicts`, and one "
    "that takes over files of an earlier version `replaces`"
)
_SHOWN = 3
# On every distro with a merged /usr these are links into it.
_MERGED = re.compile(r"^/(?=(?:bin|sbin|lib\w*)/)")


def shared_files(
    lists: FileLists, components: Mapping[str, Component], distro: Distro
) -> Iterator[str]:
    """Describe the files that two packages own, a sentence for each pair of packages.

    Directories may be shared. Packages that exclude each other, or of which one takes over the
    other's files by `replaces`, may share all.

    Args:
        lists: what each package has.
        components: package → the component that it is of; packages of no component are left out.
        distro: for which distro.
    """
    for pair, paths in sorted(_owned_by_two(lists).items()):
        one, other = pair
        if one not in components or other not in components:
            continue
        if _excludes(one, other, components, distro) or _excludes(other, one, components, distro):
            continue
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        yield f"{one} and {other} both have {', '.join(sorted(paths)[:_SHOWN])}{more}"


def _owned_by_two(lists: FileLists) -> dict[tuple[str, str], list[str]]:
    owners: dict[str, list[tuple[str, str]]] = {}
    for package, files in lists.items():
        for path, kind in files.items():
            owners.setdefault(_MERGED.sub("/usr/", path), []).append((package, kind))
    found: dict[tuple[str, str], list[str]] = {}
    for path, entries in owners.items():
        for (one, kind), (other, other_kind) in combinations(entries, 2):
            if one != other and not kind == other_kind == "d":
                pair = (one, other) if one < other else (other, one)
                found.setdefault(pair, []).append(path)
    return found


def _excludes(one: str, other: str, components: Mapping[str, Component], distro: Distro) -> bool:
    """Return whether a package conflicts with another, or replaces it."""
    package, version = components[one].packages[one], components[other].version
    facts = components[other].packages[other]
    names = {other, *(item.capability.name for item in facts.provides)}
    names |= {offer.name for offer in facts.offers}
    return any(
        item.capability.name in names and satisfies(version, item.constraints, distro.family)
        for item in _exclusive(package)
    )


def _exclusive(package: Package) -> tuple[Requirement, ...]:
    return (*package.conflicts, *package.replaces)
