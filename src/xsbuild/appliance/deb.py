# SPDX-License-Identifier: Apache-2.0
"""Roots of the deb family; see `family.RootFamily`."""

from collections.abc import Sequence
from pathlib import Path

from debian.deb822 import Deb822

from xsbuild.appliance.place import MEDIUM, put
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.repos.apt import SOURCES

initrd = "initrd.img-{version}"
mkimage = "grub-mkimage"
signed = {
    "BOOTX64.EFI": "usr/lib/shim/shimx64.efi.signed",
    "mmx64.efi": "usr/lib/shim/mmx64.efi.signed",
    "grubx64.efi": "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed",
}
cleared = (
    "etc/apt/apt.conf.d/xsbuild",
    "etc/apt/preferences.d/xsbuild",
    "usr/sbin/policy-rc.d",
    "var/cache/apt/*.bin",
    "var/cache/apt/archives/*.deb",
    "var/cache/debconf/*-old",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
)
# dpkg.cfg(5); licences stay, as they must
_SLIM = b"""path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/info/*
"""


def slim(root: Buildroot) -> None:
    """Leave out documentation of the packages that are installed next."""
    put(root, "/etc/dpkg/dpkg.cfg.d/xenserver-appliance", _SLIM)


def settle(root: Buildroot, repository: Path, dependencies: Sequence[str]) -> None:
    """Leave the package manager as on an installed host; see `family.RootFamily`."""
    if dependencies:
        root.run(["apt-mark", "auto", *dependencies])
    sources = Deb822((repository / SOURCES).read_text())
    sources["URIs"] = f"file:{MEDIUM}/repository"
    sources["Enabled"] = "no"
    put(root, f"/etc/apt/sources.list.d/{SOURCES}", sources.dump().encode())
