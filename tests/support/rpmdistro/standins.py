# SPDX-License-Identifier: Apache-2.0
"""Packages that have the names and files of a Xen platform, and nothing that runs.

The product's meta-packages are installed with them; the real ones are far too large for a test.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from .payload import Payload
from .recipe import HERE

_SCRIPT = "#!/bin/sh\n"
# name → version, paths
_PACKAGES = {
    "xen-hypervisor": ("4.20.1", ["/boot/xen.gz"]),
    "xen-runtime": ("4.20.1", [f"/usr/sbin/{name}" for name in ("oxenstored", "xenstored", "xl")]),
    "xen-devel": ("4.20.1", ["/usr/include/xen/xen.h", "/usr/lib64/pkgconfig/xencontrol.pc"]),
    "kernel": ("6.12.0", ["/boot/vmlinuz"]),
    "qemu-system-x86-core": ("10.0.0", ["/usr/bin/qemu-system-i386"]),
    "libvirt-daemon": ("11.0.0", ["/usr/lib/systemd/system/libvirtd.service"]),
    "libvirt-daemon-driver-libxl": ("11.0.0", ["/usr/lib64/libvirt_driver_libxl.so"]),
    "libvirt-client": ("11.0.0", ["/usr/bin/virsh"]),
}
_PC = "Name: xencontrol\nDescription: stands in\nVersion: 4.20\n"


def make_standins(folder: Path) -> Iterator[Path]:
    """Makes these packages in a folder."""
    for name, (version, paths) in _PACKAGES.items():
        with TemporaryDirectory(dir=folder, prefix=".work-") as work:
            payload = Payload(name, version, "1", Path(work), noarch=True, requires=["filesystem"])
            for path in paths:
                program = path.startswith(("/usr/bin/", "/usr/sbin/"))
                text = _PC if path.endswith(".pc") else _SCRIPT if program else ""
                payload.add_file(path, text, 0o755 if program else 0o644)
            yield payload.build(folder)
    yield _kernel_devel(folder)


def _kernel_devel(folder: Path) -> Path:
    """Makes the package that has the configuration of the distro's kernel."""
    with TemporaryDirectory(dir=folder, prefix=".work-") as work:
        payload = Payload("kernel-devel", "6.12.0", "1", Path(work), requires=["filesystem"])
        text = (HERE / "files/kernel.config").read_text()
        payload.add_file("/usr/src/kernels/6.12.0-1.x86_64/.config", text)
        return payload.build(folder)
