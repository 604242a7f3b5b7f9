# SPDX-License-Identifier: Apache-2.0
"""What a packaging tool that reads a stranger's text can see and do."""

import errno
import os
from pathlib import Path

import pytest

from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.confined import run_confined
from xsbuild.host.files import StorageError, copy_plain, storage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    return place


def shell(folder: Path, script: str) -> str:
    return run_confined(["sh", "-c", script], folder=folder, ok=range(256)).output


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/shadow", "/root", "/home", "/work", "/var", "/run", "{home}"]
)
def test_nothing_of_the_host_is_there(path: str, folder: Path) -> None:
    (folder.parent / "secret").touch()
    shown = shell(folder, f"ls -d {path.format(home=folder.parent / 'secret')} 2>/dev/null")
    assert shown == ""


def test_it_is_nobody_without_a_network(folder: Path) -> None:
    assert shell(folder, "id -u; id -g").split() == ["65534", "65534"]
    interfaces = shell(folder, "cat /proc/net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert shell(folder, "grep CapEff /proc/self/status").split()[1].strip("0") == ""


def test_it_writes_in_its_folder_alone(folder: Path) -> None:
    shell(folder, f"touch here; touch /usr/x {folder.parent}/x /tmp/xsbuild-confined-x")
    assert [path.name for path in folder.parent.iterdir()] == ["work"]
    assert [path.name for path in folder.iterdir()] == ["here"]
    assert not Path("/usr/x").exists()
    assert not Path("/tmp/xsbuild-confined-x").exists()


def test_what_it_leaves_running_ends_with_it(folder: Path) -> None:
    hold = "setsid flock lock sh -c 'touch started; sleep 3600' &"
    shell(folder, f"{hold} until test -e started; do :; done")
    # the kernel ends it a moment later, which frees the lock
    process.run(["flock", "--timeout", "20", folder / "lock", "true"])


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "missing"])
def test_only_plain_files_are_copied(kind: str, folder: Path) -> None:
    (folder / "target").write_text("secret")
    place = folder / "result.rpm"
    if kind == "link":
        place.symlink_to(folder / "target")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    (folder / "out").mkdir()
    with pytest.raises(XsbuildError):
        copy_plain(place, folder / "out")
    assert not any((folder / "out").iterdir())


def test_a_plain_file_is_copied(folder: Path) -> None:
    (folder / "result.rpm").write_bytes(b"rpm")
    (folder / "out").mkdir()
    assert copy_plain(folder / "result.rpm", folder / "out").read_bytes() == b"rpm"


def test_a_full_disk_is_the_one_that_is_written(folder: Path) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/cache/a", None, "/project/dist/a")
    said = "the disk that holds /project/dist/a is full"
    with pytest.raises(StorageError, match=said), storage(folder):
        raise error
