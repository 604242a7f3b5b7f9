# SPDX-License-Identifier: Apache-2.0
"""Findings of checks, and the interface of a family's package manager."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.distros.model import Distro
from xsbuild.errors import XsbuildError


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as it should be.

    Attributes:
        package: whose fault it is; empty where no single one is known.
        subject: the file, unit, user or version that it is about; empty for the package itself.
        reason: what was expected and what is there.
        output: the lines of a tool's output that matter.
    """

    package: str
    subject: str
    reason: str
    output: str = ""

    def __str__(self) -> str:
        words = ": ".join(word for word in (self.package, self.subject, self.reason) if word)
        return "\n".join([words, *(f"    | {line}" for line in self.output.splitlines())])


class PackagesError(XsbuildError):
    """A package manager refused or failed.

    Attributes:
        failures: why, one for each cause.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(map(str, failures)), code="XSB-TEST-PACKAGES")
        self.failures = tuple(failures)


_LEFT = re.compile(r"^xsbuild: left running: (.+?) *$", re.MULTILINE)
LEFT_RUNNING = Path(__file__).with_name("left-running")


@dataclass(frozen=True, slots=True)
class Place:
    """A chroot to try packages in.

    Attributes:
        distro: for which distro.
        repository: the published repository, an absolute path on the host.
        base: of which the chroot is a copy.
        root: the chroot.
        served_at: the URI of the repository on the loopback interface; None to read its files.
        network: whether the distro's archive may be asked for packages.
        scratch: an existing directory on the host.
        log: takes the output of the package manager.
    """

    distro: Distro
    repository: Path
    base: Base
    root: Buildroot
    served_at: str | None
    network: bool
    scratch: Path
    log: Path


def parse_left_running(output: str) -> list[str]:
    """Return the command lines of processes that ``left-running`` saw."""
    return _LEFT.findall(output)


class PackageManager(Protocol):
    """A family's package manager inside one chroot.

    Whatever changes packages returns the processes it left running, each as its command line, and
    raises `PackagesError` where it fails.
    """

    @property
    def state(self) -> Sequence[str]:
        """Files and directories that it and its distro write whenever packages change."""

    def update(self) -> None:
        """Read the repositories' indexes and check their signatures.

        Raises:
            PackagesError: one is refused; says which and why.
        """

    def offered(self) -> Mapping[str, frozenset[str]]:
        """Return the packages in the repository under test: name → versions."""

    def plan(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return packages that an installation would add: name → version.

        Raises:
            PackagesError: it is impossible; says which dependency is missing.
        """

    def download(self, names: Sequence[str]) -> None:
        """Fetch the packages for `install`; later steps use no network."""

    def install(self, names: Sequence[str]) -> Sequence[str]:
        """Install packages with their dependencies, without recommended packages."""

    def reinstall(self, names: Sequence[str]) -> Sequence[str]:
        """Install the same versions again."""

    def remove(self, names: Sequence[str]) -> Sequence[str]:
        """Remove packages; configuration may stay."""

    def purge(self, names: Sequence[str]) -> Sequence[str]:
        """Remove packages with their configuration, also those that were removed before."""

    def installed(self) -> Mapping[str, str]:
        """Return installed packages: name → version."""

    def files(self, name: str) -> Sequence[str]:
        """Return absolute paths of a package's files and directories."""

    def config_files(self, name: str) -> Sequence[str]:
        """Return absolute paths of a package's configuration files."""

    def altered(self, name: str) -> Sequence[str]:
        """Return absolute paths of files that differ from the package's, configuration excepted."""
