# SPDX-License-Identifier: Apache-2.0
import time
from pathlib import Path

import pytest

from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.timelimit import TimeLimit, TimeLimitError, shown_seconds


def is_in(link: Path, folder: Path) -> bool:
    try:
        return link.readlink() == folder
    except OSError:  # it has ended, or is another user's
        return False


@pytest.mark.parametrize(
    ("script", "limit", "message"),
    [
        ("sleep 777", (60, 1), "no output for 1 s .*`silence`.*still running: sleep 777$"),
        ("while :; do echo; sleep 0.1; done", (1, 60), "took more than 1 s .*`timeout`"),
        ("(sleep 778; true) & wait", (60, 1), "still running: sleep 778$"),
        ("echo start; (exec sleep 779 >/dev/null) & sleep 780", (60, 1), "sleep 7.., sleep 7"),
        ("trap '' TERM; sleep 782; true", (60, 1), "sleep 782"),
    ],
)
def test_a_command_that_takes_too_long_is_ended(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    limit: tuple[int, int],
    message: str,
) -> None:
    monkeypatch.setattr(process, "_GRACE_SECONDS", 0.5)
    log, start = tmp_path / "log", time.monotonic()
    guard = TimeLimit.starting_now(*limit).guard(log)
    with pytest.raises(TimeLimitError, match=message):
        process.run(["sh", "-c", script], cwd=tmp_path, log=log, guard=guard)
    assert time.monotonic() - start < 30
    assert not [file for file in Path("/proc").glob("[0-9]*/cwd") if is_in(file, tmp_path)]


def test_a_command_within_its_limits_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    guard = TimeLimit.starting_now(60, 60).guard(log)
    done = process.run(["sh", "-c", "sleep 0.5; echo end"], log=log, guard=guard)
    assert (done.status, log.read_text()) == (0, "end\n")


def test_what_a_guard_raises_ends_the_command() -> None:
    def refuse(pid: int) -> None:
        raise XsbuildError(f"{Path(f'/proc/{pid}/cwd').readlink()}", code="XSB-BUILD-TIMEOUT")

    with pytest.raises(XsbuildError, match=r"^/tmp$"):
        process.run(["sleep", "783"], cwd=Path("/tmp"), guard=refuse)


def test_control_characters_of_a_command_line_are_not_printed() -> None:
    shown: list[str] = []

    def look(pid: int) -> None:
        shown.extend(process.running(pid))
        raise XsbuildError("seen", code="XSB-BUILD-TIMEOUT")

    with pytest.raises(XsbuildError, match="seen"):
        process.run(["tail", "-f", "/dev/null", "a\033[2J\nb"], guard=look)
    assert shown
    assert all(line.isprintable() for line in shown)


@pytest.mark.parametrize(
    ("seconds", "text"), [(6 * 3600, "6 h"), (5400, "90 min"), (90, "90 s"), (0, "0 s")]
)
def test_durations_are_shown_in_units(seconds: int, text: str) -> None:
    assert shown_seconds(seconds) == text
