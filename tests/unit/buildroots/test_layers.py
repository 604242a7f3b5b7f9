# SPDX-License-Identifier: Apache-2.0
"""Layers: made once, whole or not at all, whoever makes them and whatever stops it."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.layers import Layers, installed, over, take_away
from xsbuild.errors import XsbuildError

INPUTS = {"buildroot": "1", "requires": ["gcc"]}
# Makes a layer and never ends.
KILLED = """
import sys, time
from pathlib import Path
from xsbuild.buildroots.layers import Layers
def install(scratch):
    (scratch / "upper").mkdir()
    (scratch / "upper/half").touch()
    print("making", flush=True)
    time.sleep(1000)
with Layers(Path(sys.argv[1])).use({"buildroot": "1", "requires": ["gcc"]}, install):
    pass
"""


class Counted:
    """Installs a file, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, scratch: Path) -> list[str]:
        self.times += 1
        (scratch / "upper").mkdir()
        (scratch / "upper/file").write_text("text")
        return ["gcc=2", "cpp=1"]


def test_it_is_made_once_and_says_what_it_is(tmp_path: Path) -> None:
    layers, install = Layers(tmp_path / "layers"), Counted()
    with layers.use(INPUTS, install):
        pass
    with layers.use(INPUTS, install) as root:
        assert (root / "file").read_text() == "text"
    assert install.times == 1
    about = json.loads((root.parent / "layer.json").read_bytes())
    assert about["inputs"] == INPUTS
    assert installed(root) == about["packages"] == ["cpp=1", "gcc=2"]
    [kept] = layers.kept()
    assert kept.place == root.parent
    assert kept.size >= 4096
    assert {path.name for path in layers.folder.iterdir()} == {root.parent.name, "new"}


def test_other_inputs_are_another_layer(tmp_path: Path) -> None:
    layers, install = Layers(tmp_path), Counted()
    with layers.use(INPUTS, install), layers.use({**INPUTS, "requires": ["g++"]}, install):
        assert len(list(layers.kept())) == 2


def test_many_at_once_make_one(tmp_path: Path) -> None:
    layers, install = Layers(tmp_path), Counted()

    def use(_number: int) -> str:
        with layers.use(INPUTS, install) as root:
            return (root / "file").read_text()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(8))) == {"text"}
    assert install.times == 1


def test_one_that_cannot_be_made_is_not_there(tmp_path: Path) -> None:
    def fail(scratch: Path) -> list[str]:
        Counted()(scratch)
        raise XsbuildError("no such package", code="XSB-BUILD-FAILED")

    layers = Layers(tmp_path)
    with pytest.raises(XsbuildError, match="no such package"), layers.use(INPUTS, fail):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert list((tmp_path / "new").iterdir()) == []


def test_one_whose_maker_is_killed_is_made_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "making\n"
        maker.send_signal(signal.SIGKILL)
    with Layers(tmp_path).use(INPUTS, Counted()) as root:
        assert [path.name for path in root.iterdir()] == ["file"]
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_process_left_beside_a_layer_is_removed(tmp_path: Path) -> None:
    layers, install = Layers(tmp_path), Counted()
    with layers.use(INPUTS, install) as root:
        pass
    left = (root.parent.with_suffix(".lock"), tmp_path / "new/1-ab.lock")
    for lock in left:
        lock.touch()
    with layers.use(INPUTS, install):
        assert not any(lock.exists() for lock in left)
    assert install.times == 1


@pytest.mark.parametrize("synced", [True, False])
def test_after_a_reboot_only_what_was_on_the_disk_is_good(tmp_path: Path, synced: bool) -> None:
    layers, install = Layers(tmp_path), Counted()
    with layers.use(INPUTS, install) as root:
        about = root.parent / "layer.json"
    if synced:
        layers.settle()
    about.write_text(json.dumps({**json.loads(about.read_bytes()), "boot": "another"}))
    with layers.use(INPUTS, install):
        assert install.times == (1 if synced else 2)


def test_one_in_use_is_not_taken_away(tmp_path: Path) -> None:
    layers, trash = Layers(tmp_path / "layers"), tmp_path / "trash"
    trash.mkdir()
    with layers.use(INPUTS, Counted()) as root:
        assert not take_away(root.parent, trash)
        assert root.exists()
    assert take_away(root.parent, trash)
    assert not root.exists()


def test_its_key_has_what_decides_about_a_base(tmp_path: Path) -> None:
    for name in ("recipe.txt", "release.txt", "packages.txt"):
        (tmp_path / name).write_text(f"{name}\n")
    base = Base(tmp_path / "root", "identity", tmp_path / "packages.txt")
    before = over(base)
    assert before["buildroot"] == "identity"
    assert before["owner"] == ("user" if os.geteuid() else "root")
    for name in ("recipe.txt", "release.txt"):
        (tmp_path / name).write_text("changed\n")
        assert over(base) != before
