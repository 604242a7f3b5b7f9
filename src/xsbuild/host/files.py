# SPDX-License-Identifier: Apache-2.0
"""File system helpers: clear errors, and atomic writes that survive a power cut."""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

from xsbuild.errors import XsbuildError

_BLOCK = 512  # of st_blocks (stat(2)), whatever the file system's are
_CAUSES = {
    errno.ENOSPC: ("the disk that holds {place} is full", "free some space there"),
    errno.EDQUOT: ("the disk quota for {place} is used up", "free some space there"),
    errno.EROFS: ("{place} is on a read-only file system", "choose another folder"),
    errno.EACCES: ("no permission for {place}", "check who owns it, or choose another folder"),
    errno.EPERM: ("no permission for {place}", "check who owns it, or choose another folder"),
}


class StorageError(XsbuildError):
    """One of xsbuild's folders cannot be written."""


@contextmanager
def storage(place: Path) -> Iterator[None]:
    """Turn errors of the file system (full, read-only, no permission) into a `StorageError`.

    Args:
        place: the path being written, used if the system's error names none.

    Raises:
        StorageError: instead of the OSError; others pass.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _CAUSES:
            raise
        message, hint = _CAUSES[error.errno]
        # The second name is where a copy goes.
        named = (error.filename2, error.filename, str(place))
        where = next(name for name in named if isinstance(name, str))
        raise StorageError(
            message.format(place=where),
            hint=f"{hint} (XSBUILD_CACHE moves the cache)",
            code="XSB-HOST-STORAGE",
        ) from error


@contextmanager
def replacing(file: Path, *, alone: bool = False) -> Iterator[Path]:
    """Replace a file atomically: a reader sees the old or the new content, never a part.

    Args:
        file: in an existing directory; it need not exist.
        alone: the caller holds a lock on it, so leftovers of killed processes are removed.

    Yields:
        A path beside it that does not exist. A file created there is renamed to `file` when the
        block ends without an exception, and removed otherwise.
    """
    unique = "new" if alone else f"{os.getpid()}-{secrets.token_hex(4)}"
    draft = file.with_name(f".{file.name}.{unique}")
    draft.unlink(missing_ok=True)
    try:
        yield draft
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def write_file(file: Path, text: str) -> None:
    """Replace the content of a file atomically; see `replacing`."""
    with replacing(file) as draft:
        draft.write_text(text, encoding="utf-8")


def sha256_of(file: Path) -> str:
    """Return the file's sha256, in hexadecimal."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def copy_plain(file: Path, folder: Path) -> Path:
    """Copy a file that an untrusted process left; a link or a special file is refused.

    Returns:
        The copy.

    Raises:
        XsbuildError: it is not there, or not a plain file.
    """
    try:
        # O_NONBLOCK: opening a pipe that has no writer would block.
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _not_plain(file) from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise _not_plain(file)
    with os.fdopen(number, "rb") as stream, (folder / file.name).open("xb") as copy:
        shutil.copyfileobj(stream, copy)
    return folder / file.name


def _not_plain(file: Path) -> XsbuildError:
    return XsbuildError(f"{file.name}: missing, or not a plain file", code="XSB-BUILD-UNEXPECTED")


def sync(path: Path) -> None:
    """Wait until a file, or a directory's list of names, is on the disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Wait until a directory with everything in it is on the disk; links are not followed."""
    for path in folder.rglob("*"):
        if not path.is_symlink() and (path.is_file() or path.is_dir()):
            sync(path)
    sync(folder)


def size_of(folder: Path, seen: set[tuple[int, int]] | None = None) -> int:
    """Return the disk usage of a directory tree, in bytes; hard links count once.

    Args:
        folder: need not exist.
        seen: device and inode of files that do not count; this one's are added.
    """
    seen = set() if seen is None else seen
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in (".", *names):
            try:
                status = Path(place, name).lstat()
            except FileNotFoundError:
                continue  # its owner is still writing
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * _BLOCK
    return total
