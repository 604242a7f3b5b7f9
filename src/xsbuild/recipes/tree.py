# SPDX-License-Identifier: Apache-2.0
"""Rendered files, in memory until they are written once."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class File:
    """The content of a file, and whether it is executable."""

    content: bytes
    executable: bool = False


# Paths are relative and never leave the tree.
FileTree = Mapping[PurePosixPath, File]


def write_tree(tree: FileTree, target: Path, *, epoch: int = 0) -> None:
    """Write files with reproducible modes and times.

    Args:
        tree: the files.
        target: the folder for the files, created if missing.
        epoch: their modification time, in seconds since 1970.
    """
    for folder in sorted({target, *(target / up for path in tree for up in path.parents)}):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    for path, file in sorted(tree.items()):
        place = target / path
        place.write_bytes(file.content)
        place.chmod(0o755 if file.executable else 0o644)
        os.utime(place, (epoch, epoch))


def digests(tree: FileTree) -> dict[str, str]:
    """Return the sha256 of each file, by path; a program's path ends in ``*``."""
    return {
        f"{path}{'*' if file.executable else ''}": hashlib.sha256(file.content).hexdigest()
        for path, file in sorted(tree.items())
    }


def digest(tree: FileTree) -> str:
    """Return the sha256 of a whole tree: names, contents, modes."""
    return hashlib.sha256(json.dumps(digests(tree)).encode()).hexdigest()
