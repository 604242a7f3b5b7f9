# SPDX-License-Identifier: Apache-2.0
"""The log of a build: track its current step, and report failures."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.causes import explain, read_end
from xsbuild.errors import BuildError
from xsbuild.host import process
from xsbuild.host.files import storage
from xsbuild.host.timelimit import TimeLimitError

_POLL_SECONDS = 0.25

UNPACK = "unpack"
DEPENDENCIES = "install build dependencies"
BUILD = "build"
TEST = "test"
PACKAGE = "make packages"

Markers = Sequence[tuple[re.Pattern[str], str]]

# Printed by dh(1) before each command, and by dpkg-buildpackage(1) at the end.
DEBHELPER: Markers = (
    (re.compile(r"^\s+dh_auto_test\b"), TEST),
    (re.compile(r"^\s+(debian/rules \S*)?(dh_prep|dh_auto_install|dh_install)\b"), PACKAGE),
)


@dataclass(slots=True)
class StepTracker:
    """A tracker of steps in the lines of a log.

    Attributes:
        markers: pattern of a line → the step that starts with it.
        tell: called with each new step.
        step: the current one.
    """

    markers: Markers
    tell: Callable[[str], None] = field(default=lambda _step: None)
    step: str = UNPACK

    def feed(self, line: str) -> None:
        """Process the next line."""
        for pattern, step in self.markers:
            if step != self.step and pattern.search(line):
                self.step = step
                self.tell(step)


@contextmanager
def watch(log: Path, tracker: StepTracker) -> Iterator[None]:
    """Feed a tracker with the lines that a block's commands append to a log."""
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


_FULL_BYTES = 1 << 20


@contextmanager
def reported(
    request: BuildRequest, markers: Markers, step: Callable[[str], None]
) -> Iterator[None]:
    """Report the steps of a build from its log, and explain a failed command.

    Raises:
        BuildError: a command in the block failed.
        StorageError: the disk is full, read-only or someone else's.
    """
    step(UNPACK)
    tracker = StepTracker(markers, step)
    start = request.log.stat().st_size if request.log.exists() else 0
    try:
        with storage(request.scratch), watch(request.log, tracker):
            yield
    except process.CommandFailedError as error:
        raise _failed(request, tracker.step, start, error) from error


def _failed(
    request: BuildRequest, step: str, start: int, error: process.CommandFailedError
) -> BuildError:
    if isinstance(error, TimeLimitError):
        return _timed_out(request, step, error)
    # A command without log failed before the build.
    text = read_end(request.log, start) if error.log else error.output
    if shutil.disk_usage(request.scratch).free < _FULL_BYTES:
        text += "\nNo space left on device"  # as the disk may be full for the log, too
    failure = explain(text, step)
    return BuildError(
        f"{request.component} does not build on {request.distro.title}: {step}: {failure}",
        component=request.component,
        step=step,
        log=request.log,
        hint=failure.hint,
        command=failure.command,
        code="XSB-BUILD-FAILED",
    )


def _timed_out(request: BuildRequest, step: str, error: TimeLimitError) -> BuildError:
    return BuildError(
        f"{request.component} does not build on {request.distro.title}: {step}: {error.message}",
        component=request.component,
        step=step,
        log=request.log,
        hint="if it is only slow, set `timeout` or `silence` in the component's `build`, or "
        "`build-time` or `build-silence` under `limits` in config.yaml",
        code=error.code,
    )
