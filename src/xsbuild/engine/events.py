# SPDX-License-Identifier: Apache-2.0
"""The event stream: progress of tasks, as JSON lines in a file.

A file, not a callback: a task may run in another process, or on another machine that shares the
file system. One `write` of one line in append mode is atomic, so writers need no lock.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias


class Kind(StrEnum):
    """Kinds of events."""

    STARTED = "started"
    STEP = "step"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one task.

    Attributes:
        kind: what happened.
        task: the task's name.
        text: the step, the error, or why it was skipped.
        time: seconds since the epoch.
    """

    kind: Kind
    task: str
    text: str = ""
    time: float = field(default_factory=time.time)

    def to_json(self) -> str:
        """Return the event as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


Listener: TypeAlias = Callable[[Event], None]


class ShowProgress(Protocol):
    """A context that shows the progress of a run, and yields the receiver of its events."""

    def __call__(
        self, total: int, expected: Mapping[str, float], at_once: int
    ) -> AbstractContextManager[Listener]:
        """Start to show it.

        Args:
            total: the number of tasks.
            expected: seconds that each task took last time, where known.
            at_once: how many tasks run at the same time.
        """


@dataclass(frozen=True, slots=True)
class EventLog:
    """A file of events, as plain data that can be passed to a task's process."""

    file: Path

    def emit(self, kind: Kind, task: str, text: str = "") -> None:
        """Append one event."""
        line = Event(kind, task, text).to_json() + "\n"
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


@dataclass(slots=True)
class EventReader:
    """A reader of new events in an event log."""

    file: Path
    position: int = 0

    def read(self) -> Iterator[Event]:
        """Yield the events that came since the last call."""
        if not self.file.exists():
            return
        with self.file.open("rb") as stream:
            stream.seek(self.position)
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # still being written
                self.position += len(line)
                data = json.loads(line)
                yield Event(Kind(data["kind"]), data["task"], data["text"], data["time"])
