# SPDX-License-Identifier: Apache-2.0
"""The medium: files, checksums, signature, and the hybrid ISO image."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from xsbuild.appliance.boot import BootImages, kernel_files, make_boot_images, make_fat, menu
from xsbuild.appliance.model import Order, Step
from xsbuild.appliance.pxe import make_pxe
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.host import process
from xsbuild.host.files import replacing, sha256_of
from xsbuild.repos.signing import SigningKey, detached

PAYLOAD = "LiveOS/squashfs.img"
ANSWERS = "answers.yaml"
SUMS = "SHA256SUMS"
_BIOS = "boot/grub/i386-pc/eltorito.img"
_EFI = "EFI/efi.img"
# Not in the list of checksums: xorriso writes into the first, a user adds the second.
_UNLISTED = (_BIOS, ANSWERS)
# Level 15 takes three times as long as 9 and saves 2 %.
_SQUASHFS = ("-comp", "zstd", "-Xcompression-level", "9", "-noappend", "-quiet", "-no-progress")
# The last is where programs in the root are given files of the host.
_LEFT_OUT = ("dev/*", "proc/*", "run/*", "sys/*", "tmp/*", "var/tmp/*", "xsbuild")


def make_medium(
    order: Order, root: Buildroot, key: SigningKey, answers: Path | None, work: Path, step: Step
) -> tuple[Path, Path]:
    """Make the ISO image of an appliance.

    Args:
        order: the appliance.
        root: its root, complete.
        key: the key that signed the repository.
        answers: an answer file for the medium.
        work: an existing empty directory on the file system of the image.
        step: called with each step.

    Returns:
        The image, and the folder of files for the network, in `work`.
    """
    tree = work / "tree"
    for name in ("LiveOS", "boot/grub/i386-pc", "EFI/BOOT"):
        (tree / name).mkdir(parents=True)
    for name, file in kernel_files(order, root).items():
        root.namespace.run("cp", "--dereference", file, tree / "boot" / name)
    images = make_boot_images(order, root, work)
    _add_loaders(order, root, images, tree)
    shutil.copytree(order.repository, tree / "repository", copy_function=_link)
    step("pack the root")
    pack(order, root, tree / PAYLOAD)
    _describe(order, root, tree)
    if answers:
        shutil.copy(answers, tree / ANSWERS)
    _sign(order, key, tree)
    step("write the image")
    image = work / f"{order.stem}.iso"
    _write(order, tree, images, image)
    pxe = work / f"{order.stem}-pxe"
    pxe.mkdir()
    make_pxe(order, tree, image, pxe)
    return image, pxe


def _add_loaders(order: Order, root: Buildroot, images: BootImages, tree: Path) -> None:
    (tree / "boot/grub/grub.cfg").write_text(menu(order))
    shutil.copy(images.bios, tree / _BIOS)
    for name, file in images.efi.items():
        shutil.copy(file, tree / "EFI/BOOT" / name)
    efi = {f"EFI/BOOT/{name}": file for name, file in images.efi.items()}
    make_fat(tree / _EFI, efi, order.epoch)
    # Debian's signed GRUB finds the medium by this file.
    (tree / ".disk").mkdir()
    (tree / ".disk/info").write_text(f"{order.appliance.title} {order.version}\n")
    if images.modules:
        there = tree / "boot/grub" / images.modules.name
        there.mkdir()
        wanted = ("(", "-name", "*.mod", "-o", "-name", "*.lst", ")")
        copy = ("-exec", "cp", "--target-directory", there, "{}", "+")
        root.namespace.run("find", images.modules, "-maxdepth", "1", *wanted, *copy)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy(source, target)


def pack(order: Order, root: Buildroot, payload: Path) -> None:
    """Write the root as a squashfs, the same bytes for the same files."""
    process.require("mksquashfs")
    command: list[str | Path] = [
        "mksquashfs",
        root.path,
        payload,
        *_SQUASHFS,
        "-wildcards",
        "-e",
        *_LEFT_OUT,
    ]
    env = {"SOURCE_DATE_EPOCH": str(order.epoch)}
    process.run(command, within=root.namespace.enter, env=env, log=order.log)


def _describe(order: Order, root: Buildroot, tree: Path) -> None:
    size = ("du", "--summarize", "--apparent-size", "--block-size=1", "--one-file-system")
    unpacked = int(root.namespace.run(*size, root.path).split()[0])
    payload = tree / PAYLOAD
    about = {
        "name": order.name,
        "version": order.version,
        "distro": order.distro.name,
        "title": order.appliance.title,
        "payload": {
            "path": PAYLOAD,
            "sha256": sha256_of(payload),
            "size": payload.stat().st_size,
            "unpacked": unpacked,
        },
    }
    (tree / "appliance.json").write_text(json.dumps(about, indent=2) + "\n")


def _sign(order: Order, key: SigningKey, tree: Path) -> None:
    sums = "".join(f"{sha256_of(tree / name)}  {name}\n" for name in _listed(tree))
    (tree / SUMS).write_text(sums)
    (tree / f"{SUMS}.asc").write_bytes(detached(key, sums.encode(), time=order.epoch))


def _listed(tree: Path) -> Iterator[str]:
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and name not in _UNLISTED:
            yield name


def _write(order: Order, tree: Path, images: BootImages, image: Path) -> None:
    bios: tuple[str | Path, ...]
    bios = ("-b", _BIOS, "-c", "boot/grub/boot.cat",
            "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
            "--grub2-boot-info", "--grub2-mbr", images.mbr)  # fmt: skip
    efi = ("--efi-boot", _EFI, "-efi-boot-part", "--efi-boot-image", "--protective-msdos-label")
    # xorriso takes all its times and numbers from SOURCE_DATE_EPOCH, but those of files.
    env = {"SOURCE_DATE_EPOCH": str(order.epoch)}
    files = ("--set_all_file_dates", f"={order.epoch}")
    names = ("-r", "-iso-level", "3", "-volid", order.appliance.label)
    with replacing(image) as draft:
        command: list[str | Path]
        command = ["xorriso", "-as", "mkisofs", *names, *files, *bios, *efi, "-o", draft, tree]
        process.run(command, env=env, log=order.log)
