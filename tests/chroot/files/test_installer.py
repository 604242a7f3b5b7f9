# SPDX-License-Identifier: Apache-2.0
"""The installer on disk images, in the system of its medium: what is written, and what stays."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installer_medium import Medium, sign
from own_settings import settings_in
from xenserver_installer.bootchoice import SECTOR, BootChoice, parse_choice
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace
from xsbuild.repos.signing import signing_key

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts loop devices"),
    pytest.mark.skipif(not shutil.which("sfdisk"), reason="no sfdisk: `apt-get install fdisk`"),
]
SIZE = 3 << 30


@pytest.fixture(scope="module")
def installed(medium: Medium) -> Path:
    """An image with a new installation; tests change copies of it."""
    image = blank(medium, "installed")
    done = medium.run(*words("new", image))
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("XENSERVER-INSTALLER: finished\n")
    return image


def blank(medium: Medium, name: str, size: int = SIZE) -> Path:
    image = medium.work / f"{name}.img"
    with image.open("wb") as stream:
        stream.truncate(size)
    return image


def copy_of(image: Path, name: str) -> Path:
    copy = image.with_name(f"{name}.img")
    process.run(["cp", "--sparse=always", "--reflink=auto", image, copy])
    return copy


def words(answers: str, image: Path) -> list[str]:
    return ["install", "--answers", f"/work/{answers}.yaml", "--image", f"/work/{image.name}"]


def partitions(image: Path) -> dict[str, tuple[int, int]]:
    """Offset and size of each partition in bytes, by label."""
    table = json.loads(process.run(["sfdisk", "--json", image]).output)["partitiontable"]
    return {part["name"]: (part["start"] * 512, part["size"] * 512) for part in table["partitions"]}


def choice_of(image: Path) -> BootChoice | None:
    parts = partitions(image)
    if "boot-choice" not in parts:
        return None
    with image.open("rb") as stream:
        stream.seek(parts["boot-choice"][0])
        return parse_choice(stream.read(SECTOR))


@contextmanager
def opened(image: Path, label: str, *, write: bool = False) -> Iterator[list[str]]:
    """A mounted partition: a command prefix that sees it as /mnt."""
    offset, size = partitions(image)[label]
    with private_namespace() as namespace:
        options = f"loop,offset={offset},sizelimit={size}{'' if write else ',ro'}"
        namespace.run("mount", "--options", options, image, "/mnt")
        yield list(namespace.enter)


def read(image: Path, label: str, *paths: str) -> str:
    with opened(image, label) as prefix:
        return process.run([*prefix, "cat", *(f"/mnt/{path}" for path in paths)]).output


def digest(image: Path, label: str) -> str:
    offset, size = partitions(image)[label]
    with image.open("rb") as stream:
        stream.seek(offset)
        found = hashlib.sha256()
        while size:
            block = stream.read(min(size, 1 << 24))
            found.update(block)
            size -= len(block)
        return found.hexdigest()


def checked(image: Path, label: str) -> None:
    """The file system of a partition is whole."""
    offset, _ = partitions(image)[label]
    process.run(["e2fsck", "-f", "-n", f"{image}?offset={offset}"], ok=(0, 1))


def test_a_new_installation(installed: Path) -> None:
    choice = choice_of(installed)
    assert choice is not None
    assert (choice.active, choice.root_b, choice.title_a) == ("a", "", "XenServer 1")
    fstab, shadow = read(installed, "system-a", "etc/fstab", "etc/shadow").split("root:", 1)
    assert f"UUID={choice.root_a} / ext4" in fstab
    assert "/var/lib/xenserver-storage ext4" in fstab
    assert shadow.startswith("$6$salt$first:")
    assert (
        read(installed, "system-a", "etc/hostname", "etc/copied") == "host1.example.com\ncopied\n"
    )
    menu = read(installed, "system-a", "boot/grub/grub.cfg")
    assert f'set default="xen-gnulinux-simple-{choice.root_a}"' in menu
    assert f"root=UUID={choice.root_a}" in menu
    checked(installed, "system-a")
    checked(installed, "storage")


def test_the_boot_loader_is_there_for_bios_and_uefi(medium: Medium, installed: Path) -> None:
    offset = partitions(installed)["esp"][0]
    with medium.started() as prefix:
        image = f"/work/{installed.name}@@{offset}"
        listed = process.run([*prefix, "mdir", "-b", "-i", image, "::/EFI/BOOT", "::/grub"]).output
        menu = process.run([*prefix, "mtype", "-i", image, "::/grub/grub.cfg"]).output
    assert {"::/EFI/BOOT/BOOTX64.EFI", "::/grub/grub.cfg", "::/grub/i386-pc/"} <= {*listed.split()}
    assert "gpt3)0+2" in menu
    with installed.open("rb") as stream:
        assert b"GRUB" in stream.read(512)


def test_no_secret_or_identity_is_shared(installed: Path) -> None:
    with opened(installed, "system-a") as prefix:
        names = process.run([*prefix, "ls", "/mnt/etc/ssh"]).output
    assert "ssh_host" not in names
    assert len(read(installed, "system-a", "etc/machine-id")) == 33


def test_an_upgrade_keeps_settings_storage_and_the_former_system(
    medium: Medium, installed: Path
) -> None:
    image = copy_of(installed, "upgraded")
    with opened(image, "system-a", write=True) as prefix:
        process.run([*prefix, "mkdir", "-p", "/mnt/var/lib/xcp", "/mnt/etc/xen"])
        for name in ("var/lib/xcp/state.db", "etc/xen/guest.cfg", "etc/unknown"):
            process.run([*prefix, "tee", f"/mnt/{name}"], stdin=f"{name}\n".encode())
    before, kept = choice_of(image), ("system-a", "storage", "esp", "bios")
    digests = [digest(image, label) for label in kept]
    done = medium.run(*words("upgrade", image))
    assert done.returncode == 0, done.stdout
    assert [digest(image, label) for label in kept] == digests
    choice = choice_of(image)
    assert before is not None
    assert choice is not None
    assert (choice.active, choice.root_a) == ("b", before.root_a)
    assert read(image, "system-b", "var/lib/xcp/state.db", "etc/xen/guest.cfg", "etc/hostname") == (
        "var/lib/xcp/state.db\netc/xen/guest.cfg\nhost1.example.com\n"
    )
    fstab = read(image, "system-b", "etc/fstab")
    assert f"UUID={choice.root_b} / ext4" in fstab
    assert choice.root_a not in fstab
    assert "root:$6$salt$first:" in read(image, "system-b", "etc/shadow")
    with opened(image, "system-b") as prefix:
        assert process.run([*prefix, "test", "-e", "/mnt/etc/unknown"], ok=(0, 1)).status == 1


def test_a_reinstallation_keeps_storage_only(medium: Medium, installed: Path) -> None:
    image = copy_of(installed, "reinstalled")
    before = digest(image, "storage")
    done = medium.run(*words("reinstall", image))
    assert done.returncode == 0, done.stdout
    assert digest(image, "storage") == before
    assert read(image, "system-b", "etc/hostname") == "host2.example.com\n"
    storage = [
        line for line in read(installed, "system-a", "etc/fstab").split("\n") if "storage" in line
    ]
    assert storage[0] in read(image, "system-b", "etc/fstab")


STEPS = [f"step {number}/5" for number in range(2, 6)]


@pytest.mark.parametrize(
    "step", [pytest.param(s, marks=[] if "4/5" in s else [pytest.mark.slow]) for s in STEPS]
)
def test_a_killed_upgrade_leaves_the_former_system(
    medium: Medium, installed: Path, step: str
) -> None:
    image = copy_of(installed, "killed-upgrade")
    before = [digest(image, label) for label in ("system-a", "storage", "esp")]
    choice = choice_of(image)
    medium.kill_at(step, *words("upgrade", image))
    assert choice_of(image) == choice
    assert [digest(image, label) for label in ("system-a", "storage", "esp")] == before
    done = medium.run(*words("upgrade", image))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(f"step {number}/7", marks=[pytest.mark.slow] if number != 3 else [])
        for number in range(2, 8)
    ],
)
def test_a_killed_installation_starts_again_without_wipe(medium: Medium, step: str) -> None:
    image = blank(medium, "killed")
    medium.kill_at(step, *words("new", image))
    assert choice_of(image) is None
    done = medium.run(*words("new", image))
    assert done.returncode == 0, done.stdout
    assert choice_of(image) is not None


def test_nothing_is_written_without_wipe(medium: Medium, installed: Path) -> None:
    image = copy_of(installed, "full")
    state = image.stat().st_mtime_ns
    done = medium.run(*words("new", image))
    assert done.returncode == 1
    assert "partition 6 (storage): ext4 file system `storage`" in done.stdout
    assert "set `wipe: true` to erase it" in done.stdout
    assert image.stat().st_mtime_ns == state


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["mkfs.ext4", "-q", "-L", "data"], "ext4 file system `data`"),
        (["mkswap"], "swap space"),
        (["tee"], "unrecognised data"),
    ],
)
def test_what_is_on_a_disk_is_named(medium: Medium, command: list[str], found: str) -> None:
    image = blank(medium, "something")
    process.run([*command, image], stdin=b"something" if command == ["tee"] else None)
    with image.open("r+b") as stream:
        stream.truncate(SIZE)
    done = medium.run(*words("new", image))
    assert done.returncode == 1
    assert f"is not empty: {found}; set" in done.stdout


def test_a_dry_run_and_a_small_disk_write_nothing(medium: Medium) -> None:
    image = blank(medium, "dry")
    done = medium.run(*words("new", image), "--dry-run")
    assert done.returncode == 0, done.stdout
    assert "plan: partition the empty disk" in done.stdout
    small = blank(medium, "small", 2 << 30)
    done = medium.run(*words("new", small))
    assert "too small; 2." in done.stdout
    assert image.stat().st_blocks == small.stat().st_blocks == 0


@pytest.fixture
def damaged(medium: Medium, tmp_path: Path) -> Iterator[Path]:
    """The medium's files, of which one is to be damaged, and whole again afterwards."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("appliance.json", "SHA256SUMS", "SHA256SUMS.asc"):
        shutil.copy(medium.folder / name, kept)
    payload = medium.folder / "LiveOS/squashfs.img"
    with payload.open("rb") as stream:
        stream.seek(1 << 20)
        block = stream.read(512)
    yield medium.folder
    shutil.copytree(kept, medium.folder, dirs_exist_ok=True)
    with payload.open("r+b") as stream:
        stream.seek(1 << 20)
        stream.write(block)


def refused(medium: Medium) -> str:
    image = blank(medium, "refused")
    done = medium.run(*words("new", image))
    assert done.returncode == 1
    assert image.stat().st_blocks == 0
    return done.stdout


def test_a_damaged_system_is_not_installed(medium: Medium, damaged: Path) -> None:
    with (damaged / "LiveOS/squashfs.img").open("r+b") as stream:
        stream.seek(1 << 20)
        stream.write(bytes(range(256)) * 2)
    assert "squashfs.img is damaged: its checksum is wrong" in refused(medium)
    verified = medium.run("verify")
    assert verified.returncode == 1
    assert "1 of 2 files of the medium are damaged" in verified.stdout


def test_a_changed_list_is_not_trusted(medium: Medium, damaged: Path) -> None:
    with (damaged / "SHA256SUMS").open("a") as stream:
        stream.write(f"{0:064}  other\n")
    assert "the medium is not signed by the key" in refused(medium)


def test_another_key_is_not_trusted(medium: Medium, damaged: Path, tmp_path: Path) -> None:
    other = signing_key(settings_in(tmp_path), say=print)
    sign(damaged, other, size=1 << 20)
    assert "the medium is not signed by the key" in refused(medium)


def test_a_medium_without_signature_is_not_trusted(medium: Medium, damaged: Path) -> None:
    (damaged / "SHA256SUMS.asc").unlink()
    assert "SHA256SUMS.asc is missing" in refused(medium)


def test_a_whole_medium_is_verified(medium: Medium) -> None:
    done = medium.run("verify")
    assert done.returncode == 0, done.stdout
    assert "finished: all 2 files of the medium are whole" in done.stdout
