# SPDX-License-Identifier: Apache-2.0
"""What a step wants done: told, or done."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Union

from xenserver_core_setup.host import Host, run


@dataclass(frozen=True)
class Write:
    """Give a file a content; others see the old one or the new one, never a part.

    Attributes:
        name: its absolute path on the host.
        text: all of its content.
        why: for a person, without a full stop.
        mode: its permissions, where it is new.
    """

    name: str
    text: str
    why: str
    mode: int = 0o644

    def __str__(self) -> str:
        return f"write {self.name}: {self.why}"

    def perform(self, host: Host) -> None:
        """Writes it; a file that is there keeps its permissions and owner."""
        place = host.path(self.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            before = place.stat()
        except FileNotFoundError:
            before = None
        handle, scratch = tempfile.mkstemp(prefix=f".{place.name}-", dir=str(place.parent))
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
                stream.write(self.text)
                os.fchmod(stream.fileno(), before.st_mode & 0o7777 if before else self.mode)
                if before:
                    os.fchown(stream.fileno(), before.st_uid, before.st_gid)
                os.fsync(stream.fileno())
            Path(scratch).replace(place)
        except BaseException:
            Path(scratch).unlink()
            raise


@dataclass(frozen=True)
class Command:
    """Run a program.

    Attributes:
        words: the command.
        why: for a person, without a full stop.
        live: it has to run on the host itself, and is left to it where only files are at hand.
    """

    words: Sequence[str]
    why: str
    live: bool = True

    def __str__(self) -> str:
        return f"run {' '.join(self.words)}: {self.why}"

    def perform(self, _host: Host) -> None:
        """Runs it."""
        run(self.words)


@dataclass(frozen=True)
class Trouble:
    """Something that no action helps; a person is told.

    Attributes:
        text: what it is, and what to do.
    """

    text: str

    def __str__(self) -> str:
        return self.text


Action = Union[Write, Command, Trouble]
