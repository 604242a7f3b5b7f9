# SPDX-License-Identifier: Apache-2.0
"""A build says when the archive is newer than the lock it goes by."""

import os
import platform
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from xsbuild.planner.plan import moved_on, target_for
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

ROOT = Path(__file__).parents[2]


def project_with_base(folder: Path, release: str) -> Project:
    """The product, with a base chroot of debian-13 that shows an archive's state."""
    shutil.copy(ROOT / "components.yaml", folder)
    shutil.copytree(ROOT / "locks", folder / "locks")
    settings = Settings(Folders(folder / "cache", folder / "data", folder / "config"))
    project = Project(folder / "components.yaml", settings)
    machine = project.distros.get("debian-13").architectures[platform.machine()]
    owner = "user" if os.geteuid() else "root"
    kept = settings.folders.bases / f"debian-13-build-{machine}-{owner}"
    (kept / "1/root").mkdir(parents=True)
    for name, text in {"packages.txt": "", "release.txt": release, "recipe.txt": ""}.items():
        (kept / "1" / name).write_text(text)
    (kept / "current").symlink_to("1")
    return project


@pytest.mark.parametrize("same", [True, False])
def test_it_is_said_only_where_the_archive_differs(tmp_path: Path, *, same: bool) -> None:
    digests = ["a" * 64, "b" * 64]
    release = f"{digests[1]}  updates_InRelease\n{digests[0]}  main_InRelease\n"
    project = project_with_base(tmp_path, release)
    if same:
        lock = tmp_path / "locks/debian-13.yaml"
        before = target_for(project, project.distros.get("debian-13")).lock
        assert before is not None
        now = sha256("".join(digests).encode()).hexdigest()
        lock.write_text(lock.read_text().replace(before.index.hash, now))
    text = moved_on(target_for(project, project.distros.get("debian-13")))
    assert (text is None) == same
    if text is not None:
        assert "xsbuild lock --distro debian-13" in text
