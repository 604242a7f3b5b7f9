# SPDX-License-Identifier: Apache-2.0
"""The interface of builders, and their input."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.buildroot import Entry
from xsbuild.distros.model import Distro
from xsbuild.host.process import Guard
from xsbuild.host.timelimit import TimeLimit

# Path of the private repository in a buildroot, as in its `xsbuild.sources`.
REPOSITORY = Path("/xsbuild/repository")


def always(_installed: Sequence[str]) -> bool:
    """Return True: always compile; see `BuildRequest.proceed`."""
    return True


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """A source package to build.

    Attributes:
        component: its name in the manifest.
        distro: the target.
        source: the ``.dsc``, or for the rpm family the ``.src.rpm`` or the directory with the spec.
        repository: a signed repository of exactly the internal build dependencies, with a
            ``xsbuild.sources`` that places it at `REPOSITORY`; None if there are none.
        jobs: number of threads of the build.
        epoch: SOURCE_DATE_EPOCH, in seconds.
        results: an existing empty directory for the packages.
        scratch: an existing directory of this task, removed by the caller.
        log: the file to which all output of the build is appended.
        layers: the folder of layers of build dependencies.
        closure: component → digest of its packages, for all in `repository`.
        elsewhere: build as another user, with another host name and, if the family's tools hide
            it, in another directory; the packages must not differ.
        proceed: called when the build dependencies are installed, with all installed packages,
            sorted, each ``NAME=VERSION`` with its architecture in the family's format; False
            skips compilation. A builder that cannot list them does not call it.
        time_limit: limits of the time of the build.
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
    time_limit: TimeLimit | None = None

    def guard(self) -> Guard | None:
        """Return a guard for a command of the build that starts now; see `TimeLimit.guard`."""
        return self.time_limit.guard(self.log) if self.time_limit else None


class Builder(Protocol):
    """A builder of source packages in clean buildroots."""

    @property
    def name(self) -> str:
        """Its name on the command line."""

    def options(self) -> dict[str, str]:
        """Return the configuration that can change a result, for the task's key."""

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build `request` in a copy of `base`, calling `step` at the start of each step.

        Raises:
            BuildError: the build failed.
        """


@runtime_checkable
class Enterable(Protocol):
    """A builder whose ``request.scratch`` can be mounted again by `reopened`."""

    def entry(self, request: BuildRequest, step: str) -> Entry:
        """Return how to enter the buildroot in the state of a step."""
