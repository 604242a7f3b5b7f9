# SPDX-License-Identifier: Apache-2.0
"""The boot loader of a medium: GRUB of the distro in the root, for BIOS and UEFI machines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from xsbuild.appliance.family import root_family
from xsbuild.appliance.model import Order
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.strict import amount_of

_MODULES = (
    "all_video", "cat", "chain", "configfile", "echo", "fat", "font", "gfxterm", "gzio", "halt",
    "iso9660", "linux", "loadenv", "ls", "minicmd", "multiboot2", "normal", "part_gpt",
    "part_msdos", "reboot", "regexp", "search", "serial", "sleep", "terminal", "test",
)  # fmt: skip
_BIOS_MODULES = ("biosdisk",)
# Built into GRUB, which finds its menu by the medium's label.
_START = """search --no-floppy --set=root --label {label}
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
"""
_CORE = "/tmp/xsbuild-grub"  # noqa: S108 - in the root, which is discarded
# Of the UEFI boot image: a fixed serial number, and bytes beyond those of its files.
_SERIAL = "58454e53"
_SPARE = 512 << 10


@dataclass(frozen=True, slots=True)
class BootImages:
    """What firmware starts.

    Attributes:
        bios: an El Torito image, in which xorriso writes where it is.
        mbr: the start of a hybrid image, for BIOS machines and USB.
        efi: files in EFI/BOOT, of the medium and of its FAT image.
        modules: the root's directory with GRUB's modules; None: all are built in.
    """

    bios: Path
    mbr: Path
    efi: Mapping[str, Path]
    modules: Path | None


def rendered(template: str, values: Mapping[str, object]) -> str:
    """Return a template of this folder with its values."""
    source = Path(__file__).with_name(template).read_text()
    made = jinja2.Template(source, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    text: str = made.render(values)
    return text


def menu(order: Order) -> str:
    """Return the ``grub.cfg`` of a medium."""
    appliance = order.appliance
    memory = amount_of(appliance.live_memory) >> 20
    values = {"title": appliance.title, "label": appliance.label, "memory": memory}
    return rendered("grub.cfg.j2", values)


def kernel_files(order: Order, root: Buildroot) -> dict[str, Path]:
    """Return the name on the medium → path in the root, of hypervisor, kernel and initrd.

    Raises:
        XsbuildError: the root has none.
    """
    found = root.namespace.run("find", root.path / "boot", "-maxdepth", "1", "-printf", "%f\\n")
    names = found.split()
    kernel = newest(names, "kernel", r"vmlinuz-(.+)")
    xen = newest(names, "hypervisor", r"xen-[0-9].*\.gz")
    version = kernel.partition("-")[2]
    initrd = root_family(order.distro.family).initrd.format(version=version)
    chosen = {"xen.gz": xen, "vmlinuz": kernel, "initrd.img": initrd}
    return {name: root.path / "boot" / file for name, file in chosen.items()}


def newest(names: Sequence[str], title: str, pattern: str) -> str:
    """Return the file of the latest version.

    Args:
        names: files in /boot.
        title: their kind, as errors name it.
        pattern: a regular expression for the whole name.

    Raises:
        XsbuildError: there is none.
    """
    matching = [name for name in names if re.fullmatch(pattern, name)]
    if not matching:
        raise XsbuildError(
            f"the root of the appliance has no {title} in /boot",
            hint="its packages must include a hypervisor and a kernel for dom0",
            code="XSB-APPLIANCE-BOOT",
        )
    return max(matching, key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def make_boot_images(order: Order, root: Buildroot, folder: Path) -> BootImages:
    """Make the images with the root's own GRUB, in an existing directory."""
    inside = root.path / _CORE[1:]
    root.run(["mkdir", "--parents", _CORE])
    start = _START.format(label=order.appliance.label)
    process.run(["tee", inside / "start.cfg"], within=root.namespace.enter, stdin=start.encode())
    _mkimage(order, root, "i386-pc-eltorito", (*_BIOS_MODULES, *_MODULES))
    wanted = {
        "eltorito.img": inside / "i386-pc-eltorito",
        "mbr.img": root.path / "usr/lib/grub/i386-pc/boot_hybrid.img",
    }
    signed = _signed_loaders(order, root)
    if signed:
        wanted |= {**signed, "grub.cfg": inside / "start.cfg"}
    else:
        _mkimage(order, root, "x86_64-efi", _MODULES)
        wanted["BOOTX64.EFI"] = inside / "x86_64-efi"
    for name, file in wanted.items():
        root.namespace.run("cp", file, folder / name)
    efi = {name: folder / name for name in wanted if not name.endswith(".img")}
    modules = root.path / "usr/lib/grub/x86_64-efi" if signed else None
    return BootImages(folder / "eltorito.img", folder / "mbr.img", efi, modules)


def _signed_loaders(order: Order, root: Buildroot) -> dict[str, Path]:
    """Return shim, its key manager and GRUB as the distro has signed them; empty if it has not."""
    found = {}
    for name, pattern in root_family(order.distro.family).signed.items():
        top = root.path / pattern.partition("/")[0]
        listed = root.namespace.run("find", top, "-xdev", "-path", root.path / pattern)
        if not listed:
            return {}
        found[name] = Path(listed.splitlines()[0])
    return found


def _mkimage(order: Order, root: Buildroot, form: str, modules: tuple[str, ...]) -> None:
    program = root_family(order.distro.family).mkimage
    files = ("--config", f"{_CORE}/start.cfg", "--output", f"{_CORE}/{form}")
    root.run([program, "--format", form, "--prefix", "/boot/grub", *files, *modules], log=order.log)


def make_fat(image: Path, files: Mapping[str, Path], epoch: int) -> None:
    """Make a FAT file system with files, the same bytes for the same content.

    Args:
        image: the file to write.
        files: path in it → file.
        epoch: the time of everything in it.
    """
    size = sum(file.stat().st_size for file in files.values()) + _SPARE
    sectors = -(-size // 2048) * 4
    env = {"SOURCE_DATE_EPOCH": str(epoch), "MTOOLS_SKIP_CHECK": "1"}
    with image.open("wb") as stream:
        stream.truncate(sectors * 512)
    process.run(["mformat", "-i", image, "-N", _SERIAL, "-T", str(sectors), "::"], env=env)
    folders = sorted({parent for path in files for parent in Path(path).parents if parent.name})
    for folder in folders:
        process.run(["mmd", "-i", image, f"::/{folder}"], env=env)
    for path, file in files.items():
        process.run(["mcopy", "-i", image, file, f"::/{path}"], env=env)
