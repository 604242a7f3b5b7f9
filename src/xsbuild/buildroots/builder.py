# SPDX-License-Identifier: Apache-2.0
"""What every builder offers, and what it gets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.buildroot import Entry
from xsbuild.distros.model import Distro

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
        """Return the configuration that can change a result, for the task's key."""

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build `request` in a copy of `base`, saying each step to `step` as it starts.

        Raises:
            BuildError: it did not build; says why.
        """


@runtime_checkable
class Enterable(Protocol):
    """A builder that leaves in ``request.scratch`` what `session.reopened` mounts again."""

    def entry(self, request: BuildRequest, step: str) -> Entry:
        """Return how to enter the buildroot in the state of a step."""
