# SPDX-License-Identifier: Apache-2.0
"""The interface of a family's roots of appliances."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from xsbuild.appliance import deb, rpm
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.distros.model import Family


class RootFamily(Protocol):
    """A family's roots, implemented by the modules ``deb.py`` and ``rpm.py`` (PEP 544)."""

    @property
    def initrd(self) -> str:
        """The name of a kernel's initrd in /boot, with ``{version}``."""

    @property
    def mkimage(self) -> str:
        """GRUB's program that makes an image."""

    @property
    def signed(self) -> Mapping[str, str]:
        """File in EFI/BOOT → pattern of a boot loader in the root that Secure Boot starts."""

    @property
    def cleared(self) -> Sequence[str]:
        """Patterns of files and directories that packages are installed with, and not needed."""

    def slim(self, root: Buildroot) -> None:
        """Leave out documentation of the packages that are installed next."""

    def settle(self, root: Buildroot, repository: Path, dependencies: Sequence[str]) -> None:
        """Leave the package manager as on an installed host.

        Args:
            root: the root.
            repository: the published repository, to be found on the medium.
            dependencies: packages that only others require.
        """


_FAMILIES: Mapping[Family, RootFamily] = {Family.DEB: deb, Family.RPM: rpm}


def root_family(family: Family) -> RootFamily:
    """Return the roots of a family."""
    return _FAMILIES[family]
