# SPDX-License-Identifier: Apache-2.0
"""`xsbuild test-install` as a person or a program sees it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from planted import Deb, publish
from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.distros.load import find_distros
from xsbuild.repos.signing import signing_key
from xsbuild.settings import Folders, Settings

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Desk:
    """A project and someone who tries what it published."""

    folder: Path

    def publish(self, deb: Deb) -> None:
        folders = Folders(self.folder / "cache", self.folder / "data", self.folder / "config")
        key = signing_key(Settings(folders), say=lambda _: None)
        repository = publish(self.folder / "made", [deb], key)
        (self.folder / "project/dist").mkdir()
        repository.rename(self.folder / "project/dist/debian-13")

    def test_install(self, *words: str) -> subprocess.CompletedProcess[str]:
        code = "from xsbuild.cli.main import main; main()"
        manifest = str(self.folder / "project/components.yaml")
        command = [sys.executable, "-c", code, "--manifest", manifest, "--offline", "test-install"]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XSBUILD_CACHE": str(self.folder / "cache"),
        }
        return subprocess.run(
            [*command, *words], env=env, capture_output=True, text=True, check=False
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    project, ignored = tmp_path / "project", shutil.ignore_patterns("upstream", "__pycache__")
    shutil.copytree(ROOT / "tests/support/project", project, ignore=ignored)
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-d", "debian-13"), "`xsbuild build --distro debian-13` does that"),
        (("-d", "fedora-44"), "`xsbuild build --distro fedora-44` does that"),
        (("-d", "debian-31"), "unknown distro"),
    ],
)
def test_where_nothing_can_be_tried_it_says_what_to_do(
    desk: Desk, words: tuple[str, ...], message: str
) -> None:
    done = desk.test_install(*words)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.chroot
def test_a_failure_is_told_to_people_and_to_programs(desk: Desk, bases: Path) -> None:
    (desk.folder / "cache").mkdir()
    (desk.folder / "cache/bases").symlink_to(bases)
    folders = Folders(desk.folder / "cache", desk.folder / "data", desk.folder / "config")
    distro = find_distros([ROOT / "distros"]).get("debian-13")
    log = desk.folder / "base.log"
    ensure_base(distro, Variant.INSTALL, Settings(folders), step=print, log=log)
    desk.publish(Deb("leaves", scripts={"postinst": "touch /var/lib/leaves"}))

    done = desk.test_install("-d", "debian", "leaves", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    results = {check["check"]: check["result"] for check in report["checks"]}
    assert results.pop("purge") == "failed"
    assert set(results.values()) == {"passed"}
    [failure] = next(check["failures"] for check in report["checks"] if check["failures"])
    assert failure["subject"] == "/var/lib/leaves"
    assert "leaves on Debian 13 (trixie): 1 failure" in done.stderr
    assert "/var/lib/leaves: is left behind after purge" in done.stderr
    assert "Setting up leaves" in Path(report["log"]).read_text()
    assert list((desk.folder / "cache/work").iterdir()) == []
