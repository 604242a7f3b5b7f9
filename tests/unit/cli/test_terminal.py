# SPDX-License-Identifier: Apache-2.0
"""What reaches a terminal, and what is said where little or nothing can be printed."""

import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from person import XSBUILD
from xsbuild.engine.prepare import log_file
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

VALID = Path(__file__).parents[1] / "invalid/valid"
STYLE = re.compile(r"\x1b\[[0-9;]*m")  # xsbuild's own
# Red text, the terminal's title, a C1 control, reversed text, back to the start of the line.
HOSTILE = "\x1b[31m \x1b]0;x\x07 \x9b5A \u202etxt.exe\u2066 \rerased \x08\x7f"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(VALID, tmp_path / "project")
    log = log_file(
        Project(tmp_path / "project/components.yaml", settings(tmp_path)), "greet@debian-13"
    )
    log.parent.mkdir(parents=True)
    log.write_text(f"cc -c a.c\n{HOSTILE}\n", encoding="utf-8")
    return tmp_path / "project"


def settings(home: Path) -> Settings:
    return Settings(Folders(home / "cache", home / "data", home / "config"))


def environment(project: Path) -> dict[str, str]:
    home = project.parent
    return {
        "HOME": str(home), "XSBUILD_CACHE": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"), "PATH": "/usr/bin:/bin",
        "TERM": "xterm", "COLUMNS": "100",
    }  # fmt: skip


def printed(project: Path, *words: str) -> str:
    """Runs xsbuild on a terminal and returns everything that it printed there."""
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [str(XSBUILD), *words], cwd=project, env=environment(project),
        stdin=inside, stdout=inside, stderr=inside,
    ):  # fmt: skip
        os.close(inside)
        parts = []
        while part := _read(terminal):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts).decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux's end of a terminal
        return b""


def change(project: Path, file: str, old: str, new: str) -> None:
    text = (project / file).read_text(encoding="utf-8")
    assert old in text
    (project / file).write_text(text.replace(old, new), encoding="utf-8")


def hostile_patch(project: Path) -> None:
    change(project, "patches/greet/polite.patch", "Be polite", f"Be {HOSTILE}".replace("\r", ""))


def hostile_summary(project: Path) -> None:
    change(project, "components.yaml", "Program that greets", f'"{HOSTILE}"')


def hostile_patch_name(project: Path) -> None:
    change(project, "components.yaml", "polite.patch", "gnp.\u202epatch")


def hostile_distro(project: Path) -> None:
    (project / "distros").mkdir()
    (project / "distros/bad\x1b[31m.yaml").write_text("name: a\n")


def nothing(project: Path) -> None:
    del project


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (hostile_patch, ["patches"]),
        (hostile_patch, ["patches", "--json"]),
        (hostile_summary, ["check"]),
        (hostile_patch_name, ["check"]),
        (hostile_patch_name, ["patches"]),
        (hostile_distro, ["distros"]),
        (nothing, ["logs", "greet", "-d", "debian-13"]),
        (nothing, ["plan", "-d", HOSTILE]),
        (nothing, [f"--{HOSTILE}"]),
        (nothing, [HOSTILE]),
        (nothing, ["graph", "-d", "debian", "--format", HOSTILE]),
        (nothing, ["--manifest", HOSTILE, "check"]),
        (nothing, ["why", HOSTILE, "-d", "debian"]),
        (nothing, ["render", "-d", "debian-13", "greet", "-o", f"out/{HOSTILE}"]),
    ],
)
def test_no_text_controls_the_terminal(
    prepare: Callable[[Path], None], words: list[str], project: Path
) -> None:
    prepare(project)
    text = STYLE.sub("", printed(project, *words))
    assert text
    assert not [c for c in text if not c.isprintable() and c not in "\n\t"]


def test_json_has_hostile_text_as_it_is(project: Path) -> None:
    hostile_patch(project)
    command = [str(XSBUILD), "patches", "--json"]
    done = subprocess.run(
        command, cwd=project, env=environment(project), capture_output=True, check=True
    )
    (patch,) = json.loads(done.stdout)
    assert "\u202etxt.exe" in patch["description"]
    assert done.stdout.isascii()


def test_quiet_keeps_the_cause(project: Path) -> None:
    change(project, "components.yaml", "- local: greet", "- url: file:///nowhere/greet.tar.gz\n"
        f"        sha256: {'a' * 64}")  # fmt: skip
    text = printed(project, "--quiet", "fetch")
    assert "file:///nowhere/greet.tar.gz" in text
    assert "No such file" in text


def test_quiet_keeps_the_faulty_line(project: Path) -> None:
    change(project, "components.yaml", "system: make", "system: mke")
    text = printed(project, "--quiet", "plan", "-d", "debian-13")
    assert "components.greet.build.system" in text
    assert "did you mean `make`?" in text


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["plan", "--distro", "nosuch"], 2),
        (["nosuch"], 2),
        (["plan", "--distro", "debian-13"], 0),
        (["resolve", "bin(gcc) >= 99", "-d", "debian-13"], 1),
    ],
)
@pytest.mark.parametrize("sink", ["2>/dev/full", "2>&-", "2>&$unread"])
def test_unreadable_messages_do_not_change_the_status(
    words: list[str], status: int, sink: str, project: Path
) -> None:
    reading, unread = os.pipe()
    os.close(reading)
    script = f'exec "$@" {sink.replace("$unread", str(unread))}'
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", str(XSBUILD), *words], cwd=project,
        env=environment(project), pass_fds=[unread], stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    os.close(unread)
    assert done.returncode == status
