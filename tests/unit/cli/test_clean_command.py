# SPDX-License-Identifier: Apache-2.0
"""`xsbuild clean` removes what was asked for and says so."""

import json
import os
import subprocess
import sys
from pathlib import Path


def clean(cache: Path, *options: str) -> subprocess.CompletedProcess[str]:
    code = "from xsbuild.cli.main import main; main()"
    env = {"PATH": os.environ["PATH"], "HOME": str(cache.parent), "XSBUILD_CACHE": str(cache)}
    command = [sys.executable, "-c", code, "clean", *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_what_was_removed_is_shown_with_its_size(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/file").write_bytes(b"x" * 2_000_000)
    (tmp_path / "store").mkdir()
    done = clean(tmp_path, "--sources")
    assert done.returncode == 0
    assert [line.split()[-1] for line in done.stdout.splitlines()[:2]] == ["MB", "2.0"]
    assert done.stdout.splitlines()[-1] == "2.0 MB in all"
    assert {path.name for path in tmp_path.iterdir()} == {"store", "work"}


def test_for_programs_it_is_json(tmp_path: Path) -> None:
    assert json.loads(clean(tmp_path, "--json").stdout) == []
    (tmp_path / "store").mkdir()
    [row] = json.loads(clean(tmp_path, "--all", "--json").stdout)
    assert row["path"] == str(tmp_path / "store")


def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    assert clean(tmp_path, "--all").stdout == "nothing to remove\n"
