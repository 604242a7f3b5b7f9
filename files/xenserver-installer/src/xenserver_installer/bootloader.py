# SPDX-License-Identifier: Apache-2.0
"""GRUB on the EFI system partition, for BIOS and UEFI, with the menu that chooses a system.

An upgrade leaves all of this as it is, and changes the boot choice only. The partition is written
by mtools, without a mount.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from xenserver_installer.errors import InstallError
from xenserver_installer.machine import Region
from xenserver_installer.run import run

MODULES = Path("/usr/lib/grub")
_SETUP = ("/usr/lib/grub/i386-pc/grub-bios-setup", "grub-bios-setup", "grub2-bios-setup")
_CORE = ("part_gpt", "fat", "search_fs_uuid", "normal", "configfile")


def install_boot_loader(
    esp: Region, choice: Region, work: Path, *, template: Path, console: str, has_efi: bool
) -> None:
    """Install GRUB.

    Args:
        esp: the EFI system partition, formatted.
        choice: the partition of the boot choice.
        work: a directory on a disk for GRUB's core; it is removed.
        template: the menu, with `@CHOICE@` and `@CONSOLE@`.
        console: `com1` or `vga`.
        has_efi: register it in the firmware of this machine.

    Raises:
        InstallError: a tool of GRUB failed.
    """
    work.mkdir(parents=True)
    early = work / "early.cfg"
    early.write_text(f"search.fs_uuid {uuid_of(esp)} root\nset prefix=($root)/grub\n")
    menu = template.read_text(encoding="utf-8")
    menu = menu.replace("@CHOICE@", str(choice.number)).replace("@CONSOLE@", console)
    (work / "grub.cfg").write_text(menu)
    _make_core("i386-pc", work / "core.img", early, ["biosdisk"])
    _make_core("x86_64-efi", work / "BOOTX64.EFI", early, [])
    _fill(esp, work)
    shutil.copy(MODULES / "i386-pc/boot.img", work)
    # the core image goes to the BIOS boot partition, so that its own file system does not matter
    run([_tool(*_SETUP), "--skip-fs-probe", f"--directory={work}", esp.disk])
    shutil.rmtree(work)
    for written in (esp.place[0], esp.disk):
        run(["sync", written])
    if has_efi:
        _register(esp)


def _make_core(platform: str, file: Path, early: Path, modules: Sequence[str]) -> None:
    maker = _tool("grub-mkimage", "grub2-mkimage")
    where: list[str | Path] = [
        "-O",
        platform,
        "-d",
        MODULES / platform,
        "-p",
        "/grub",
        "-c",
        early,
        "-o",
        file,
    ]
    run([maker, *where, *_CORE, *modules])


def _fill(esp: Region, work: Path) -> None:
    """Write menu, modules and the UEFI program to the partition."""
    path, offset = esp.place
    image = ["-i", f"{path}@@{offset}"]
    run(["mmd", *image, "::/EFI", "::/EFI/BOOT", "::/grub"])
    run(["mcopy", *image, work / "BOOTX64.EFI", "::/EFI/BOOT/BOOTX64.EFI"])
    run(["mcopy", *image, work / "grub.cfg", "::/grub/grub.cfg"])
    for platform in ("i386-pc", "x86_64-efi"):
        files = [file for file in (MODULES / platform).iterdir() if file.suffix in (".mod", ".lst")]
        run(["mmd", *image, f"::/grub/{platform}"])
        run(["mcopy", *image, *sorted(files), f"::/grub/{platform}/"])


def uuid_of(region: Region) -> str:
    """Return the UUID of a file system."""
    path, offset = region.place
    command = ["blkid", "--probe", "--output", "value", "--match-tag", "UUID"]
    size = ["--offset", str(offset), "--size", str(region.size)]
    return run([*command, *size, path]).strip()


def _register(esp: Region) -> None:
    program = shutil.which("efibootmgr")
    if program is None:
        return  # firmware finds EFI/BOOT/BOOTX64.EFI by itself
    where: list[str | Path] = ["--disk", esp.disk, "--part", str(esp.number)]
    run([program, "--create", *where, "--label", "XenServer", "--loader", r"\EFI\BOOT\BOOTX64.EFI"])


def _tool(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise InstallError(f"{names[-1]} is not installed")
    return found
