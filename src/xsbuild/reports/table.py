# SPDX-License-Identifier: Apache-2.0
"""Tables: drawn on a terminal, aligned text in a pipe, JSON where it was asked for."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Cell = str | int | float | bool | None | Sequence[str]
Row = Mapping[str, Cell]


def show(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, title: str = "") -> None:
    """Prints rows on standard output.

    Args:
        rows: what to print; JSON has every key of them.
        columns: the keys a person is shown, in order.
        as_json: print a JSON array.
        title: above the table, on a terminal.
    """
    if as_json:
        print_json(list(rows))
        return
    texts = [[_text(row.get(column)) for column in columns] for row in rows]
    if sys.stdout.isatty():
        _draw(texts, columns, title)
    else:
        _align(texts, columns)


def print_json(value: object) -> None:
    """Prints a value as JSON on standard output; paths as text."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {value!r}")


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.1f}"
    if isinstance(cell, str | int):
        return str(cell)
    return ", ".join(cell) or "-"


def _draw(texts: list[list[str]], columns: Sequence[str], title: str) -> None:
    from rich import box  # noqa: PLC0415 - rich is slow to import; only a terminal needs it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")  # a path cut short is of no use
    for row in texts:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


def _align(texts: list[list[str]], columns: Sequence[str]) -> None:
    lines = [[column.upper() for column in columns], *texts]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")
