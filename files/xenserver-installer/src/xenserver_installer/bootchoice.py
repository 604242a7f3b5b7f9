# SPDX-License-Identifier: Apache-2.0
"""The boot choice: which of two systems starts, in one sector of a partition without file system.

It is an environment block of GRUB, whose text fits in one sector. A sector is written whole or
not at all, so that a power cut leaves the old choice or the new one.
"""

from dataclasses import dataclass, replace
from typing import Literal

from xenserver_installer.errors import InstallError

Slot = Literal["a", "b"]
SECTOR, BLOCK = 512, 1024  # GRUB's environment block has two sectors
_HEADER = "# GRUB Environment Block\n"


@dataclass(frozen=True)
class BootChoice:
    """Which system starts.

    Attributes:
        active: the system that starts.
        root_a, root_b: the UUID of its root file system; "" if it is not installed.
        title_a, title_b: its name in the boot menu.
    """

    active: Slot
    root_a: str = ""
    root_b: str = ""
    title_a: str = ""
    title_b: str = ""

    @property
    def other(self) -> Slot:
        """The system that does not start."""
        return "b" if self.active == "a" else "a"

    def root(self, slot: Slot) -> str:
        """Return the UUID of a system's root file system."""
        return self.root_a if slot == "a" else self.root_b

    def switched(self, slot: Slot, root: str, title: str) -> "BootChoice":
        """Return the choice of a new system; the other one stays as it is."""
        if slot == "a":
            return replace(self, active="a", root_a=root, title_a=title)
        return replace(self, active="b", root_b=root, title_b=title)


def render_choice(choice: BootChoice) -> bytes:
    """Return the environment block.

    Raises:
        InstallError: it does not fit in a sector.
    """
    lines = (f"{key}={value}\n" for key, value in vars(choice).items())
    text = _HEADER + "".join(lines)
    if len(text.encode()) > SECTOR:
        raise InstallError("the titles in the boot menu are too long")
    return text.encode().ljust(BLOCK, b"#")


def parse_choice(block: bytes) -> BootChoice | None:
    """Read an environment block; None if it is not one that chooses a system."""
    text = block.decode(errors="replace")
    if not text.startswith(_HEADER):
        return None
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    known = {key: values.get(key, "") for key in ("root_a", "root_b", "title_a", "title_b")}
    active = values.get("active")
    if active == "a":
        return BootChoice("a", **known)
    return BootChoice("b", **known) if active == "b" else None
