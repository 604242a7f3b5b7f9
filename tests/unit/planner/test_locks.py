# SPDX-License-Identifier: Apache-2.0
"""A distro without a lock in the project gets one in the cache, from the archives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from capabilities.conftest import DATA
from cli.test_lock import FILES, index_at
from fakebuilds import DISTRO, make_shop
from xsbuild.capabilities.lockfile import Lock, load_lock, lock_file, save_lock
from xsbuild.cli.context import Context
from xsbuild.errors import XsbuildError
from xsbuild.manifest.requirement import parse_capability
from xsbuild.planner.locks import ensure_lock, explain_unread, lock_of
from xsbuild.planner.plan import State, plan
from xsbuild.planner.target import target_for
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

XL = parse_capability("bin(xl)")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Offline, with what a former run fetched of the archives."""
    text = (DATA / "components.yaml").read_text(encoding="utf-8")
    (tmp_path / "components.yaml").write_text(text, encoding="utf-8")
    index(tmp_path)
    folders = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    return Project(tmp_path / "components.yaml", Settings(folders, offline=True))


def index(root: Path, files: Mapping[str, Sequence[str]] = FILES) -> None:
    index_at(root / f"cache/indexes/{DISTRO}-x86_64", files)


def ensure(project: Project, *, refresh: bool = False) -> list[str]:
    said: list[str] = []
    # as a new process reads it
    again = Project(project.file, project.settings)
    ensure_lock(again, again.distros.get(DISTRO), said.append, refresh=refresh)
    return said


def cached(project: Project) -> Lock | None:
    return lock_of(project, project.distros.get(DISTRO))


def test_makes_one_and_says_where_it_is(project: Project) -> None:
    assert cached(project) is None
    first, *ambiguous = ensure(project)
    file = lock_file(project.cached_locks, DISTRO)
    assert file.is_relative_to(project.settings.folders.cache)
    assert str(file) in first
    assert f"`xsbuild lock --distro {DISTRO}` writes it to the project" in first
    assert len(ambiguous) == 1
    assert "file(/etc/gone) is one of gl, libxen-dev, make" in ambiguous[0]
    lock = cached(project)
    assert lock is not None
    assert lock.capabilities[XL].package == "xen-utils"
    assert lock.providers["xen"].version == "4.20.1-1"
    assert ensure(project) == []


def test_offline_and_without_indexes_there_is_none(project: Project, tmp_path: Path) -> None:
    empty = replace(project.settings, folders=Folders(*[tmp_path / "empty"] * 3))
    nothing = Project(project.file, empty)
    assert ensure(nothing) == []
    assert cached(nothing) is None


def test_archives_that_cannot_be_read_end_nothing_unless_asked_for(
    project: Project, tmp_path: Path
) -> None:
    folders = Folders(*[tmp_path / "empty"] * 3)
    nowhere = {
        "debian": ("http://127.0.0.1:9/debian",),
        "debian-security": ("http://127.0.0.1:9/",),
    }
    cut_off = Project(project.file, Settings(folders, archives=nowhere))
    (said,) = (text for text in ensure(cut_off) if "none made" in text)
    assert said.startswith(f"{DISTRO}: no lock in the project, and none made: ")
    assert "127.0.0.1" in said
    assert cached(cut_off) is None
    with pytest.raises(XsbuildError):
        ensure(cut_off, refresh=True)


@pytest.mark.parametrize("refresh", [False, True])
def test_an_answer_that_changes_is_shown(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, refresh: bool
) -> None:
    ensure(project)
    index(tmp_path, {**FILES, "usr/sbin/xl": ["make"]})
    assert ensure(project) == []  # the archives were read a moment ago
    if not refresh:
        monkeypatch.setattr("xsbuild.planner.locks._CHECK_SECONDS", 0)
        monkeypatch.setattr("xsbuild.planner.locks.archives_of", lambda *_: "another state")
    head, *lines = ensure(project, refresh=refresh)
    assert "the lock in the cache has changed" in head
    assert "  ! bin(xl): another package: xen-utils 4.20.1-1 → make 4.4.1-2" in lines
    lock = cached(project)
    assert lock is not None
    assert lock.capabilities[XL].package == "make"


def test_a_manifest_that_asks_for_more_has_it_made_again(project: Project) -> None:
    ensure(project)
    text = project.file.read_text()
    assert text.count("requires: [") > 0
    project.file.write_text(text.replace("requires: [", "requires: [bin(q), ", 1))
    assert any("+ bin(q): gl 5-1" in line for line in ensure(project))


@pytest.mark.parametrize("damage", ["", "distro: 7\n", "{", "\0"])
def test_a_damaged_one_is_made_again(project: Project, damage: str) -> None:
    ensure(project)
    lock_file(project.cached_locks, DISTRO).write_text(damage)
    assert cached(project) is None
    assert "made one" in ensure(project)[0]


def test_one_of_the_project_is_used_and_only_compared(project: Project) -> None:
    ensure(project)
    lock = cached(project)
    assert lock is not None
    file = lock_file(project.locks, DISTRO)
    save_lock(lock.model_copy(update={"capabilities": {}}), file)
    before = file.read_bytes()
    assert ensure(project) == []
    head, *lines = ensure(project, refresh=True)
    assert f"`xsbuild lock --distro {DISTRO}` would change the lock" in head
    assert "  + bin(xl): xen-utils 4.20.1-1" in lines
    assert file.read_bytes() == before
    found = cached(project)
    assert found is not None
    assert found.capabilities == {}


def test_a_plan_without_a_lock_blocks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    manifest = shop.root / "components.yaml"
    manifest.write_text(manifest.read_text().replace("requires: []", "requires: [bin(gcc)]", 1))
    lock_file(shop.root / "locks", DISTRO).unlink()
    target = target_for(shop.project, shop.project.distros.get(DISTRO))
    tasks = plan(target, frozenset(target.graph.built), "pbuilder").tasks
    assert {task.component: task.state for task in tasks} == dict.fromkeys(
        ("base", "other", "user"), State.BUILD
    )
    assert "no package names yet" in tasks[0].reason
    # a build needs them, and cannot look them up offline
    monkeypatch.setattr("fakebuilds.Context", partial(Context, offline=True))
    result = shop.build()
    assert result.exit_code == 1
    text = " ".join(result.output.split())
    assert "bin(gcc): not locked; the archives of debian-13 were never read" in text
    assert shop.built() == ["other"]


def test_archives_that_cannot_be_read_are_not_blamed_on_offline() -> None:
    assert "--offline" in explain_unread(DISTRO, offline=True)
    text = explain_unread(DISTRO, offline=False)
    assert "--offline" not in text
    assert f"`xsbuild lock --distro {DISTRO}`" in text


def test_a_build_makes_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    manifest = shop.root / "components.yaml"
    manifest.write_text(manifest.read_text().replace("requires: []", "requires: [bin(xl)]", 1))
    lock_file(shop.root / "locks", DISTRO).unlink()
    index_at(shop.cache / f"indexes/{DISTRO}-x86_64")
    monkeypatch.setattr("fakebuilds.Context", partial(Context, offline=True))
    result = shop.build()
    assert result.exit_code == 0, result.output
    assert "no lock in the project; made one" in result.output
    assert XL in load_lock(lock_file(shop.project.cached_locks, DISTRO)).capabilities
    again = shop.build()
    assert "made one" not in again.output
