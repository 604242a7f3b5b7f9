# SPDX-License-Identifier: Apache-2.0
"""The package of xenserver-core-setup: built, installed and run, for real."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from rendered import copy_product
from xsbuild.host import process

pytestmark = [pytest.mark.chroot]
NAME = "xenserver-core-setup"
XSBUILD = Path(__file__).parents[3] / ".venv/bin/xsbuild"


def xsbuild(project: Path, *words: str) -> str:
    environment = {**os.environ, "XDG_DATA_HOME": str(project.parent / "data")}
    command = [str(XSBUILD), "--manifest", str(project / "components.yaml"), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_on_debian(tmp_path: Path) -> None:
    project = copy_product(tmp_path / "project")
    xsbuild(project, "--quiet", "build", "-d", "debian-13", NAME)
    tried = json.loads(xsbuild(project, "test-install", "-d", "debian-13", "--json", NAME))
    assert {row["result"] for row in tried["checks"]} == {"passed"}
    (deb,) = (project / "dist/debian-13/pool").rglob(f"{NAME}_*_all.deb")
    process.run(["lintian", "--fail-on", "error", "--allow-root", deb])
    root, host = tmp_path / "root", tmp_path / "host"
    process.run(["dpkg-deb", "--extract", deb, root])
    modules = root / "usr/lib/python3/dist-packages"
    program = root / "usr/bin" / NAME
    host.mkdir()
    run: list[str | Path] = ["/usr/bin/python3", program, f"--root={host}"]
    checked = process.run([*run, "--check"], env={"PYTHONPATH": str(modules)}, ok=(1,))
    assert "inventory: write /etc/xensource-inventory" in checked.output
    assert not list(host.iterdir())
    page = root / "usr/share/man/man8" / f"{NAME}.8.gz"
    shown = process.run(["man", "--local-file", "--warnings", page], env={"MANWIDTH": "80"})
    assert "XENSERVER-CORE-SETUP(8)" in shown.output
    assert "warning" not in shown.output
