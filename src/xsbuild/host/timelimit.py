# SPDX-License-Identifier: Apache-2.0
"""Limits of time for commands that write a log."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.host.process import CommandFailedError, Guard, running


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Limits of time for a series of commands that append to one log.

    Attributes:
        end: when all must have ended (`time.monotonic`).
        seconds: the time from its start to `end`, for messages.
        silence: greatest time in seconds without output.
    """

    end: float
    seconds: int
    silence: int

    @classmethod
    def starting_now(cls, seconds: int, silence: int) -> "TimeLimit":
        """Return limits that count from now."""
        return cls(time.monotonic() + seconds, seconds, silence)

    def guard(self, log: Path) -> Guard:
        """Return a guard for a command that starts now; see `process.run`.

        It raises a TimeLimitError when the time is over, or the log has not grown for too long.
        """
        seen, since = -1, time.monotonic()

        def check(pid: int) -> None:
            nonlocal seen, since
            now, size = time.monotonic(), log.stat().st_size
            if size != seen:
                seen, since = size, now
            if now > self.end:
                exceeded = f"took more than {shown_seconds(self.seconds)} (limit `timeout`)"
            elif now > since + self.silence:
                exceeded = f"no output for {shown_seconds(self.silence)} (limit `silence`)"
            else:
                return
            raise TimeLimitError(exceeded, list(running(pid)), log)

        return check


class TimeLimitError(CommandFailedError):
    """A command was ended because it exceeded a limit of time."""

    def __init__(self, exceeded: str, left: Sequence[str], log: Path) -> None:
        names = f"; still running: {', '.join(left)}" if left else ""
        super().__init__(["command"], -signal.SIGTERM, "", log)
        self.message = f"{exceeded}{names}"
        self.code = "XSB-BUILD-TIMEOUT"


def shown_seconds(seconds: int) -> str:
    """Return a duration in the largest unit that divides it: ``90 min``."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
