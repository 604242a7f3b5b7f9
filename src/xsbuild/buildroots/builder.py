# SPDX-License-Identifier: Apache-2.0
"""What every builder offers, and which one to take."""

import grp
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, runtime_checkable

from xsbuild.buildroots.base import Base
from xsbuild.buildroots.buildroot import Entry
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.host.process import is_program

# Where a buildroot sees the private repository; its `xsbuild.sources` says the same.
REPOSITORY = Path("/xsbuild/repository")


def always(_installed: Sequence[str]) -> bool:
    """Compile whatever is installed; see `BuildRequest.proceed`."""
    return True


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One source package to build.

    Attributes:
        component: its name in the manifest.
        distro: for which distro.
        source: the ``.dsc``, or for the rpm family the ``.src.rpm`` or the directory with the spec.
        repository: a signed repository of exactly the internal build dependencies, with a
            ``xsbuild.sources`` that places it at `REPOSITORY`; None where there are none.
        jobs: how many threads the build may use.
        epoch: SOURCE_DATE_EPOCH, in seconds.
        results: an existing empty directory for the packages.
        scratch: an existing directory of this task, removed by its owner afterwards.
        log: the file to which everything the build prints is appended.
        layers: the folder of kept layers of build dependencies.
        closure: component → digest of its packages, for all that are in `repository`.
        elsewhere: build as another user, on a host of another name and, where the family's tools
            hide it, in another directory: packages are the same all the same.
        proceed: asked when the build dependencies are installed, with all packages that are there
            then, sorted, each ``NAME=VERSION`` with its architecture as the family's tools write
            it; where it says no, nothing is compiled. A builder that does not know does not ask.
    """

    component: str
    distro: Distro
    source: Path
    repository: Path | None
    jobs: int
    epoch: int
    results: Path
    scratch: Path
    log: Path
    layers: Path
    closure: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False
    proceed: Callable[[Sequence[str]], bool] = always


class Builder(Protocol):
    """Builds one source package in a clean buildroot."""

    @property
    def name(self) -> str:
        """Its name on the command line."""

    def options(self) -> dict[str, str]:
        """The part of its configuration that can change a result, for the task's key."""

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build `request` in a copy of `base`, saying each step to `step` as it starts.

        Raises:
            BuildError: it did not build; says why.
        """


@runtime_checkable
class Enterable(Protocol):
    """A builder that leaves in ``request.scratch`` what `session.reopened` mounts again."""

    def entry(self, request: BuildRequest, step: str) -> Entry:
        """How to enter its buildroot in the state that a step saw."""


_BUILDERS = {
    "pbuilder": ("xsbuild.buildroots.pbuilder", "Pbuilder"),
    "sbuild": ("xsbuild.buildroots.sbuild", "Sbuild"),
    "mock": ("xsbuild.buildroots.mock", "Mock"),
    "dnf": ("xsbuild.buildroots.dnf", "Dnf"),
}
_FAMILIES = {Family.DEB: ("pbuilder", "sbuild"), Family.RPM: ("mock", "dnf")}


def builder_named(name: str) -> Builder:
    """Return the builder that a user names.

    Raises:
        InputError: there is none of that name.
    """
    if name not in _BUILDERS:
        raise InputError(
            f"no builder {name}",
            hint=f"builders: {', '.join(_BUILDERS)}",
            code="XSB-USAGE-UNKNOWN-NAME",
        )
    module, kind = _BUILDERS[name]
    builder: Builder = getattr(import_module(module), kind)()
    return builder


def builder_for(name: str | None, distro: Distro) -> str:
    """The builder that a user names for a distro, or the default one.

    Raises:
        InputError: it cannot build for the distro's family.
    """
    builders = _FAMILIES[distro.family]
    if name is None:
        return default_builder(distro.family)
    if name not in builders:
        raise InputError(
            f"--builder {name}: not a builder for {distro.title}",
            hint=f"use one of the {distro.family} family: {', '.join(builders)}",
            code="XSB-USAGE-ARGUMENT",
        )
    return name


def default_builder(family: Family) -> str:
    """The builder to take where the user names none: the fastest that this user may run."""
    if family is Family.DEB:
        return "pbuilder"
    return "mock" if _may_use_mock() else "dnf"


def _may_use_mock() -> bool:
    if not is_program("mock"):
        return False
    with suppress(KeyError):
        return os.geteuid() == 0 or grp.getgrnam("mock").gr_gid in os.getgroups()
    return False
