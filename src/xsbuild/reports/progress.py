# SPDX-License-Identifier: Apache-2.0
"""Progress of a run: live lines on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xsbuild.engine.events import Event, Kind, Listener
from xsbuild.host.terminal import echo, printable

if TYPE_CHECKING:
    from rich.console import RenderableType

MINUTE = 60
_ENDED = {
    Kind.DONE: "done",
    Kind.REUSED: "up to date",
    Kind.FAILED: "FAILED",
    Kind.SKIPPED: "skipped",
}


@dataclass(slots=True)
class Running:
    """A task that runs now.

    Attributes:
        since: when it started, seconds since the epoch.
        step: what it does.
    """

    since: float
    step: str


@dataclass(slots=True)
class State:
    """State of a run: updated by events, read by the display.

    Attributes:
        total: how many tasks there are.
        expected: seconds that each task took last time, where known.
        running: tasks that run now.
        ended: how each ended task ended.
    """

    total: int
    expected: Mapping[str, float]
    running: dict[str, Running] = field(default_factory=dict)
    ended: dict[str, Kind] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take in one event."""
        if event.kind is Kind.STARTED:
            self.running[event.task] = Running(event.time, "")
        elif event.kind is Kind.STEP:
            if event.task in self.running:
                self.running[event.task].step = event.text
        else:
            self.running.pop(event.task, None)
            self.ended[event.task] = event.kind

    def remaining_seconds(self, at_once: int) -> float | None:
        """Return an estimate from earlier runs; None if a remaining task was never built."""
        left = [
            seconds - (time.time() - self.running[name].since if name in self.running else 0)
            for name, seconds in self.expected.items()
            if name not in self.ended
        ]
        if len(left) < self.total - len(self.ended):
            return None
        return sum(max(seconds, 0) for seconds in left) / max(at_once, 1)


def clock(seconds: float) -> str:
    """Return seconds as people read them: ``7 s``, ``2:05``."""
    whole = round(seconds)
    return f"{whole} s" if whole < MINUTE else f"{whole // MINUTE}:{whole % MINUTE:02}"


@contextmanager
def progress(
    total: int, expected: Mapping[str, float], at_once: int, *, quiet: bool, verbose: bool
) -> Iterator[Listener]:
    """Show the progress of a run on standard error while a block runs; see `ShowProgress`.

    Args:
        total: the number of tasks.
        expected: seconds that each task took last time, where known.
        at_once: how many tasks run at the same time.
        quiet: show nothing.
        verbose: show each step, where this is no terminal.
    """
    state = State(total, expected)
    if quiet:
        yield state.add
    elif sys.stderr.isatty():
        with _live(state, at_once) as report:
            yield report
    else:
        yield lambda event: _line(state, event, verbose=verbose)


def _line(state: State, event: Event, *, verbose: bool) -> None:
    since = state.running[event.task].since if event.task in state.running else event.time
    state.add(event)
    text = _sentence(state, event, event.time - since)
    if text and (verbose or event.kind is not Kind.STEP):
        echo(text, err=True)


def _sentence(state: State, event: Event, seconds: float) -> str:
    if event.kind is Kind.STARTED:
        return ""
    if event.kind is Kind.STEP:
        return f"{event.task}: {event.text}"
    count = f"[{len(state.ended)}/{state.total}]"
    took = f" ({clock(seconds)})" if event.kind in {Kind.DONE, Kind.FAILED} else ""
    because = f": {event.text}" if event.text and event.kind is not Kind.FAILED else ""
    return f"{count} {event.task}: {_ENDED[event.kind]}{took}{because}"


@contextmanager
def _live(state: State, at_once: int) -> Iterator[Listener]:
    # rich is slow to import, and only a terminal needs it
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, markup=False)
    with Live(
        console=console, refresh_per_second=4, get_renderable=lambda: _picture(state, at_once)
    ) as live:

        def report(event: Event) -> None:
            since = state.running[event.task].since if event.task in state.running else event.time
            state.add(event)
            if event.kind in _ENDED:
                live.console.print(printable(_sentence(state, event, event.time - since)))

        yield report


def _picture(state: State, at_once: int) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    grid = Table.grid(padding=(0, 2))
    now = time.time()
    for name, running in sorted(state.running.items()):
        grid.add_row(name, printable(running.step), clock(now - running.since))
    left = state.remaining_seconds(at_once)
    about = f"about {clock(left)} left" if left is not None and state.ended else ""
    grid.add_row(f"{len(state.ended)} of {state.total} done", about)
    return grid
