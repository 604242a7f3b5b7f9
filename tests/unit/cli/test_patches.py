# SPDX-License-Identifier: Apache-2.0
"""`xsbuild patches`, and what `xsbuild check` says of a patch without a header."""

import datetime
import json
import shutil
from pathlib import Path

import pytest

from cli.test_main import xsbuild
from greetings import ROOT


def test_lists_what_is_carried() -> None:
    done = xsbuild("patches", cwd=ROOT)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split()[:4] == ["COMPONENT", "PATCH", "DAYS", "STATE"]
    (row,) = json.loads(xsbuild("patches", "--json", cwd=ROOT).stdout)
    days = row.pop("days")
    assert row == {
        "component": "greet",
        "patch": "polite.patch",
        "state": "not needed",
        "upstream": None,
        "description": "Be polite",
        "origin": "vendor",
        "last-update": "2026-11-20",
        "reference": None,
    }
    today = datetime.datetime.now(datetime.UTC).date()
    assert (today - datetime.date(2026, 11, 20)).days - days in (0, 1)  # midnight may pass


def test_of_some_components() -> None:
    assert json.loads(xsbuild("patches", "--json", "shapes", cwd=ROOT).stdout) == []
    wrong = xsbuild("patches", "shape", cwd=ROOT)
    assert wrong.returncode == 2
    assert "did you mean `shapes`?" in wrong.stderr


@pytest.mark.parametrize("field", ["Origin", "Forwarded", "Last-Update", "Description"])
def test_check_fails_on_a_missing_header(field: str, tmp_path: Path) -> None:
    project = shutil.copytree(ROOT, tmp_path / "project")
    patch = project / "patches/greet/polite.patch"
    lines = patch.read_text().splitlines(keepends=True)
    patch.write_text("".join(line for line in lines if not line.startswith(f"{field}:")))
    done = xsbuild("check", cwd=project)
    assert done.returncode == 2
    assert f"DEP-3 header lacks {field}" in done.stderr
    assert "Traceback" not in done.stderr
