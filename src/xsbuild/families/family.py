# SPDX-License-Identifier: Apache-2.0
"""The steps that each family of packages does in its own way, from a recipe to a repository."""

# A family's module is imported when it is used: half of them takes as long as all the rest.
# ruff: noqa: PLC0415

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from xsbuild.capabilities.names import Names
from xsbuild.distros.model import Distro, Family
from xsbuild.manifest.model import MetaPackage, Product
from xsbuild.manifest.requirement import Requirement
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.repos.signing import SigningKey
from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sources.model import Fetched
from xsbuild.store.store import Package


class PackageFamily(Protocol):
    """A family of packages. Its modules have these names: ``deb.py``, ``rpm.py`` (PEP 544)."""

    @property
    def recipes(self) -> str:
        """The folder of a project that has the family's templates."""

    @property
    def in_source(self) -> str:
        """Place of rendered packaging in a source tree; empty if it lies beside it."""

    def render(self, request: RecipeRequest) -> FileTree:
        """Make the packaging of a component.

        Raises:
            RecipeError: a template is wrong, or a requirement has no name.
        """

    def make_source(
        self,
        request: RecipeRequest,
        tree: FileTree,
        sources: Sequence[Fetched],
        target: Path,
        *,
        epoch: int,
        scratch: Path,
        log: Path,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Path:
        """Make the source package, or the directory that a builder makes it from.

        Args:
            request: what was rendered.
            tree: the rendered packaging.
            sources: the component's, in the manifest's order.
            target: an existing empty directory for the result.
            epoch: the date of all files, in seconds.
            scratch: an existing empty directory.
            log: takes the output of the family's tools.
            limits: of unpacking; see `xsbuild.sources.unpack`.

        Raises:
            BuildError: the family's tools refuse it.
        """

    def make_meta(
        self, name: str, meta: MetaPackage, product: Product, names: Names, folder: Path
    ) -> Path:
        """Make a meta-package in a folder; the same arguments give the same bytes.

        Raises:
            RecipeError: a requirement has no name.
        """

    def write_relations(self, wanted: Iterable[Requirement], names: Names) -> list[str]:
        """Return requirements as a package's metadata states them, one relation each."""

    def read_packages(self, folder: Path) -> Mapping[str, Package]:
        """Return file name → package, for the binary packages in a folder."""

    def read_files(self, file: Path) -> Mapping[str, str]:
        """Return the files of a binary package: path → ``d``, ``l`` or ``f``.

        That is a directory, a symbolic link, or another file.
        """

    def write_repository(
        self,
        target: Path,
        packages: Sequence[Path],
        *,
        suite: str,
        title: str,
        architectures: Sequence[str],
        key: SigningKey,
        epoch: int,
        location: str,
        signed_by: str = "",
    ) -> None:
        """Write a signed repository.

        Args:
            target: an existing empty directory.
            packages: the package files.
            suite: the name of its suite, for families that have suites.
            title: one line for people.
            architectures: the family's names.
            key: signs it.
            epoch: the date that it states, in seconds.
            location: its URI for those who use it.
            signed_by: where those who use it have the key; left out for the family's usual place.
        """

    def instructions(
        self, distro: Distro, folder: Path, packages: Sequence[str]
    ) -> tuple[str, ...]:
        """Return the commands that install packages from a published repository, run as root."""


def _deb() -> PackageFamily:
    from xsbuild.families import deb

    return deb


def _rpm() -> PackageFamily:
    from xsbuild.families import rpm

    return rpm


_FAMILIES: Mapping[Family, Callable[[], PackageFamily]] = {Family.DEB: _deb, Family.RPM: _rpm}


def family_of(distro: Distro) -> PackageFamily:
    """Return the steps of a distro's family."""
    return _FAMILIES[distro.family]()
