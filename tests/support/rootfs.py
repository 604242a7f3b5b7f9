# SPDX-License-Identifier: Apache-2.0
"""A root of an RPM distribution, installed by dnf, as a disk that Xen and its dom0 boot from."""

import gzip
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from machine import Hardware
from xsbuild.distros.dnf import distro_repositories, host_dnf
from xsbuild.distros.model import Distro
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace

_XEN = "console=com1 com1=115200,8n1 dom0_mem=1024M noreboot"
# An emulated machine takes minutes where systemd expects seconds.
_LINUX = "root=/dev/vda rw console=hvc0 systemd.default_timeout_start_sec=900"


@dataclass(frozen=True)
class Dom0:
    """A system on a disk.

    Attributes:
        disk: the image of its file system.
        xen, kernel, initramfs: files outside it, as QEMU loads them in place of GRUB.
    """

    disk: Path
    xen: Path
    kernel: Path
    initramfs: Path

    def hardware(self) -> Hardware:
        """A machine that starts it."""
        modules = f"{self.kernel} {_LINUX},{self.initramfs}"
        more = ("-kernel", str(self.xen), "-append", _XEN, "-initrd", modules)
        return Hardware(disks=(self.disk,), memory=2560, more=more)


def install_root(
    folder: Path, distro: Distro, repository: Path, packages: Iterable[str], log: Path
) -> Path:
    """Installs packages of a distro and of a published repository; returns the root's directory.

    Args:
        folder: made for it.
        distro: the distro.
        repository: with the file that tells dnf of it; its packages and index must be signed.
        packages: their names.
        log: for dnf's output.
    """
    root = folder / "root"
    root.mkdir(parents=True)
    repositories = {
        "distro.repo": distro_repositories(distro, {}),
        "xsbuild.repo": (repository / "xsbuild.repo").read_text(),
    }
    with private_namespace() as namespace:
        host = host_dnf(distro, root, folder / "dnf", namespace, repositories, refresh=True)
        host.dnf("install", *packages, log=log)
    return root


def dom0_of(root: Path, folder: Path, size: str = "3G") -> Dom0:
    """Makes a disk of a root that has one Xen and one kernel.

    Args:
        root: the root's directory; removed, as the disk has it.
        folder: an existing directory, for the disk.
        size: of the disk.
    """
    xen, kernel, initramfs = folder / "xen", folder / "vmlinuz", folder / "initramfs.img"
    xen.write_bytes(gzip.decompress(_only(root, "xen-*.gz").read_bytes()))
    shutil.copy(_only(root, "vmlinuz-*"), kernel)
    shutil.copy(_only(root, "initramfs-*.img"), initramfs)
    (root / "etc/machine-id").write_text("")
    disk = folder / "dom0.img"
    process.run(["mkfs.ext4", "-q", "-d", root, disk, size])
    shutil.rmtree(root)
    return Dom0(disk, xen, kernel, initramfs)


def _only(root: Path, pattern: str) -> Path:
    """The file in /boot that is no link to it."""
    (found,) = (path for path in root.glob(f"boot/{pattern}") if not path.is_symlink())
    return found
