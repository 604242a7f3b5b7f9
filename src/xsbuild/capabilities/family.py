# SPDX-License-Identifier: Apache-2.0
"""The interface of a family's versions, names of capabilities and indexes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from xsbuild.capabilities import deb, rpm
from xsbuild.capabilities.records import Archives
from xsbuild.distros.model import Distro, Family
from xsbuild.manifest.requirement import Requirement
from xsbuild.settings import Settings


class CapabilityFamily(Protocol):
    """A family's capabilities, implemented by the modules ``deb.py`` and ``rpm.py`` (PEP 544)."""

    def upstream(self, version: str) -> str:
        """Return the upstream part of a version: no epoch, revision or repacking suffix."""

    def compare(self, one: str, other: str) -> int:
        """Compare two versions without epoch and revision: below 0, 0 or above 0."""

    def newer(self, one: str, other: str) -> bool:
        """Return whether one full version (with epoch and revision) is later than another."""

    def path_of(self, requirement: Requirement, distro: Distro) -> str | None:
        """Return the file that a requirement stands for, if packages may require files by path."""

    def native_name(self, requirement: Requirement, *, locked: bool) -> str | None:
        """Return the name of a requirement that the family's packages provide without a lock.

        Args:
            requirement: what is required.
            locked: whether the lock has a package for it.
        """

    def fetch(
        self, distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
    ) -> Archives | None:
        """Fetch what an index is made from, unless offline.

        Args:
            distro: the distro of the archives.
            settings: mirrors, and whether to stay offline.
            folder: the folder for fetched files.
            step: called with each line of progress.

        Returns:
            The fetched archives; None if offline and never fetched completely.

        Raises:
            MirrorsError: no mirror of an archive has valid indexes.
            CommandFailedError: the same, as reported by the family's tool.
        """


_FAMILIES: Mapping[Family, CapabilityFamily] = {Family.DEB: deb, Family.RPM: rpm}


def capabilities_of(family: Family) -> CapabilityFamily:
    """Return the versions, names and indexes of a family."""
    return _FAMILIES[family]
