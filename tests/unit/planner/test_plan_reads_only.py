# SPDX-License-Identifier: Apache-2.0
"""A plan waits for no other process and deletes nothing."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakebuilds import DISTRO, make_base, make_shop


def test_a_plan_takes_no_lock_of_base_chroots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    old = shop.base
    (old / "replaced").touch()
    os.utime(old / "replaced", (1, 1))
    unfinished = old.parent / "new-x"
    unfinished.mkdir()
    make_base(shop, "2")
    manifest = shop.root / "components.yaml"
    code = "from xsbuild.cli.main import main; main()"
    command = [
        sys.executable,
        "-c",
        code,
        "--manifest",
        str(manifest),
        "plan",
        "-d",
        DISTRO,
        "base",
    ]
    with (old.parent / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "never built here" in done.stdout
    assert old.is_dir()
    assert unfinished.is_dir()
