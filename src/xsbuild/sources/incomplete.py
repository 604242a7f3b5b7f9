# SPDX-License-Identifier: Apache-2.0
"""Refuse source trees that lack content: files in Git LFS, and submodules."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.sources.archive import Entry, entries

_ATTRIBUTES = ".gitattributes"
# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.+\n)*"
    rb"oid sha256:[0-9a-f]{64}\nsize \d+\n?"
)
_POINTER_SIZES = range(100, 1024)
_SUBMODULE = re.compile(r"^\s*path\s*=\s*\"?(?P<path>[^\n\"]+?)\"?\s*$", re.MULTILINE)


def refuse_incomplete(tree: Path, *, empty_submodules: bool) -> None:
    """Check that a source tree has its content.

    Archives that hosting sites make of a repository have pointers in place of files in Git LFS, and
    empty directories in place of submodules.

    Args:
        tree: an unpacked source.
        empty_submodules: whether the manifest accepts empty directories of submodules.

    Raises:
        SourceError: a file is a pointer, or a submodule is empty.
    """
    if name := _lfs_pointer(tree):
        raise SourceError(
            f"{name} is kept in Git LFS, and the source has only a pointer to it",
            hint="use an archive of the release that has the file, or a folder of the project "
            "after `git lfs pull`",
            code="XSB-SOURCE-INCOMPLETE",
        )
    empty = [] if empty_submodules else list(_empty_submodules(tree))
    if empty:
        raise SourceError(
            f"the source lacks its submodules: {', '.join(empty)}",
            hint="use a git source with `submodules: true`, an archive that has them, or "
            "`submodules: false` if they are not needed",
            code="XSB-SOURCE-INCOMPLETE",
        )


def _lfs_pointer(tree: Path) -> str | None:
    """Return the first pointer, unless attributes show that LFS is not used.

    An archive need not have the attributes of its repository. A pointer beside attributes without
    LFS is data of a test.
    """
    files = [entry for entry in entries(tree) if stat.S_ISREG(entry.mode)]
    attributes = [entry for entry in files if entry.path.name == _ATTRIBUTES]
    if attributes and not any(b"filter=lfs" in entry.path.read_bytes() for entry in attributes):
        return None
    return next((entry.name for entry in files if _is_pointer(entry)), None)


def _is_pointer(entry: Entry) -> bool:
    if entry.path.stat().st_size not in _POINTER_SIZES:
        return False
    return _POINTER.fullmatch(entry.path.read_bytes()) is not None


def _empty_submodules(tree: Path) -> Iterator[str]:
    modules = tree / ".gitmodules"
    if not modules.is_file():
        return
    for match in _SUBMODULE.finditer(modules.read_text(errors="replace")):
        folder = tree / match["path"]
        if folder.is_dir() and not any(folder.iterdir()):
            yield match["path"]
