# SPDX-License-Identifier: Apache-2.0
"""Locks between processes (flock(2)): they end with their holder, however it ends."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xsbuild.host import process


@contextmanager
def file_lock(file: Path, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock during a block and remove its file afterwards; it excludes threads, too.

    Args:
        file: stands for the lock, in an existing directory; it exists while the lock is held.
        waiting: called once if another process or thread holds the lock.

    Raises:
        CommandFailedError: xsbuild was interrupted while it waited.
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
    """Try to hold such a lock without waiting; yield whether it is held."""
    descriptor = _take(file)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _release(file, descriptor)


@contextmanager
def lasting_lock(
    place: Path, *, shared: bool = False, waiting: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Hold a lock during a block and keep its file.

    Args:
        place: a directory, or a file, which is created where it does not exist.
        shared: others may share the lock.
        waiting: called once if another process or thread holds the lock.

    Yields:
        The open file descriptor.

    Raises:
        FileNotFoundError: the directory of the file does not exist.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with _opened(place) as descriptor:
        if not _flock(descriptor, kind | fcntl.LOCK_NB):
            waiting()
            _flock(descriptor, kind)
        with _unlocking(descriptor):
            yield descriptor


@contextmanager
def free_lasting_lock(place: Path) -> Iterator[bool]:
    """Try to hold the lock of a file or directory without waiting; yield whether it is held.

    Raises:
        FileNotFoundError: the directory of the file does not exist.
    """
    with _opened(place) as descriptor:
        if not _flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield False
            return
        with _unlocking(descriptor):
            yield True


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY if place.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(place, flags, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _unlocking(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        # Closing alone would leave the lock with workers that were forked meanwhile.
        _flock(descriptor, fcntl.LOCK_UN)


def _flock(descriptor: int, operation: int) -> bool:
    """Call flock(2); return whether the lock was free."""
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        return False
    return True


def _take(file: Path) -> int | None:
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not _flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB):
                os.close(descriptor)
                return None
            if is_still(file, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder has removed the file meanwhile; the lock is a new file


def is_still(file: Path, descriptor: int) -> bool:
    """Return whether a path still names an open file."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _release(file: Path, descriptor: int) -> None:
    file.unlink(missing_ok=True)
    with _unlocking(descriptor):
        pass
    os.close(descriptor)
