# SPDX-License-Identifier: Apache-2.0
"""The cache of sources: files by their checksum, and a place for work in progress."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xsbuild.host.locks import lasting_lock

_SHA512_DIGITS = 128


@dataclass(frozen=True, slots=True)
class Cache:
    """Files by content, safe for any number of processes at once.

    ``sha256/HEX/FILE-NAME`` and ``sha512/HEX/FILE-NAME`` are verified files, ``work/KEY`` is what
    is being made.

    Attributes:
        root: its folder; need not exist.
    """

    root: Path

    def find(self, digest: str, file_name: str | None = None) -> Path | None:
        """Return a file of this content; None where there is none, or it is damaged.

        Args:
            digest: sha256 or sha512 of the content.
            file_name: what it must be called; None: as it was when it was added.
        """
        for file in sorted(self._folder(digest).glob("*")):
            if digest_of(file, algorithm_of(digest)) == digest:
                with suppress(OSError):  # a cache that may only be read
                    os.utime(file.parent)  # what was not used for long is removed
                path = file.with_name(file_name or file.name)
                if not path.exists():
                    path.hardlink_to(file)
                return path
        return None

    def add(self, file: Path, digest: str, file_name: str) -> Path:
        """Move a file of this content into the cache; it is on disk before it has its name.

        Args:
            file: in the cache's work folder.
            digest: sha256 or sha512 of its content, as the caller computed it.
            file_name: its name.
        """
        folder = self._folder(digest)
        folder.mkdir(parents=True, exist_ok=True)
        file.chmod(0o444)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
        return file.replace(folder / file_name)

    def link(self, file: Path, algorithm: str) -> str:
        """Make a file of the cache known by another checksum, too, which is returned."""
        digest = digest_of(file, algorithm)
        place = self._folder(digest) / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            place.hardlink_to(file)
        return digest

    def _folder(self, digest: str) -> Path:
        return self.root / algorithm_of(digest) / digest

    @contextmanager
    def locked(self, key: str) -> Iterator[Path]:
        """Hold the one lock of a key, against threads and processes alike.

        Args:
            key: what is being made, as a file name.

        Yields:
            A folder for it. What is left in it is there for the next holder, as after a crash.
        """
        work = self.root / "work" / key
        work.mkdir(parents=True, exist_ok=True)
        with lasting_lock(work.with_name(f"{key}.lock")):
            yield work


def digest_of(file: Path, algorithm: str = "sha256") -> str:
    """Return the checksum of a file, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def algorithm_of(digest: str) -> str:
    """Return the algorithm of a pin, by its length: sha256 or sha512."""
    return "sha512" if len(digest) == _SHA512_DIGITS else "sha256"


def key_for(*parts: str) -> str:
    """Return a file name that stands for some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
