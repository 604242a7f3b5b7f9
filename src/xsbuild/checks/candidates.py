# SPDX-License-Identifier: Apache-2.0
"""The planned packages of a distro, for a solver of its family."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xsbuild.capabilities.solve import Unmet
from xsbuild.distros.model import IndexStamp
from xsbuild.planner.target import Target
from xsbuild.recipes.tree import FileTree

BUILD = "its build needs"
USE = "it needs"
# what for, `BUILD` or `USE`, and why that cannot be installed
Unsolved = tuple[str, Unmet]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The planned packages.

    Attributes:
        target: the distro.
        trees: component → its packaging.
        blocked: components that cannot be packaged yet.
        metas: meta-package → what it requires, as the family writes it.
        since: indexes of archives that are older are refreshed.
        step: takes progress, a line each.
    """

    target: Target
    trees: Mapping[str, FileTree]
    blocked: Sequence[str]
    metas: Mapping[str, Sequence[str]]
    since: datetime.date
    step: Callable[[str], None]

    @property
    def meta_version(self) -> str:
        """The version of the meta-packages."""
        return self.target.graph.manifest.product.version

    def assumed(self, components: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Name and version of packages of components that are not known well enough yet.

        They are taken to be there, and to need nothing.
        """
        for name in components:
            component = self.target.graph.manifest.components[name]
            for package in component.packages:
                yield package, component.full_version

    def note_archives(self, stamp: IndexStamp | None) -> None:
        """Report the date of the archives, and whether they are newer than the distro's lock."""
        if stamp:
            self.step(f"{self.target.distro.name}: solving with the archives of {stamp.date}")
        lock = self.target.lock
        outdated = lock.outdated(stamp.hash) if lock and stamp else None
        if outdated:
            self.step(outdated)
