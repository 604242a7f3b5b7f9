# SPDX-License-Identifier: Apache-2.0
"""Tables: as wide as the terminal, one line a row in a pipe, or JSON."""

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat, zip_longest
from pathlib import Path

from xsbuild.host.terminal import echo, printable

Cell = str | int | float | bool | None | Sequence[str]
Row = Mapping[str, Cell]
_GAP = "  "
_LAST = 28
_NOTHING = "-"
_COMMAND = re.compile(r"`[^`]*`")
_FIXED = "\N{NO-BREAK SPACE}"


def show(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, title: str = "") -> None:
    """Print rows on standard output.

    Args:
        rows: what to print; JSON has every key of them.
        columns: the keys a person is shown, in order; one without any value is left out.
        as_json: print a JSON array.
        title: above the table, on a terminal.
    """
    if as_json:
        print_json(list(rows))
        return
    shown = [column for column in columns if not rows or any(map(_is_set, rows, repeat(column)))]
    texts = [[_text(row.get(column)) for column in shown] for row in rows]
    terminal = sys.stdout.isatty()
    heading = [title] if title and terminal else []
    lines = drawn(shown, texts, terminal_width() if terminal else None)
    echo("\n".join([*heading, *lines]))


def print_json(value: object) -> None:
    """Print a value as JSON on standard output; paths as text."""
    echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {value!r}")


def _text(cell: Cell) -> str:
    if cell is None:
        return _NOTHING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.1f}"
    text = str(cell) if isinstance(cell, str | int) else ", ".join(cell)
    return " ".join(printable(text).splitlines()) or _NOTHING


def _is_set(row: Row, column: str) -> bool:
    return row.get(column) not in (None, "", (), [])


def terminal_width() -> int:
    """Return the columns of the terminal, 100 where there is none; COLUMNS overrides both."""
    return shutil.get_terminal_size((100, 24)).columns


def drawn(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int | None) -> list[str]:
    """Lay a table out in lines.

    Args:
        columns: the headings.
        rows: a text for each column.
        room: characters in a line, to which texts are wrapped between words; a table that cannot
            be so narrow becomes a paragraph for each row. None: each row is one line.
    """
    lines = [[column.upper() for column in columns], *rows]
    widths = _widths(lines, room)
    if widths is None:
        return [line for row in rows for line in _record(columns, row, room or 0)]
    return [line for row in lines for line in _wrapped(row, widths)]


def _widths(lines: Sequence[Sequence[str]], room: int | None) -> list[int] | None:
    """Return the width of each column; None if the longest words do not fit in one row."""
    columns = list(zip(*lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    if room is None:
        return widths
    least = [max(len(part) for text in column for part in wrap(text, 1)) for column in columns]
    least[-1] = min(least[-1], _LAST)  # a longer word, as an address, sticks out at the end
    room -= len(_GAP) * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        # The widest column that can be narrower gives way.
        _, widest = max((widths[n], n) for n in range(len(widths)) if widths[n] > least[n])
        widths[widest] -= 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [wrap(text, width) for text, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield _GAP.join(padded).rstrip()


def _record(columns: Sequence[str], row: Sequence[str], room: int) -> Iterator[str]:
    """Yield a row as a paragraph: its first cell, then a line of heading and text per cell."""
    yield row[0]
    label = max(map(len, columns))
    for column, text in list(zip(columns, row, strict=True))[1:]:
        if text != _NOTHING:
            yield from hanging(f"  {column.upper():{label}}{_GAP}", text, room)


def hanging(first: str, text: str, room: int) -> Iterator[str]:
    """Wrap a text behind a label; the lines after the first are indented as far."""
    for index, line in enumerate(wrap(text, max(room - len(first), 1))):
        yield (first if index == 0 else " " * len(first)) + line


def wrap(text: str, width: int) -> list[str]:
    """Wrap a text between words, none of which is broken; a command in backticks is a word."""
    whole = _COMMAND.sub(lambda match: match[0].replace(" ", _FIXED), text)
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_FIXED, " ") for line in lines] or [""]
