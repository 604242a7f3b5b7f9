# SPDX-License-Identifier: Apache-2.0
"""A program on an emulated terminal: what its screen shows, keys, and pictures of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.text import Text

COLUMNS, LINES = 80, 25
ENTER, TAB, F12 = "\r", "\t", "\x1b[24~"
_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow", "default": "white"}


class Terminal:
    """A terminal with a running program."""

    def __init__(self, child: "pexpect.spawn[str]") -> None:
        self._child = child
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "".join(f"{line.rstrip()}\n" for line in self._screen.display)

    def wait(self, text: str, *, seconds: float = 60) -> None:
        """Waits until the screen shows a text, and does not change for a moment."""
        end = time.monotonic() + seconds
        quiet = False
        while not (quiet and text in self.text):
            assert time.monotonic() < end, f"no {text!r} on the screen:\n{self.text}"
            try:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=0.3))
                quiet = False
            except (pexpect.TIMEOUT, pexpect.EOF):
                quiet = True

    def press(self, *keys: str) -> None:
        """Types keys or text."""
        self._child.send("".join(keys))

    def picture(self, file: Path, title: str) -> None:
        """Draws the screen as SVG."""
        with Path("/dev/null").open("w") as nothing:
            console = Console(record=True, width=COLUMNS, file=nothing, force_terminal=True)
            for number in range(LINES):
                console.print(self._line(number), end="\n", no_wrap=True, crop=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(console.export_svg(title=title, unique_id=file.stem))

    def _line(self, number: int) -> Text:
        line = Text()
        for column in range(COLUMNS):
            cell = self._screen.buffer[number][column]
            front, back = (_COLOURS.get(name, name) for name in (cell.fg, cell.bg))
            if back == "white" and cell.bg == "default":
                back = "black"
            style = f"{'bold ' if cell.bold else ''}{_rich(front)} on {_rich(back)}"
            line.append(cell.data, f"reverse {style}" if cell.reverse else style)
        return line


def _rich(colour: str) -> str:
    if colour.startswith("bright") and "_" not in colour:
        return f"bright_{colour.removeprefix('bright')}"
    return f"#{colour}" if len(colour) == 6 and colour.isalnum() and colour[0].isdigit() else colour


@contextmanager
def terminal(command: Sequence[str]) -> Iterator[Terminal]:
    """Runs a program on a terminal of 80 columns and 25 lines; it ends with the block."""
    environment = {"TERM": "linux", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    child = pexpect.spawn(
        command[0],
        list(command[1:]),
        dimensions=(LINES, COLUMNS),
        env=environment,
        encoding="utf-8",
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)
