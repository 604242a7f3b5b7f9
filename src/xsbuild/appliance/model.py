# SPDX-License-Identifier: Apache-2.0
"""What an appliance is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xsbuild.distros.model import Distro
from xsbuild.manifest.appliance import Appliance

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """One appliance for one distro.

    Attributes:
        name: the appliance's.
        appliance: its definition.
        distro: its base.
        repository: the published, signed repository, an absolute path.
        packages: names of packages of the repository to install.
        version: the product's.
        epoch: the time of all files that would be newer, in seconds since 1970.
        network: whether the distro's archive may be asked for packages.
        log: takes the output of all programs.
    """

    name: str
    appliance: Appliance
    distro: Distro
    repository: Path
    packages: tuple[str, ...]
    version: str
    epoch: int
    network: bool
    log: Path

    @property
    def stem(self) -> str:
        """The name of its files, without a suffix."""
        return f"{self.name}-{self.version}-{self.distro.name}"
