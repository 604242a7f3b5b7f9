# SPDX-License-Identifier: Apache-2.0
"""An audit hook (PEP 578) that notes and refuses what a fuzzed command must not do."""

import errno
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from tests.fuzz.box import BOX

# Written by commands that are meant to; the rest of the project only by the fuzzer.
_WRITABLE = (
    "cache", "tmp", "home/data", "project/dist", "project/out", "project/locks",
    "project/components.yaml", "project/.components.yaml.", "project/vendor",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/tty")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Event → the places of a path and of its `dir_fd` among the arguments.
_CHANGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, 1),),
    "os.utime": ((0, 3),),
}
_STARTS = frozenset(
    ("os.exec", "os.posix_spawn", "os.system", "os.forkpty", "subprocess.Popen", "pty.spawn")
)
_DOOR = "/xsbuild/host/process.py"


class Guard:
    """The hook's state.

    Args:
        notes: file descriptor for lines of JSON: ``{"finding": …}`` and ``{"part": …}``.
    """

    def __init__(self, notes: int) -> None:
        self._notes = notes
        self._parts: set[str] = set()

    def audit(self, event: str, args: tuple[object, ...]) -> None:
        """Check one event (`sys.addaudithook`)."""
        if event == "open":
            if isinstance(args[2], int) and args[2] & _WRITING:
                self._check(args[0], -1, event)
        elif event in _CHANGES:
            for path, folder in _CHANGES[event]:
                self._check(args[path], args[folder], event)
        elif event in _STARTS:
            self._check_start(sys._getframe(1), args[0])
        elif event == "socket.connect" and isinstance(args[1], tuple):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "no network here")

    def _check(self, path: object, folder: object, event: str) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # an open file
        place = Path(os.fsdecode(path))
        if event != "os.truncate" and isinstance(folder, int) and folder >= 0:
            place = Path(f"/proc/self/fd/{folder}").readlink() / place
        real = str(Path(os.path.realpath(place.parent), place.name))
        if real in _DEVICES:
            return
        inner = real.removeprefix(f"{BOX}/")
        if not inner.startswith(_WRITABLE):
            self._refuse(f"{event} {real}")
        self._note_part(inner.partition("/")[0])

    def _check_start(self, frame: FrameType | None, program: object) -> None:
        while frame is not None and frame.f_code.co_filename.endswith("/subprocess.py"):
            frame = frame.f_back
        caller = frame.f_code.co_filename if frame else ""
        if not caller.endswith(_DOOR):
            self._refuse(f"{caller} starts {program!r}")

    def _note_part(self, part: str) -> None:
        if part not in self._parts:
            self._parts.add(part)
            self._note("part", part)

    def _refuse(self, finding: str) -> None:
        self._note("finding", finding)
        raise PermissionError(errno.EPERM, finding)

    def _note(self, kind: str, text: str) -> None:
        os.write(self._notes, json.dumps({kind: text}).encode() + b"\n")
