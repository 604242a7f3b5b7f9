# SPDX-License-Identifier: Apache-2.0
"""Versions, names and repositories of the rpm family; see `family.CapabilityFamily`."""

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from xsbuild.capabilities.records import Archives
from xsbuild.distros.model import Distro
from xsbuild.manifest.places import places_of
from xsbuild.manifest.requirement import Requirement
from xsbuild.settings import Settings

_VERSION_PART = re.compile(r"~|\^|\d+|[A-Za-z]+")
# Kinds that rpm packages provide under the same names, versions included.
_PROVIDES = ("pkgconfig", "cmake", "perl", "python3dist")
# Files listed in the primary metadata of every rpm repository, which each solver reads.
_PRIMARY = ("/usr/bin/", "/usr/sbin/", "/etc/")
# Not %{_unitdir}: a spec file is parsed before the package that defines it is installed.
_UNITS = "/usr/lib/systemd/system"


def upstream(version: str) -> str:
    """Return the upstream part of a version."""
    return version.rpartition(":")[2].partition("-")[0]


def newer(one: str, other: str) -> bool:
    """Return whether one full version is later than another."""
    return next((order > 0 for order in _compare_evr(one, other) if order), False)


def _compare_evr(one: str, other: str) -> Iterator[int]:
    for left, right in zip(_evr(one), _evr(other), strict=True):
        yield compare(left, right)


def _evr(text: str) -> tuple[str, str, str]:
    epoch, colon, rest = text.partition(":")
    version, _, release = (rest if colon else text).partition("-")
    return (epoch if colon else "0", version, release)


def compare(one: str, other: str) -> int:
    """Compare two versions (or release) as rpm does: -1, 0 or 1.

    Source: rpm's manual, "Dependencies", and `rpm.vercmp`, against which it is tested.
    """
    for left, right in zip_longest(_VERSION_PART.findall(one), _VERSION_PART.findall(other)):
        order = 0 if left == right else _compare_part(left, right)
        if order:
            return order
    return 0


def _compare_part(left: str | None, right: str | None) -> int:
    if "~" in (left, right):
        return -1 if left == "~" else 1
    if left is None or right is None:
        return -1 if left is None else 1
    if "^" in (left, right):
        return -1 if left == "^" else 1
    if left.isdigit() and right.isdigit():
        return (int(left) > int(right)) - (int(left) < int(right))
    if left.isdigit() or right.isdigit():
        return 1 if left.isdigit() else -1
    return (left > right) - (left < right)


def path_of(requirement: Requirement, distro: Distro) -> str | None:
    """Return the file that a requirement stands for, if its path is known.

    A spec file may require a path, but not every solver reads all lists of files.
    """
    capability = requirement.capability
    if requirement.constraints:
        return None
    if capability.kind == "file":
        return capability.name
    if capability.kind == "unit":
        return f"{_UNITS}/{capability.name}"
    if capability.kind == "header":
        return f"{places_of(distro)['includedir']}/{capability.name}"
    return None


def native_name(requirement: Requirement, *, locked: bool) -> str | None:
    """Return a name that packages provide, or a path in the primary metadata."""
    capability = requirement.capability
    if capability.kind in _PROVIDES:
        return str(capability)
    path = f"/usr/bin/{capability.name}" if capability.kind == "bin" else capability.name
    # A program may be in /usr/sbin, and some solvers read no paths outside primary metadata.
    # Paths have no versions.
    plain = not locked and not requirement.constraints
    if capability.kind in ("bin", "file") and plain and path.startswith(_PRIMARY):
        return path
    return None


def fetch(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> Archives | None:
    """Fetch the repositories' metadata."""
    # Imported late: every build looks up names, few fetch indexes.
    from xsbuild.capabilities.rpmindex import fetch_rpm  # noqa: PLC0415

    return fetch_rpm(distro, settings, folder, step)
