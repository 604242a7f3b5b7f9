# SPDX-License-Identifier: Apache-2.0
"""The test project's components and meta-packages, proven installable without building them."""

import shutil
from pathlib import Path

import pytest

from capabilities.small_archive import fetch_small_archive
from rpmdistro.world import World
from xsbuild.capabilities.fetch_index import index_folder, open_index
from xsbuild.capabilities.lockfile import lock_file, save_lock
from xsbuild.capabilities.make_lock import make_lock
from xsbuild.checks.installable import check_installable
from xsbuild.checks.manifest import READY
from xsbuild.distros.mirrors import mirrors_of
from xsbuild.host.process import is_program
from xsbuild.planner.target import target_for
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings, default_folders

SOURCE = Path(__file__).parents[2] / "support/project"


def project_in(folder: Path, settings: Settings) -> Project:
    for name in ("components.yaml", "locks", "patches", "symbols", "data", "extra"):
        copy = shutil.copytree if (SOURCE / name).is_dir() else shutil.copy
        copy(SOURCE / name, folder / name)
    return Project(folder / "components.yaml", settings)


def findings(project: Project, distro: str) -> tuple[list[str], set[str]]:
    """What cannot be installed and why, and what can."""
    target = target_for(project, project.distros.get(distro))
    found = list(check_installable(target, lambda _text: None))
    missing = [f"{item.component}: {item.text}" for item in found if item.kind != READY]
    return missing, {item.component for item in found if item.kind == READY}


def require(project: Project, old: str, new: str) -> Project:
    text = project.file.read_text(encoding="utf-8")
    assert old in text
    project.file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return Project(project.file, project.settings)


def everything(project: Project) -> set[str]:
    return {*project.manifest.components, *project.manifest.meta_packages}


# The packages of Debian 12 that the test project is built with, without their own dependencies.
NAMES = (
    "autoconf", "automake", "build-essential", "cmake", "dh-sequence-installsysusers",
    "dh-sequence-python3", "libtool", "meson", "ocaml", "ocaml-dune", "pkgconf",
    "pybuild-plugin-pyproject", "python3", "python3-setuptools",
)  # fmt: skip
DEBIAN_12: dict[str, dict[str, str]] = {
    **{name: {} for name in NAMES},
    "debhelper": {"Provides": "debhelper-compat (= 13)"},
}


@pytest.mark.skipif(not is_program("apt-get"), reason="no apt on this machine")
def test_deb(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    project = project_in(tmp_path, Settings(folders, offline=True))
    apt = index_folder(project.distros.get("debian-12"), project.settings) / "apt"
    fetch_small_archive(DEBIAN_12, tmp_path_factory.mktemp("archive"), apt)
    assert findings(project, "debian-12") == ([], everything(project))
    broken = require(project, "requires: [bin(gcc)", 'requires: ["package(deb: nosuch)", bin(gcc)')
    missing, ready = findings(broken, "debian-12")
    component, _, text = missing[0].partition(": ")
    assert text == (
        "its build needs nosuch, which is not there, or excluded by something else that is needed"
    )
    assert component not in ready


@pytest.mark.live
def test_deb_live(tmp_path: Path) -> None:
    project = project_in(tmp_path, Settings(default_folders()))
    distro = project.distros.get("debian-12")
    if len(mirrors_of(distro.archives, project.settings)) < len(distro.archives):
        pytest.skip("no mirror of debian-12 is known")
    assert findings(project, "debian-12") == ([], everything(project))


@pytest.mark.chroot
def test_rpm(tmp_path: Path, rpm_world: World) -> None:
    folders = Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config")
    project = project_in(tmp_path, Settings(folders))
    shutil.copytree(rpm_world.distros, folders.config / "distros")
    distro = rpm_world.distro
    with open_index(distro, project.settings, lambda _text: None) as index:
        locking = make_lock(project.manifest, distro, index)
    save_lock(locking.lock, lock_file(project.locks, distro.name))
    missing, ready = findings(project, distro.name)
    # the test distribution has no OCaml unless it is asked for
    assert [text for text in missing if "ocaml" not in text] == []
    assert "libgreet" in ready
    broken = require(project, "requires: [bin(gcc)", 'requires: ["package(rpm: nosuch)", bin(gcc)')
    assert any(
        text.endswith("needs nosuch, which nothing provides")
        for text in findings(broken, distro.name)[0]
    )
