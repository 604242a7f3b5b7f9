# SPDX-License-Identifier: Apache-2.0
"""Help texts, and the output of `check` and `plan` for the test project, change only on purpose.

`pytest tests/unit/cli/test_golden.py --update-golden` rewrites the golden files; review their diff.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from person import Person
from upstreams import pinned_project
from xsbuild.cli.main import COMMANDS

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def output(tmp_path: Path) -> Callable[..., str]:
    """Runs xsbuild on the test project in an empty home, and returns everything it printed."""
    person = Person(tmp_path, pinned_project(tmp_path / "project"))

    def run(*args: str) -> str:
        done = subprocess.run(
            person.command(*args),
            env={**person.environment, "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return f"{done.stdout}exit status {done.returncode}\n".replace(str(tmp_path), "~")

    return run


@pytest.mark.parametrize("name", ["xsbuild", *COMMANDS])
def test_help(name: str, output: Callable[..., str], golden: Callable[[Path, str], None]) -> None:
    words = [] if name == "xsbuild" else [name]
    golden(GOLDEN / "help" / f"{name}.txt", output(*words, "--help"))


@pytest.mark.parametrize(
    "words",
    [
        "check",
        "plan --distro debian-13 --builder pbuilder --json",
        "plan --distro centos-stream-10 --builder dnf --json",
    ],
)
def test_output(
    words: str, output: Callable[..., str], golden: Callable[[Path, str], None]
) -> None:
    name = "-".join(word.strip("-") for word in words.split())
    golden(GOLDEN / "output" / f"{name}.txt", output(*words.split()))
