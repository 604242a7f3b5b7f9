# SPDX-License-Identifier: Apache-2.0
"""One meta-package file for all of Debian: the same bytes, by which apt installs the platform."""

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from person import XSBUILD
from rendered import copy_product

PLATFORM = "xenserver-core-platform"
DISTROS = ("debian-12", "debian-13", "debian-14", "debian-sid")


def run(project: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_DATA_HOME": str(project.parent / "data")}
    return subprocess.run(
        [str(XSBUILD), "--manifest", str(project / "components.yaml"), *args],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def published(project: Path, distro: str) -> Path:
    """The meta-package in a distro's repository, built first."""
    done = run(project, "--quiet", "build", "-d", distro, PLATFORM)
    assert done.returncode == 0, done.stderr
    (deb,) = (project / "dist" / distro / "pool").rglob(f"{PLATFORM}_*.deb")
    return deb


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_product(tmp_path / "project")


@pytest.mark.chroot  # for the key that signs the repository
def test_it_is_one_file_for_every_suite(project: Path) -> None:
    hashes = {sha256(published(project, distro).read_bytes()).hexdigest() for distro in DISTROS}
    assert len(hashes) == 1


@pytest.mark.chroot
@pytest.mark.parametrize(
    "distro",
    [
        pytest.param("debian-12"),
        pytest.param("debian-13"),
        pytest.param("debian-sid", marks=pytest.mark.slow),
    ],
)
def test_it_brings_the_platform_from_the_distros_own_packages(project: Path, distro: str) -> None:
    published(project, distro)
    done = run(project, "test-install", "-d", distro, "--json", PLATFORM)
    assert done.returncode == 0, done.stdout + done.stderr
    results = {row["check"]: row["result"] for row in json.loads(done.stdout)["checks"]}
    assert set(results.values()) == {"passed"}
    assert "install" in results
