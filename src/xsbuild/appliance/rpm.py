# SPDX-License-Identifier: Apache-2.0
"""Roots of the rpm family; see `family.RootFamily`."""

from collections.abc import Sequence
from configparser import ConfigParser
from io import StringIO
from pathlib import Path

from xsbuild.appliance.place import MEDIUM, put
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.repos.signing import KEY
from xsbuild.repos.yum import REPO

initrd = "initramfs-{version}.img"
mkimage = "grub2-mkimage"
signed = {
    "BOOTX64.EFI": "boot/efi/EFI/*/shimx64.efi",
    "mmx64.efi": "boot/efi/EFI/*/mmx64.efi",
    "grubx64.efi": "boot/efi/EFI/*/gcdx64.efi",
}
cleared = ("var/cache/dnf", "var/lib/dnf/history*", "var/log/dnf*")
_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-xsbuild"
# rpm(8), macros: whoever installs packages later gets as little
_SLIM = b"%_excludedocs 1\n%_install_langs C.utf8:en\n"


def slim(root: Buildroot) -> None:
    """Leave out documentation of the packages that are installed next."""
    put(root, "/etc/rpm/macros.xenserver-appliance", _SLIM)


def settle(root: Buildroot, repository: Path, dependencies: Sequence[str]) -> None:  # noqa: ARG001
    """Leave the package manager as on an installed host; see `family.RootFamily`."""
    parser = ConfigParser(interpolation=None)
    parser.read(repository / REPO)
    address = f"file://{MEDIUM}/repository"
    parser["xsbuild"].update(baseurl=address, gpgkey=f"file://{_KEY}", enabled="0")
    text = StringIO()
    parser.write(text)
    put(root, f"/etc/yum.repos.d/{REPO}", text.getvalue().encode())
    put(root, _KEY, (repository / KEY).read_bytes())
