# SPDX-License-Identifier: Apache-2.0
"""The machine as data: its disks with what they hold, network cards and memory."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from xenserver_installer.bootchoice import SECTOR, BootChoice, parse_choice
from xenserver_installer.errors import InstallError
from xenserver_installer.run import run

_BLANK = 1 << 20  # a disk without signatures counts as empty if it begins with so many zeros
_IGNORED = ("/dev/zram", "/dev/ram", "/dev/fd", "/dev/nbd", "/dev/mtd")
_NAMES = {
    "gpt": "GPT partition table",
    "PMBR": "GPT partition table",
    "dos": "MBR partition table",
    "LVM2_member": "LVM physical volume",
    "linux_raid_member": "RAID member",
    "crypto_LUKS": "encrypted volume",
    "swap": "swap space",
}
CHOICE, INSTALLING = "boot-choice", "installing"  # labels of the partition of the boot choice


@dataclass(frozen=True)
class Region:
    """A partition.

    Attributes:
        disk: the disk, or the file that is one.
        number: 1-based.
        label: its name in the partition table.
        uuid: its identifier in the partition table.
        offset: its start in bytes.
        size: in bytes.
        node: its device file; None if the kernel knows no partitions of the disk, as of a file.
        holds: a description of its content; "" if none was found.
        content: its type as blkid(8) has it; "" if none was found.
    """

    disk: Path
    number: int
    label: str
    uuid: str
    offset: int
    size: int
    node: Path | None = None
    holds: str = ""
    content: str = ""

    @property
    def place(self) -> tuple[Path, int]:
        """The file in which it is, and the offset there in bytes.

        The kernel caches a disk and its partitions separately, so that there is one way to each.
        """
        return (self.node, 0) if self.node else (self.disk, self.offset)

    def read(self, length: int) -> bytes:
        """Read its first bytes."""
        path, offset = self.place
        with path.open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)

    def write(self, content: bytes) -> None:
        """Write its first bytes, to the disk itself."""
        path, offset = self.place
        number = os.open(path, os.O_WRONLY)
        try:
            os.pwrite(number, content, offset)
            os.fsync(number)
        finally:
            os.close(number)


@dataclass(frozen=True)
class Disk:
    """A disk.

    Attributes:
        path: its device file, or a file that is to become a disk image.
        size: in bytes.
        serial, vendor, model, wwn, transport: as lsblk(8) has them; "" if unknown.
        used: why it cannot be written, as "mounted on /"; "" if it can.
        regions: its partitions.
        found: descriptions of everything it holds, partitions excepted.
        choice: the boot choice of an installed system; None if there is none.
        links: other names, in /dev/disk.
    """

    path: Path
    size: int
    serial: str = ""
    vendor: str = ""
    model: str = ""
    wwn: str = ""
    transport: str = ""
    used: str = ""
    regions: tuple[Region, ...] = ()
    found: tuple[str, ...] = ()
    choice: BootChoice | None = None
    links: tuple[Path, ...] = ()

    def region(self, label: str) -> Region | None:
        """Return the partition with a label."""
        return next((region for region in self.regions if region.label == label), None)

    @property
    def contents(self) -> tuple[str, ...]:
        """Descriptions of everything it holds; empty for an interrupted installation."""
        if self.region(INSTALLING):
            return ()
        inside = (
            f"partition {region.number}"
            + (f" ({region.label})" if region.label else "")
            + (f": {region.holds}" if region.holds else "")
            for region in self.regions
        )
        return (*self.found, *inside)

    def __str__(self) -> str:
        words = (str(self.path), self.vendor, self.model, self.serial, shown_size(self.size))
        return ", ".join(word for word in words if word)


@dataclass(frozen=True)
class Nic:
    """A network card."""

    name: str
    mac: str
    driver: str = ""
    vendor: str = ""
    has_link: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.mac})" if self.mac else self.name


@dataclass(frozen=True)
class Machine:
    """A machine.

    Attributes:
        disks: all but those that hold the medium.
        nics: wired network cards.
        memory: in bytes.
        has_efi: it was started by UEFI.
    """

    disks: tuple[Disk, ...]
    nics: tuple[Nic, ...]
    memory: int
    has_efi: bool = False


def shown_size(size: int) -> str:
    """Return a size in a unit that a person reads, as ``8.0 GiB``."""
    number, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while number >= 1024 and len(units) > 1:  # noqa: PLR2004 - binary units
        number /= 1024
        del units[0]
    return f"{number:.1f} {units[0]}"


class _Block(TypedDict, total=False):
    path: str
    type: str
    size: int
    ro: bool
    serial: str | None
    vendor: str | None
    model: str | None
    wwn: str | None
    tran: str | None
    mountpoints: list[str | None]
    children: list["_Block"]


def read_machine(sys: Path = Path("/sys")) -> Machine:
    """Read this machine; reading what disks hold takes root's rights."""
    nics = tuple(_nics(sys / "class/net"))
    return Machine(tuple(_disks()), nics, read_memory(), (sys / "firmware/efi").exists())


def read_memory() -> int:
    """Return the memory of this machine in bytes."""
    return _xen_memory() or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _xen_memory() -> int | None:
    """Return the memory of the host in dom0, which itself sees its own only."""
    if not Path("/proc/xen/capabilities").exists():
        return None
    lines = run(["xl", "info"]).splitlines()
    total = next((line.split(":")[1] for line in lines if line.startswith("total_memory")), None)
    return int(total) << 20 if total else None


def _disks() -> Iterator[Disk]:
    columns = "PATH,TYPE,SIZE,RO,SERIAL,VENDOR,MODEL,WWN,TRAN,MOUNTPOINTS"
    blocks: list[_Block] = json.loads(run(["lsblk", "--json", "--bytes", "--output", columns]))[
        "blockdevices"
    ]
    for block in blocks:
        if block["type"] != "disk" or block["ro"] or not block["size"]:
            continue
        if block["path"].startswith(_IGNORED) or "/run/initramfs/live" in _mounts(block):
            continue
        try:
            yield read_disk(Path(block["path"]), block)
        except InstallError as error:
            yield Disk(Path(block["path"]), block["size"], used=f"not readable: {error}")


def read_disk(path: Path, block: _Block | None = None) -> Disk:
    """Read a disk, or a file that is to become one.

    Args:
        path: device file or file.
        block: the kernel's description.
    """
    if not os.access(path, os.R_OK):
        raise InstallError(f"cannot read {path}: root's rights are needed")
    about = block or {}
    regions = tuple(_regions(path))
    found = tuple(dict.fromkeys(_signatures(path)))
    if not found and not regions and not _is_blank(path):
        found = ("unrecognised data",)
    size = block["size"] if block else path.stat().st_size
    words = [(about.get(key) or "") for key in ("serial", "vendor", "model", "wwn", "tran")]
    serial, vendor, model, wwn, transport = (str(word).strip() for word in words)
    choices = (region.read(SECTOR) for region in regions if region.label == CHOICE)
    choice = parse_choice(next(choices, b""))
    use = _use(block)
    links = tuple(_links(path))
    return Disk(
        path, size, serial, vendor, model, wwn, transport, use, regions, found, choice, links
    )


def _links(path: Path) -> Iterator[Path]:
    for link in sorted(Path("/dev/disk").glob("by-*/*")):
        if link.resolve() == path:
            yield link


def _mounts(block: _Block) -> list[str]:
    own = [place for place in block.get("mountpoints", []) if place]
    return own + [place for child in block.get("children", []) for place in _mounts(child)]


def _use(block: _Block | None) -> str:
    """Return how a disk is in use; "" if it is not."""
    if block is None:
        return ""
    mounts = _mounts(block)
    if mounts:
        return f"in use: mounted on {', '.join(mounts)}"
    for child in block.get("children", []):
        for inner in [child, *child.get("children", [])]:
            if inner["type"] != "part":
                return f"in use: {inner['path']} ({inner['type']}) is active on it"
    return ""


def _is_blank(path: Path) -> bool:
    with path.open("rb") as stream:
        return not any(stream.read(_BLANK))


def _signatures(path: Path) -> Iterator[str]:
    text = run(["wipefs", "--no-act", "--json", "--output", "TYPE,USAGE,LABEL", path])
    for item in json.loads(text)["signatures"] if text.strip() else ():
        yield _name(item["type"], item.get("usage") or "", item.get("label") or "")


def _name(kind: str, usage: str, label: str) -> str:
    name = _NAMES.get(kind) or (f"{kind} file system" if usage == "filesystem" else kind)
    return f"{name} `{label}`" if label else name


def _regions(path: Path) -> Iterator[Region]:
    text = run(["sfdisk", "--json", path], ok=(0, 1))  # 1: no partition table
    if not text.strip():
        return
    table = json.loads(text)["partitiontable"]
    sector = table.get("sectorsize", SECTOR)
    for number, part in enumerate(table["partitions"], 1):
        offset, size = part["start"] * sector, part["size"] * sector
        node = Path(part["node"])
        content = _probe(path, offset, size)
        holds = _name(*content) if content[0] else ""
        yield Region(
            path,
            int(part["node"].removeprefix(str(path)).lstrip("p") or number),
            part.get("name", ""),
            part.get("uuid", "").lower(),
            offset,
            size,
            node if node.is_block_device() else None,
            holds,
            content[0],
        )


def _probe(path: Path, offset: int, size: int) -> tuple[str, str, str]:
    """Return type, usage and label of what is in a part of a disk."""
    command = ["blkid", "--probe", "--output", "export", "--offset", str(offset), "--size"]
    lines = run([*command, str(size), path], ok=(0, 2)).splitlines()  # 2: nothing found
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    kind = found.get("TYPE") or found.get("PTTYPE", "")
    return kind, found.get("USAGE", ""), found.get("LABEL", "").replace("\\", "")


def _nics(folder: Path) -> Iterator[Nic]:
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        device = place / "device"
        if device.exists() and _read(place / "type") == "1" and not (place / "wireless").exists():
            driver = (device / "driver").resolve().name if (device / "driver").exists() else ""
            mac, vendor = _read(place / "address").lower(), _read(device / "vendor")
            yield Nic(place.name, mac, driver, vendor, _read(place / "carrier") == "1")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # the carrier of a card that is down
        return ""
