# SPDX-License-Identifier: Apache-2.0
"""Which step a build is in, read off its log while it is written."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_POLL_SECONDS = 0.25

UNPACK = "unpack"
DEPENDENCIES = "install build dependencies"
BUILD = "build"
TEST = "test"
PACKAGE = "make packages"

Markers = Sequence[tuple[re.Pattern[str], str]]

# What dh(1) prints before it runs a command, and dpkg-buildpackage(1) at the end.
DEBHELPER: Markers = (
    (re.compile(r"^\s+dh_auto_test\b"), TEST),
    (re.compile(r"^\s+(dh_auto_install|dh_install)\b"), PACKAGE),
)


@dataclass(slots=True)
class StepTracker:
    """Finds the step in the lines of a log.

    Attributes:
        markers: pattern of a line → the step that starts with it.
        tell: told each new step.
        step: the current one.
    """

    markers: Markers
    tell: Callable[[str], None] = field(default=lambda _step: None)
    step: str = UNPACK

    def feed(self, line: str) -> None:
        """Takes the next line."""
        for pattern, step in self.markers:
            if step != self.step and pattern.search(line):
                self.step = step
                self.tell(step)


@contextmanager
def watch(log: Path, tracker: StepTracker) -> Iterator[None]:
    """Feeds a tracker with what a block's commands append to a log."""
    log.touch()
    done = threading.Event()
    start = log.stat().st_size
    thread = threading.Thread(target=_follow, args=(log, start, tracker, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _follow(log: Path, start: int, tracker: StepTracker, done: threading.Event) -> None:
    with log.open("rb") as stream:
        stream.seek(start)
        pending = b""
        last = False
        while not last:
            last = done.wait(_POLL_SECONDS)
            *lines, pending = (pending + stream.read()).split(b"\n")
            for line in lines:
                tracker.feed(line.decode(errors="replace"))
