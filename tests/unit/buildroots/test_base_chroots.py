# SPDX-License-Identifier: Apache-2.0
"""Keeping bases: tried with a builder that writes three files instead of a Debian."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from xsbuild.buildroots.base_chroots import Base, BaseCache
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import XsbuildError

DISTRO = Distro(
    name="debian-13",
    title="Debian 13",
    family=Family.DEB,
    version_suffix="~deb13",
    architectures={"x86_64": "amd64"},
)
DAY = 24 * 3600


@dataclass(slots=True)
class FakeArchive:
    """An archive and what is made from it.

    Attributes:
        made: a line is added to it for each base made.
        state: what the archive holds.
        broken: whether it cannot be reached.
    """

    made: Path
    state: str = "release 1\n"
    broken: bool = False
    architecture: str = "amd64"
    definition: str = "definition 1"

    def recipe(self) -> str:
        return self.definition

    def make(self, place: Path, log: Path) -> None:
        with self.made.open("a") as stream:
            stream.write(f"{place.name} logged to {log.name}\n")
        (place / "root").mkdir()
        if self.broken:
            raise XsbuildError("the archive cannot be reached\nmore", code="XSB-BASE-FAILED")
        (place / "root/etc").mkdir()
        (place / "packages.txt").write_text(f"apt=1\n{self.state}")
        (place / "release.txt").write_text(self.state)

    def release(self, place: Path) -> str:
        assert place.is_dir()
        if self.broken:
            raise XsbuildError("the archive cannot be reached\nmore", code="XSB-BASE-FAILED")
        return self.state


@dataclass(slots=True)
class Keeping:
    """A cache of bases, its archive, and the steps that it reported."""

    folder: Path
    archive: FakeArchive
    said: list[str] = field(default_factory=list)

    def ensure(self, *, offline: bool = False) -> Base:
        log = self.folder.parent / "log"
        return BaseCache(DISTRO, self.folder, self.archive, offline, self.said.append, log).ensure()

    def times_made(self) -> int:
        return len(self.archive.made.read_text().splitlines())

    def checked_long_ago(self, base: Base) -> None:
        os.utime(base.path.parent / "checked", (0, 0))


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path / "base", FakeArchive(tmp_path / "made"))


def test_it_is_made_once(keeping: Keeping) -> None:
    first = keeping.ensure()
    assert keeping.ensure() == first
    assert keeping.times_made() == 1
    assert keeping.said == ["make the base chroot of Debian 13"]


def test_the_archive_is_not_asked_again_at_once(keeping: Keeping) -> None:
    first = keeping.ensure()
    keeping.archive.state = "release 2\n"
    assert keeping.ensure() == first


def test_it_follows_the_archive_and_leaves_the_old_one_to_running_builds(keeping: Keeping) -> None:
    old = keeping.ensure()
    keeping.checked_long_ago(old)
    keeping.archive.state = "release 2\n"
    new = keeping.ensure()
    assert new.identity != old.identity
    assert "its archive has changed" in keeping.said[-1]
    assert old.path.is_dir()


def test_the_same_packages_are_the_same_identity(keeping: Keeping) -> None:
    old = keeping.ensure()
    keeping.archive.definition = "definition 2"
    new = keeping.ensure()
    assert new.path != old.path
    assert new.identity == old.identity
    assert "its definition has changed" in keeping.said[-1]


@pytest.mark.parametrize("definition", ["definition 1", "definition 2"])
def test_a_failed_refresh_keeps_the_old_one_and_says_so(keeping: Keeping, definition: str) -> None:
    old = keeping.ensure()
    keeping.checked_long_ago(old)
    keeping.archive.broken = True
    keeping.archive.definition = definition
    assert keeping.ensure() == old
    assert keeping.said[-1].endswith("the archive cannot be reached")
    assert [path.name for path in keeping.folder.glob("new-*")] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "packages.txt").unlink(),
        lambda place: (place / "packages.txt").write_bytes(b""),
        lambda place: (place / "recipe.txt").unlink(),
        lambda place: (place / "recipe.txt").write_bytes(b"\xff\x00"),
        lambda place: (place / "release.txt").unlink(),
        lambda place: (place / "checked").unlink(),
        lambda place: (place / "root").rename(place / "lost"),
        lambda place: place.rename(place.with_name("lost")),
    ],
    ids=["no list", "empty list", "no recipe", "bad recipe", "no release", "no time", "no root",
         "nothing"],
)  # fmt: skip
def test_a_damaged_record_makes_it_anew(keeping: Keeping, damage: Callable[[Path], None]) -> None:
    old = keeping.ensure()
    damage(old.path.parent)
    new = keeping.ensure()
    assert new.path != old.path
    assert (new.path / "etc").is_dir()
    assert keeping.ensure() == new
    assert keeping.times_made() == 2


def test_offline_keeps_what_is_there(keeping: Keeping) -> None:
    old = keeping.ensure()
    keeping.checked_long_ago(old)
    keeping.archive.state = "release 2\n"
    assert keeping.ensure(offline=True) == old


def test_offline_with_nothing_there_says_what_to_do(keeping: Keeping) -> None:
    with pytest.raises(XsbuildError, match="no base chroot for Debian 13") as caught:
        keeping.ensure(offline=True)
    assert "--offline" in (caught.value.hint or "")


def test_a_failed_first_one_leaves_nothing_and_the_next_run_makes_it(keeping: Keeping) -> None:
    keeping.archive.broken = True
    with pytest.raises(XsbuildError, match="cannot be reached"):
        keeping.ensure()
    assert sorted(path.name for path in keeping.folder.iterdir()) == ["lock"]
    keeping.archive.broken = False
    assert keeping.ensure().path.is_dir()


def test_what_a_killed_run_left_is_removed(keeping: Keeping) -> None:
    left = keeping.folder / "new-killed/root/etc"
    left.mkdir(parents=True)
    (keeping.folder / "next").symlink_to("nowhere")
    base = keeping.ensure()
    assert not left.exists()
    assert base.path.is_dir()


@pytest.mark.parametrize(
    ("age", "held", "kept"),
    [(DAY / 2, False, True), (2 * DAY, True, True), (2 * DAY, False, False)],
)
def test_a_replaced_one_goes_after_a_day_unless_it_is_held(
    keeping: Keeping, age: float, held: bool, kept: bool
) -> None:
    old = keeping.ensure()
    keeping.archive.definition = "definition 2"
    keeping.ensure()
    replaced = old.path.parent / "replaced"
    os.utime(replaced, (replaced.stat().st_mtime - age,) * 2)
    if held:
        with old.in_use():
            keeping.ensure()
    else:
        keeping.ensure()
    assert old.path.exists() is kept


def test_two_at_once_make_it_once(keeping: Keeping) -> None:
    fork = multiprocessing.get_context("spawn")
    with fork.Pool(3) as pool:
        bases = pool.map(Keeping.ensure, [keeping] * 3)
    assert len(set(bases)) == 1
    assert keeping.times_made() == 1
