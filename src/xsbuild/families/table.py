# SPDX-License-Identifier: Apache-2.0
"""Which module has the steps of which family."""

# A family's module is imported when it is used: half of them takes as long as all the rest.
# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping

from xsbuild.distros.model import Distro, Family
from xsbuild.families.model import PackageFamily


def _deb() -> PackageFamily:
    from xsbuild.families import deb

    return deb


def _rpm() -> PackageFamily:
    from xsbuild.families import rpm

    return rpm


_FAMILIES: Mapping[Family, Callable[[], PackageFamily]] = {Family.DEB: _deb, Family.RPM: _rpm}


def family_of(distro: Distro) -> PackageFamily:
    """The steps of a distro's family."""
    return _FAMILIES[distro.family]()
