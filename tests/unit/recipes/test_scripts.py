# SPDX-License-Identifier: Apache-2.0
"""Maintainer scripts: run by a shell, with and without `set -e` around them."""

import subprocess

import pytest

from xsbuild.manifest.package import Scripts
from xsbuild.recipes.scripts import subshells

HERE_DOCUMENT = "cat <<X\n)\nX\nexit 0\n"


def run(text: str, start: str) -> tuple[int, str]:
    script = subshells(Scripts(after_install=text)).after_install
    assert script is not None
    done = subprocess.run(
        ["/bin/sh", "-s", "1"],
        input=f"{start}\n{script}\necho next\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("start", ["", "set -e"])
@pytest.mark.parametrize(
    ("text", "status", "output"),
    [
        ("exit 0", 0, "next\n"),
        ("[ -e / ] && exit 0\nfalse", 0, "next\n"),
        ('if [ "$1" = 1 ]; then exit; fi; exit 3', 0, "next\n"),
        (HERE_DOCUMENT, 0, ")\nnext\n"),
        ("true # end", 0, "next\n"),
        ("false || true", 0, "next\n"),
        ("false\ntrue", 1, ""),
        ("exit 3", 1, ""),
        ("not-a-program-of-this-machine\nexit 0", 1, ""),
    ],
)
def test_the_end_of_a_script(start: str, text: str, status: int, output: str) -> None:
    ended, printed = run(text, start)
    assert (ended != 0, printed) == (status != 0, output)


@pytest.mark.parametrize("text", ["# nothing", "\n  # a\n\n# b\n", "#!/bin/sh"])
def test_comments_are_no_script(text: str) -> None:
    assert subshells(Scripts(before_remove=text)) == Scripts()


def test_text_is_escaped_for_its_file() -> None:
    script = subshells(Scripts(before_install="date +%Y"), lambda text: text.replace("%", "%%"))
    assert "date +%%Y" in (script.before_install or "")
