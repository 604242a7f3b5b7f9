# SPDX-License-Identifier: Apache-2.0
"""The interface of a family's buildroots: bases, builders, shells."""

# A family's module is imported when it is used, as in `xsbuild.families.family`.
# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from xsbuild.buildroots.base_chroots import Base, BaseBuilder, Variant
from xsbuild.buildroots.builder import Builder, BuildRequest
from xsbuild.buildroots.buildroot import Buildroot, Entry
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.settings import Settings


class BuildrootFamily(Protocol):
    """A family's buildroots, implemented by the modules ``deb.py`` and ``rpm.py`` (PEP 544)."""

    @property
    def builders(self) -> Mapping[str, Callable[[], Builder]]:
        """The builders by name."""

    def default_builder(self) -> str:
        """Return the fastest builder that this user may run."""

    def base_builder(self, distro: Distro, variant: Variant, settings: Settings) -> BaseBuilder:
        """Make the base chroot of a distro."""

    def laid_out(
        self, request: BuildRequest, base: Base, step: Callable[[str], None]
    ) -> AbstractContextManager[tuple[Buildroot, Entry]]:
        """Hold a buildroot that is ready to compile.

        A dependency that cannot be installed is reported but no error: it may be the reason for
        opening a shell.

        Args:
            request: the source package; `results` is not used.
            base: the base, not changed.
            step: called with each line of progress.

        Returns:
            A context with the buildroot, and how to enter it.
        """


def _deb() -> BuildrootFamily:
    from xsbuild.buildroots import deb

    return deb


def _rpm() -> BuildrootFamily:
    from xsbuild.buildroots import rpm

    return rpm


_FAMILIES: Mapping[Family, Callable[[], BuildrootFamily]] = {Family.DEB: _deb, Family.RPM: _rpm}


def buildroots_of(family: Family) -> BuildrootFamily:
    """Return the buildroots of a family."""
    return _FAMILIES[family]()


def builder_named(name: str, distro: Distro) -> Builder:
    """Return a builder by name.

    Raises:
        InputError: the distro's family has no such builder.
    """
    builders = buildroots_of(distro.family).builders
    if name not in builders:
        raise InputError(
            f"--builder {name}: not a builder for {distro.title}",
            hint=f"use one of the {distro.family} family: {', '.join(builders)}",
            code="XSB-USAGE-ARGUMENT",
        )
    return builders[name]()


def builder_for(name: str | None, distro: Distro) -> str:
    """Return the name of the builder chosen for a distro, or of the default one.

    Raises:
        InputError: it cannot build for the distro's family.
    """
    if name is None:
        return buildroots_of(distro.family).default_builder()
    builder_named(name, distro)
    return name
