# SPDX-License-Identifier: Apache-2.0
"""Each folder of `invalid/` is a project with one mistake, and the exact text that it must give.

A folder holds what differs from the project in `invalid/valid`: its files replace those, `command`
is the command line (`check` where there is none), `xdg/` the user's configuration. The text is in
`expected.txt`; `pytest tests/unit/test_invalid.py --update-golden` rewrites it; review the diff.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from xsbuild.cli.main import run

PROJECTS = Path(__file__).with_name("invalid")
NAMES = sorted(folder.name for folder in PROJECTS.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_an_invalid_project_gives_its_text(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    golden: Callable[[Path, str], None],
) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECTS / "valid", project)
    shutil.copytree(PROJECTS / name, project, dirs_exist_ok=True)
    for variable, folder in {"HOME": "home", "XSBUILD_CACHE": "cache"}.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project / "xdg"))
    monkeypatch.chdir(project)
    command = project / "command"
    status = run(command.read_text().split() if command.exists() else ["check"])
    error = capsys.readouterr().err.replace(str(tmp_path), "~")
    golden(PROJECTS / name / "expected.txt", f"{error}exit status {status}\n")


def test_only_the_valid_project_is_valid() -> None:
    passed = [
        name for name in NAMES if "exit status 0" in (PROJECTS / name / "expected.txt").read_text()
    ]
    assert passed == ["valid"]
