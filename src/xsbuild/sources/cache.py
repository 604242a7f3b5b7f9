# SPDX-License-Identifier: Apache-2.0
"""The cache of sources: files by their sha256, and a place for work in progress."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xsbuild.host.locks import lasting_lock


@dataclass(frozen=True, slots=True)
class Cache:
    """Files by content, safe for any number of processes at once.

    ``sha256/HEX/FILE-NAME`` are verified files, ``work/KEY`` what is being made.

    Attributes:
        root: its folder; need not exist.
    """

    root: Path

    def find(self, sha256: str, file_name: str | None = None) -> Path | None:
        """Returns a file of this content; None where there is none, or it is damaged.

        Args:
            sha256: of the content.
            file_name: what it must be called; None: as it was when it was added.
        """
        for file in sorted((self.root / "sha256" / sha256).glob("*")):
            if digest_of(file) == sha256:
                with suppress(OSError):  # a cache that may only be read
                    os.utime(file.parent)  # what was not used for long is removed
                path = file.with_name(file_name or file.name)
                if not path.exists():
                    path.hardlink_to(file)
                return path
        return None

    def add(self, file: Path, sha256: str, file_name: str) -> Path:
        """Moves a file of this content into the cache; it is on disk before it has its name.

        Args:
            file: in the cache's work folder.
            sha256: of its content, as the caller computed it.
            file_name: its name.
        """
        folder = self.root / "sha256" / sha256
        folder.mkdir(parents=True, exist_ok=True)
        file.chmod(0o444)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
        return file.replace(folder / file_name)

    @contextmanager
    def locked(self, key: str) -> Iterator[Path]:
        """Holds the one lock of a key, against threads and processes alike.

        Args:
            key: what is being made, as a file name.

        Yields:
            A folder for it. What is left in it is there for the next holder, as after a crash.
        """
        work = self.root / "work" / key
        work.mkdir(parents=True, exist_ok=True)
        with lasting_lock(work.with_name(f"{key}.lock")):
            yield work


def digest_of(file: Path) -> str:
    """The sha256 of a file, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def key_for(*parts: str) -> str:
    """A file name that stands for some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
