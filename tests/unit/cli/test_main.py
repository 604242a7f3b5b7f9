# SPDX-License-Identifier: Apache-2.0
"""What every subcommand has in common: help, mistakes, exit statuses, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xsbuild.cli.main import COMMANDS

ROOT = Path(__file__).parents[3]


def xsbuild(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = "from xsbuild.cli.main import main; main()"
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = xsbuild(name, "--help")
    assert result.returncode == 0
    assert f"xsbuild {name}" in result.stdout.partition("Example:")[2]


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; sys.argv = ['xsbuild', '--help']\n"
        "from xsbuild.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(*sorted(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]
    loaded = set(printed.split())
    assert not loaded & {"pydantic", "yaml", "jinja2", "rich", "httpx", "debian"}


def test_a_mistyped_command_gets_the_nearest(tmp_path: Path) -> None:
    result = xsbuild("biuld", cwd=tmp_path)
    assert result.returncode == 2
    assert "Did you mean `build`?" in result.stderr


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("plan", "--distro", "debian"), "no components.yaml in"),
        (
            ("--manifest", "nowhere.yaml", "plan", "--distro", "debian"),
            "manifest nowhere.yaml does not exist",
        ),
        (("plan",), "no components.yaml in"),
    ],
)
def test_wrong_use_is_status_2_without_a_traceback(
    args: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    result = xsbuild(*args, cwd=tmp_path)
    assert result.returncode == 2
    assert text in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_an_unknown_distro_gets_the_nearest() -> None:
    result = xsbuild("plan", "--distro", "debian-133")
    assert result.returncode == 2
    assert "unknown distro 'debian-133'" in result.stderr
    assert "did you mean `debian-13`?" in result.stderr


ONE_DISTRO = ("plan", "build", "why", "render", "providers", "graph", "shell", "test-install")


@pytest.mark.parametrize("name", ONE_DISTRO)
def test_several_distros_are_an_error(name: str) -> None:
    result = xsbuild(name, "-d", "centos", "-d", "debian")
    assert result.returncode == 2
    assert "several distros: centos, debian" in result.stderr
    assert result.stdout == ""


def test_without_a_distro_the_default_of_the_user_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "xsbuild").mkdir()
    (tmp_path / "xsbuild/config.yaml").write_text("distro: fedora-44\n")
    result = xsbuild("graph", cwd=ROOT / "tests/support/project")
    assert result.returncode == 0
    assert result.stderr == "distro: fedora-44 (from config.yaml)\n"


def test_json_is_json_and_tables_are_plain_in_a_pipe() -> None:
    rows = json.loads(xsbuild("distros", "--json").stdout)
    (debian,) = [row for row in rows if "debian" in row["aliases"]]
    assert debian["name"] == "debian-13"
    plain = xsbuild("distros").stdout
    assert plain.startswith("NAME")
    assert "\x1b" not in plain
    assert "│" not in plain


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closed: str) -> None:
    command = f"exec .venv/bin/xsbuild distros {closed}"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_output_that_cannot_be_written_is_said_without_a_traceback() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [".venv/bin/xsbuild", "distros"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output cannot be written: No space left")
