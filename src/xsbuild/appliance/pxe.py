# SPDX-License-Identifier: Apache-2.0
"""Files for machines that start over the network.

The medium goes into memory with the initrd, in which dracut finds it as a file: it is the same
medium, with the same signature, and the initrd needs no network.
"""

import shutil
from pathlib import Path

from xsbuild.appliance.boot import rendered
from xsbuild.appliance.model import Order

_ARGUMENTS = (
    "root=live:/medium.iso rd.live.image rd.live.overlay.overlayfs=1 "
    "systemd.unit=xenserver-installer.target xenserver.console=com1 console=tty0 "
    "console=ttyS0,115200"
)


def make_pxe(order: Order, tree: Path, image: Path, folder: Path) -> None:
    """Write the files to an existing empty directory.

    Args:
        order: the appliance.
        tree: the files of its medium.
        image: its medium.
        folder: the directory.
    """
    for name in ("vmlinuz", "initrd.img"):
        shutil.copyfile(tree / "boot" / name, folder / name)
    values = {"title": order.appliance.title, "image": image.name, "arguments": _ARGUMENTS}
    (folder / "boot.ipxe").write_text(rendered("boot.ipxe.j2", values))
    (folder / "grub.cfg").write_text(rendered("pxe-grub.cfg.j2", values))
