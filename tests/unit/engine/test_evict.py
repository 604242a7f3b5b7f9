# SPDX-License-Identifier: Apache-2.0
"""What is removed from caches that grow: the oldest, and nothing that is in use."""

import os
import time
from pathlib import Path

import pytest

from xsbuild.buildroots.layers import Layers
from xsbuild.engine.cleanup import Item, evict, overdue
from xsbuild.host.scratch import owned_folder
from xsbuild.settings import Folders, Keep

DAY = 24 * 3600
NOTHING = Keep(days=0, gigabytes=0)


def item(name: str, days: float, gigabytes: float) -> Item:
    """Something last used some days before day 1000."""
    size = int(gigabytes * 10**9)
    return Item("sample", Path(name), (1000 - days) * DAY, size, lambda: True)


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        (Keep(days=30, gigabytes=100), []),
        (Keep(days=3, gigabytes=100), ["old"]),
        (Keep(days=30, gigabytes=6), ["old"]),
        (Keep(days=30, gigabytes=4), ["middle", "old"]),
        (Keep(days=30, gigabytes=2), ["new", "middle", "old"]),
    ],
)
def test_what_is_too_old_goes_and_then_what_was_used_longest_ago(
    limits: Keep, names: list[str]
) -> None:
    items = [item("middle", 2, 2), item("old", 4, 1.5), item("new", 1, 3)]
    assert [chosen.path.name for chosen in overdue(items, limits, 1000 * DAY)] == names


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    for file in ("sources/sha256/ab/x.tar", "store/ab/abcd/result.json", "store/locks/x"):
        path = made.cache / file
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 1000)
        os.utime(path.parent, (time.time() - DAY,) * 2)
    return made


def install(scratch: Path) -> list[str]:
    (scratch / "upper").mkdir()
    (scratch / "upper/file").write_text("text")
    return ["sample=1.0"]


def test_what_is_overdue_of_every_kind_goes(folders: Folders) -> None:
    with Layers(folders.layers).use({"name": 1}, install) as root:
        layer = root.parent
    os.utime(layer / "in-use", (time.time() - DAY,) * 2)
    gone = {removed.path for removed in evict(folders, NOTHING)}
    assert gone == {layer, folders.sources / "sha256/ab", folders.store / "ab/abcd"}
    assert [path for path in gone if path.exists()] == []
    assert list((folders.layers / "new").iterdir()) == []
    assert evict(folders, NOTHING) == []


def test_what_was_used_lately_stays(folders: Folders) -> None:
    with Layers(folders.layers).use({"name": 1}, install):
        pass
    assert evict(folders, Keep(days=2, gigabytes=1)) == []


def test_a_layer_in_use_stays_and_while_an_xsbuild_works_all_else_does(folders: Folders) -> None:
    with owned_folder(folders.work), Layers(folders.layers).use({"name": 1}, install) as root:
        assert evict(folders, NOTHING) == []
        assert (root / "file").read_text() == "text"
    assert len(evict(folders, NOTHING)) == 3


def test_files_that_results_share_count_for_the_one_used_last(folders: Folders) -> None:
    older, newer = folders.store / "ab/abcd", folders.store / "cd/cdef"
    newer.mkdir(parents=True)
    (older / "big.deb").write_bytes(bytes(10**6))
    (newer / "big.deb").hardlink_to(older / "big.deb")
    os.utime(older, (time.time() - DAY,) * 2)
    sizes = {removed.path: removed.size for removed in evict(folders, NOTHING)}
    assert sizes[newer] >= 10**6 > sizes[older]


def test_where_nothing_was_ever_built_there_is_nothing_to_remove(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    assert evict(folders, NOTHING) == []
