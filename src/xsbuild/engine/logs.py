# SPDX-License-Identifier: Apache-2.0
"""Logs of builds: written by one process, and read by any other, also while they grow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xsbuild.engine.prepare import log_file
from xsbuild.host.locks import free_lasting_lock, lasting_lock
from xsbuild.project import Project

_POLL_SECONDS = 0.25


@contextmanager
def begun(log: Path) -> Iterator[None]:
    """Empty a log, and mark it as being written while a block runs.

    The mark is a lock, which ends with its process however that ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    with lasting_lock(log, shared=True):
        yield


def last_log(project: Project, task: str) -> Path | None:
    """Return the log of a task's last build, or of its newest result where that log was removed."""
    result = project.history.last(task)
    files = [log_file(project, task), *([result.folder / "build.log"] if result else [])]
    return next((file for file in files if file.is_file()), None)


def lines_of(log: Path, *, follow: bool) -> Iterator[str]:
    """Read a log.

    Args:
        follow: also what is appended, until nothing writes it any more.
    """
    with log.open(encoding="utf-8", errors="replace") as stream:
        growing = True
        while growing:
            growing = follow and _is_written(log)
            yield from stream
            if growing:
                time.sleep(_POLL_SECONDS)


def _is_written(log: Path) -> bool:
    with free_lasting_lock(log) as free:
        return not free
