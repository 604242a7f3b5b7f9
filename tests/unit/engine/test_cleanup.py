# SPDX-License-Identifier: Apache-2.0
"""What is removed, and above all what is not."""

import fcntl
import os
from pathlib import Path

import pytest

from xsbuild.engine.cleanup import Cache, InUseError, clean
from xsbuild.host.files import size_of
from xsbuild.host.locks import file_lock
from xsbuild.host.scratch import owned_folder
from xsbuild.settings import Folders, Keep


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    for file in (
        made.sources / "sha256/00/a.tar.gz",
        made.bases / "debian-13-build-amd64-root/1/in-use",
        made.bases / "debian-13-build-amd64-root/lock",
        made.store / "ab/abcd/result.json",
        made.indexes / "debian-13.sqlite",
        made.locks / "project-1/debian-13.yaml",
        made.layers / "abcd/in-use",
        made.cache / "logs/xha@debian-13.log",
        made.data / "gnupg/key",
        made.config / "config.yaml",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (made.bases / "debian-13-build-amd64-root/current").symlink_to("1")
    return made


def files(folders: Folders) -> set[str]:
    root = folders.cache.parent
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def dead(folder: Path) -> Path:
    """What a killed process leaves: a folder, and a lock that nobody holds."""
    folder.mkdir(parents=True)
    (folder / "rest").write_bytes(b"x" * 10_000)
    folder.with_name(f"{folder.name}.lock").touch()
    return folder


def test_without_a_name_only_what_is_left_behind_goes(folders: Folders) -> None:
    before = files(folders)
    expected = {
        dead(folders.work / "1-aa"): "left by a process that was killed",
        dead(folders.store / "new/1-bb"): "left by a process that was killed",
        dead(folders.layers / "new/1-cc"): "left by a process that was killed",
        folders.work / "failed/xha@debian-13": "left by a failed build",
        folders.bases / "debian-13-build-amd64-root/new-xyz": "unfinished base chroot",
    }
    for folder in expected:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rest").write_bytes(b"x" * 10_000)
    removed = clean(folders, [], Keep())
    assert {item.path: item.what for item in removed} == expected
    assert all(item.size >= 10_000 for item in removed)
    assert files(folders) == before


@pytest.mark.parametrize("cache", Cache)
def test_a_named_cache_goes_alone(folders: Folders, cache: Cache) -> None:
    before = files(folders)
    [removed] = clean(folders, [cache], Keep())
    assert removed.path == folders.cache / cache
    assert files(folders) == {name for name in before if not name.startswith(f"cache/{cache}/")}


def test_all_caches_go_and_nothing_else(folders: Folders) -> None:
    clean(folders, list(Cache), Keep())
    assert files(folders) == {"data/gnupg/key", "config/config.yaml"}
    assert [path for path in folders.work.iterdir() if path.name != "failed"] == []


def test_where_nothing_was_ever_built_there_is_nothing_to_remove(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    assert clean(folders, list(Cache), Keep()) == []


def test_while_an_xsbuild_works_no_cache_is_removed_and_its_work_stays(folders: Folders) -> None:
    with owned_folder(folders.work) as work:
        (work / "file").touch()
        before = files(folders)
        with pytest.raises(InUseError, match=f"process {os.getpid()}"):
            clean(folders, [Cache.SOURCES], Keep())
        assert clean(folders, [], Keep()) == []
        assert files(folders) == before


@pytest.mark.parametrize(
    ("cache", "lock"),
    [
        (Cache.BASES, "bases/debian-13-build-amd64-root/lock"),
        (Cache.BASES, "bases/debian-13-build-amd64-root/1/in-use"),
        (Cache.SOURCES, "sources/work/key.lock"),
        (Cache.LAYERS, "layers/abcd/in-use"),
        (Cache.LAYERS, "layers/abcd.lock"),
    ],
)
def test_a_cache_that_is_in_use_stays(folders: Folders, cache: Cache, lock: str) -> None:
    file = folders.cache / lock
    file.parent.mkdir(exist_ok=True)
    with file.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        before = files(folders)
        with pytest.raises(InUseError, match="another xsbuild uses"):
            clean(folders, [Cache.STORE, cache], Keep())
        assert files(folders) >= before


def test_a_store_whose_key_is_being_built_stays(folders: Folders) -> None:
    locks = folders.store / "locks"
    locks.mkdir()
    with file_lock(locks / "abcd.lock"), pytest.raises(InUseError):
        clean(folders, [Cache.STORE], Keep())
    assert "cache/store/ab/abcd/result.json" in files(folders)


def test_two_names_of_a_file_count_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    alone = size_of(tmp_path)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert size_of(tmp_path) == alone >= 100_000
