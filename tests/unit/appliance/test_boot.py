# SPDX-License-Identifier: Apache-2.0
"""Boot images and menus of appliances."""

from dataclasses import replace
from pathlib import Path

import pytest

from xsbuild.appliance.boot import make_fat, menu, newest
from xsbuild.appliance.model import Order
from xsbuild.appliance.pxe import make_pxe
from xsbuild.distros.load import find_distros
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.manifest.appliance import Appliance
from xsbuild.shipped import shipped

APPLIANCE = Appliance(title="Hello (1)", label="HELLO", packages=("hello",), live_memory="2 GiB")


@pytest.fixture
def order(tmp_path: Path) -> Order:
    distro = find_distros([shipped("distros")]).get("debian-13")
    return Order(
        name="hello",
        appliance=APPLIANCE,
        distro=distro,
        repository=tmp_path,
        packages=("hello",),
        version="1.0",
        epoch=1_800_000_000,
        network=False,
        log=tmp_path / "log",
    )


def entries(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("menuentry")]


def test_the_menu_has_the_entries_in_the_order_that_the_manual_gives(order: Order) -> None:
    assert [entry.partition("{")[0].strip() for entry in entries(menu(order))] == [
        "menuentry 'Install Hello (1)'",
        "menuentry 'Install Hello (1) unattended, as /answers.yaml of the medium says'",
        "menuentry 'Hello (1) from the medium: Xen, without an installation'",
        "menuentry 'Rescue shell'",
        "menuentry 'Verify the medium'",
        "menuentry 'Start from the first disk'",
    ]


def test_the_menu_has_the_label_and_memory_of_the_appliance(order: Order) -> None:
    text = menu(order)
    assert "root=live:CDLABEL=HELLO " in text
    assert "dom0_mem=2048M,max:2048M" in text
    smaller = replace(order, appliance=APPLIANCE.model_copy(update={"live_memory": "512 MiB"}))
    assert "dom0_mem=512M,max:512M" in menu(smaller)


def test_grub_accepts_the_menu(order: Order, tmp_path: Path) -> None:
    if not process.is_program("grub-script-check"):
        pytest.skip("grub-script-check is not installed (package grub-common)")
    file = tmp_path / "grub.cfg"
    file.write_text(menu(order))
    process.run(["grub-script-check", file])


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["vmlinuz-6.9.1", "vmlinuz-6.10.0", "config-6.11"], "vmlinuz-6.10.0"),
        (["vmlinuz-6.12.9-amd64", "vmlinuz-6.12.85-amd64"], "vmlinuz-6.12.85-amd64"),
    ],
)
def test_the_newest_kernel_is_chosen_by_its_version(names: list[str], chosen: str) -> None:
    assert newest(names, "a kernel", r"vmlinuz-(.+)") == chosen


def test_a_root_without_a_hypervisor_is_an_error() -> None:
    with pytest.raises(XsbuildError, match="no hypervisor"):
        newest(["vmlinuz-6.12"], "hypervisor", r"xen-[0-9].*\.gz")


def test_a_fat_image_is_the_same_at_any_time(tmp_path: Path) -> None:
    if not process.is_program("mformat"):
        pytest.skip("mformat is not installed (package mtools)")
    images = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.efi"
        file.write_bytes(b"core" * 100_000)
        images.append(tmp_path / f"{name}.img")
        make_fat(images[-1], {"EFI/BOOT/BOOTX64.EFI": file}, 1_800_000_000)
    assert images[0].read_bytes() == images[1].read_bytes()
    process.run(["mcopy", "-i", images[0], "::/EFI/BOOT/BOOTX64.EFI", tmp_path / "back"])
    assert (tmp_path / "back").read_bytes() == b"core" * 100_000


def test_the_files_for_the_network_name_the_image(order: Order, tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    for name in ("vmlinuz", "initrd.img"):
        (tmp_path / "boot" / name).write_text(name)
    folder = tmp_path / "pxe"
    folder.mkdir()
    make_pxe(order, tmp_path, tmp_path / "hello-1.0-debian-13.iso", folder)
    script = (folder / "boot.ipxe").read_text()
    assert script.startswith("#!ipxe\n")
    assert "initrd ${server}/hello-1.0-debian-13.iso /medium.iso" in script
    assert "newc:medium.iso:/hello-1.0-debian-13.iso" in (folder / "grub.cfg").read_text()
    assert (folder / "initrd.img").read_text() == "initrd.img"
