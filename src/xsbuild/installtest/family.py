# SPDX-License-Identifier: Apache-2.0
"""The interface of a family's package manager in an install test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from xsbuild.distros.model import Family
from xsbuild.installtest import apt, dnf
from xsbuild.installtest.model import PackageManager, Place


class ManagerFamily(Protocol):
    """A family's package manager: the names in ``apt.py`` and ``dnf.py`` (PEP 544)."""

    def manager(self, place: Place) -> PackageManager:
        """Set up the package manager of a chroot for the repository under test."""

    def packages_in(self, repository: Path) -> Mapping[str, frozenset[str]]:
        """Name → versions of the packages that a repository's index lists."""

    def published_at(self, repository: Path) -> float | None:
        """Return the time in a repository's index, in seconds since 1970; None if it has none."""


_FAMILIES: Mapping[Family, ManagerFamily] = {Family.DEB: apt, Family.RPM: dnf}


def manager_family(family: Family) -> ManagerFamily:
    """Return the package manager of a family."""
    return _FAMILIES[family]
