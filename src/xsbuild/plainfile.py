# SPDX-License-Identifier: Apache-2.0
"""Read files of a project that may be hostile: plain files of bounded size, inside the project."""

import os
import stat
from pathlib import Path

from xsbuild.errors import InputError

LIMIT = 64 << 20  # bytes; the largest patch of the test platforms has 1 MB
_UNREADABLE = "XSB-FILE-UNREADABLE"


def is_file(file: Path) -> bool:
    """Return whether a path names a file; names that no file can have, as too long ones, do not."""
    try:
        return file.is_file()
    except OSError:
        return False


def read_bytes(file: Path, within: Path | None = None, limit: int = LIMIT) -> bytes:
    """Return the content of a file.

    Args:
        file: its path. Nothing that it names is opened before it is known to be a plain file:
            opening a pipe blocks, and opening a device may act on it.
        within: the folder that the file must be in after all links are resolved; None: any.
        limit: greatest size in bytes.

    Raises:
        InputError: it cannot be read, is no plain file, is too large, or is outside `within`.
    """
    try:
        handle = os.open(file, os.O_PATH | os.O_CLOEXEC)
        try:
            _check(file, handle, within, limit)
            # proc(5): this opens the file that was checked, whatever its path names by now.
            with Path(f"/proc/self/fd/{handle}").open("rb") as stream:
                content = stream.read(limit + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", code=_UNREADABLE) from error
    if len(content) > limit:
        raise _too_large(file, limit)
    return content


def read_text(file: Path, within: Path | None = None, limit: int = LIMIT) -> str:
    """Return the content of a file of UTF-8 text, with line ends as ``\\n``; see `read_bytes`.

    Raises:
        InputError: as `read_bytes`, or it is not UTF-8.
    """
    try:
        text = read_bytes(file, within, limit).decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{file} is not UTF-8 text (byte {error.start})"
        raise InputError(message, code=_UNREADABLE) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def inside(place: Path, root: Path) -> Path:
    """Return a path, once checked to stay below a folder with all links resolved.

    Raises:
        InputError: it is, or is below, a link out of the folder.
    """
    if not is_inside(place, root):
        raise _outside(place, root)
    return place


def is_inside(place: Path, root: Path) -> bool:
    """Return whether a path stays below a folder with all links resolved."""
    return Path(os.path.realpath(place)).is_relative_to(root.resolve())


def _check(file: Path, handle: int, within: Path | None, limit: int) -> None:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a plain file"
        raise InputError(f"cannot read {file}: it is {kind}", code=_UNREADABLE)
    if status.st_size > limit:
        raise _too_large(file, limit)
    if within is not None:
        place = Path(f"/proc/self/fd/{handle}").readlink()
        if not place.is_relative_to(within.resolve()):
            raise _outside(file, within)


def _outside(place: Path, root: Path) -> InputError:
    return InputError(
        f"{place} is, or is below, a link out of {root}",
        hint="put a copy there",
        code="XSB-FILE-OUTSIDE",
    )


def _too_large(file: Path, limit: int) -> InputError:
    return InputError(
        f"cannot read {file}: it is larger than {limit >> 20} MiB", code="XSB-FILE-SIZE"
    )
