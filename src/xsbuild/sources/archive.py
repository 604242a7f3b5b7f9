# SPDX-License-Identifier: Apache-2.0
"""Source trees: allowed content, and digest."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.sources.cache import digest_of

# Traces of a person's work on a local folder, not sources.
LEFT_OUT = frozenset({".git", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, directory or symbolic link of a source tree.

    Attributes:
        name: relative path, with slashes.
        path: where it is.
        mode: ``st_mode``.
        size: ``st_size``, in bytes; 0 for a directory.
    """

    name: str
    path: Path
    mode: int
    size: int = 0


def entries(root: Path, left_out: frozenset[str] = frozenset()) -> Iterator[Entry]:
    """List a tree, sorted, directories before their content.

    Args:
        root: its top directory.
        left_out: names that are passed over, with all below them.

    Raises:
        SourceError: it has something that no source tree has: a device, a setuid file, a link that
            leaves it.
    """
    yield from _entries(os.path.realpath(root), "", left_out)


def _entries(root: str, prefix: str, left_out: frozenset[str]) -> Iterator[Entry]:
    with os.scandir(os.path.join(root, prefix)) as found:  # noqa: PTH118 - 80,000 files in a kernel
        items = sorted(found, key=lambda item: os.fsencode(item.name))
    for item in items:
        if item.name in left_out:
            continue
        name = prefix + item.name
        status = item.stat(follow_symlinks=False)
        mode = status.st_mode
        _check(root, item.path, name, mode)
        yield Entry(name, Path(item.path), mode, 0 if stat.S_ISDIR(mode) else status.st_size)
        if stat.S_ISDIR(mode):
            yield from _entries(root, f"{name}/", left_out)


def _check(root: str, path: str, name: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        target = os.readlink(path)  # noqa: PTH115 - as above
        end = os.path.realpath(path)
        if target.startswith("/") or not f"{end}/".startswith(f"{root}/"):
            raise SourceError(
                f"{name} is a link to {target}, outside the source tree",
                code="XSB-SOURCE-UNSAFE",
            )
    elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise SourceError(f"{name} is not a file, directory or link", code="XSB-SOURCE-UNSAFE")
    elif mode & (stat.S_ISUID | stat.S_ISGID) and stat.S_ISREG(mode):
        raise SourceError(
            f"{name} is setuid or setgid, which is not allowed in a source tree",
            code="XSB-SOURCE-UNSAFE",
        )


def tree_digest(root: Path) -> str:
    """Return the sha256 (hexadecimal) of a local folder: names, contents, who may execute, links.

    Raises:
        SourceError: it is no folder, or has what no source tree has.
    """
    if not root.is_dir():
        raise SourceError(f"folder {root} does not exist", code="XSB-SOURCE-DOWNLOAD")
    digest = hashlib.sha256()
    for entry in entries(root, LEFT_OUT):
        digest.update(os.fsencode(f"{_kind(entry)} {entry.name}\0{_content(entry)}\n"))
    return digest.hexdigest()


def _kind(entry: Entry) -> str:
    if stat.S_ISREG(entry.mode):
        return "executable" if entry.mode & stat.S_IXUSR else "file"
    return "link" if stat.S_ISLNK(entry.mode) else "directory"


def _content(entry: Entry) -> str:
    if stat.S_ISREG(entry.mode):
        return digest_of(entry.path)
    return str(entry.path.readlink()) if stat.S_ISLNK(entry.mode) else ""
