# SPDX-License-Identifier: Apache-2.0
"""Locks between processes that end with their holder, however it ends, and leave no file behind."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xsbuild.host import process


@contextmanager
def file_lock(file: Path, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds a lock while a block runs; it is exclusive between threads, too.

    Args:
        file: stands for the lock, in an existing directory; it exists while the lock is held.
        waiting: called once if someone else holds the lock.

    Raises:
        CommandFailedError: xsbuild was told to stop while it waited.
    """
    descriptor = _take(file)
    if descriptor is None:
        waiting()
    while descriptor is None:
        # A thread that waits in flock(2) cannot be interrupted; a child that does is killed with
        # all others when the user gives up.
        process.run(["flock", file, "true"])
        descriptor = _take(file)
    try:
        yield
    finally:
        _release(file, descriptor)


@contextmanager
def free_lock(file: Path) -> Iterator[bool]:
    """Holds a lock if nobody else does; yields whether it is held."""
    descriptor = _take(file)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _release(file, descriptor)


def _take(file: Path) -> int | None:
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(file, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder has removed the file meanwhile; the lock is a new file


def _is_still(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _release(file: Path, descriptor: int) -> None:
    file.unlink(missing_ok=True)
    # Closing alone would leave the lock with workers that were forked meanwhile.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)
