# SPDX-License-Identifier: Apache-2.0
"""What is shown follows from the events alone."""

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from xsbuild.engine.events import Event, Kind
from xsbuild.reports.progress import State, clock, progress


def events() -> list[Event]:
    return [
        Event(Kind.STARTED, "a@d", time=10.0),
        Event(Kind.STEP, "a@d", "install build dependencies", time=11.0),
        Event(Kind.STARTED, "b@d", time=11.0),
        Event(Kind.FAILED, "a@d", "a broke", time=17.4),
        Event(Kind.REUSED, "b@d", "nothing changed", time=18.0),
        Event(Kind.SKIPPED, "c@d", "a@d failed", time=18.0),
    ]


def shown(capsys: pytest.CaptureFixture[str], *, quiet: bool, verbose: bool) -> list[str]:
    with progress(3, {}, 2, quiet=quiet, verbose=verbose) as report:
        for event in events():
            report(event)
    return capsys.readouterr().err.splitlines()


def test_the_state_follows_from_the_events() -> None:
    state = State(3, {})
    for event in events():
        state.add(event)
    assert state.ended == {"a@d": Kind.FAILED, "b@d": Kind.REUSED, "c@d": Kind.SKIPPED}
    assert not state.running


def test_plain_lines_say_how_each_task_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, quiet=False, verbose=False) == [
        "[1/3] a@d: FAILED (7 s)",
        "[2/3] b@d: up to date: nothing changed",
        "[3/3] c@d: skipped: a@d failed",
    ]


def test_verbose_adds_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert "a@d: install build dependencies" in shown(capsys, quiet=False, verbose=True)


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, quiet=True, verbose=False) == []


def read_all(terminal: int) -> Iterator[bytes]:
    """Everything that was written on a terminal that is closed now."""
    with os.fdopen(terminal, "rb", buffering=0) as stream, suppress(OSError):  # EIO at its end
        while part := stream.read(1 << 16):
            yield part


HOSTILE = ("\x1b]0;title\x07", "\x9b2J", "\u202e", "\x1bc")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_step_or_failure_controls_the_terminal(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, inside = pty.openpty()
    with os.fdopen(inside, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(2, {}, 1, quiet=False, verbose=False) as report:
            report(Event(Kind.STARTED, "a@d", time=10.0))
            report(Event(Kind.STEP, "a@d", f"unpack {text}", time=11.0))
            report(Event(Kind.REUSED, "b@d", f"because {text}", time=11.0))
    seen = b"".join(read_all(terminal)).decode()
    assert "unpack" in seen
    assert "because" in seen
    assert text not in seen


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (179.6, "3:00"), (605.0, "10:05")],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_estimate_needs_every_task_to_be_known() -> None:
    state = State(3, {"a": 10.0, "b": 20.0})
    assert state.remaining_seconds(2) is None
    state.add(Event(Kind.REUSED, "c"))
    assert state.remaining_seconds(2) == 15.0
    state.add(Event(Kind.DONE, "b"))
    assert state.remaining_seconds(2) == 5.0
