# SPDX-License-Identifier: Apache-2.0
"""Explain a failed build by its log: the likely cause, the relevant lines and a hint.

The cause is the first line of the best rank that matches a row of causes.yaml, after the start of
the last command announced by the builder: the commands before it succeeded.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, TypeAdapter

from xsbuild.yamlreader import read_text

_TABLE = Path(__file__).with_name("causes.yaml")
_RANKS = ("root", "tests", "error", "result")  # ranks in order of precedence
_BEFORE = 10
_NAMES = 12
_OWN = 20
# The search for the cause is limited to this, as a log may have any size.
_READ_BYTES = 1 << 20
_LINE = 400
# Lines that start a command: everything before succeeded. dh(1), rpmbuild(8), pbuilder(8),
# sbuild(1) and our own.
_BEGINS = re.compile(
    r" {3}(?:dh_\w+|debian/rules \w+)|Executing\(%|I: (?:Extracting|Building)|\| Build +\|"
    r"|xsbuild: "
)
# Logs of configure, cmake and meson that debhelper shows: their failed probes are no causes.
_SHOWN = re.compile(r"==> \S+ <==$|\t?cd \S+ && tail -v ")
_SHOWN_ENDS = re.compile(r"dh_auto_\w+: error|make(?:\[\d+\])?: \*\*\* ")
_NOISE = re.compile(
    r"(?:I: |D: |W: |\s*$|E: (?:Failed autobuilding|pbuilder-satisfydepends)"
    r"|xsbuild: |Wrote: |Executing\(|\+ umask |RPM build errors:|error: Bad exit|    Bad exit)"
)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_COMMANDS = (
    re.compile(r"dh_auto_\w+: error: (.+) returned exit code \d+"),
    re.compile(r"error: Bad exit status from (\S+ \(%\w+\))"),
    re.compile(r" {3}(dh_\w+(?: .*)?|debian/rules \w+)$"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A message that a tool prints: a row of causes.yaml, which explains the keys."""

    tool: str
    line: Annotated[re.Pattern[str], BeforeValidator(partial(re.compile, flags=re.MULTILINE))]
    cause: str
    hint: str | None = None
    rank: Literal["root", "tests", "error", "result"] = "error"
    steps: str = ""
    every: bool = False
    after: int = 0

    @property
    def order(self) -> int:
        """Its place among the ranks."""
        return _RANKS.index(self.rank)


@dataclass(frozen=True, slots=True)
class _Table:
    """All of causes.yaml."""

    steps: Mapping[str, tuple[str, ...]]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure explained.

    Attributes:
        cause: the cause, without a full stop.
        lines: the relevant lines of the log, with context.
        hint: the remedy; None if unknown.
        command: the failed command in the buildroot; empty if unknown.
    """

    cause: str
    lines: tuple[str, ...] = ()
    hint: str | None = None
    command: str = ""

    def __str__(self) -> str:
        return "\n".join([self.cause, *(f"  {line}" for line in self.lines)])


def explain(log: str, step: str) -> Failure:
    """Find the cause of a failed build, in time linear in the log's length.

    Args:
        log: the output of the build, or its end.
        step: the step of the failure.
    """
    lines = [_ESCAPE.sub("", line[:_LINE]).rstrip() for line in log.split("\n")]
    begins = max((n for n, line in enumerate(lines) if _BEGINS.match(line)), default=0)
    found = _first(lines, begins, step) or _first(lines, 0, step)
    command = _command(lines)
    if found is None:
        last = tuple(_without_noise(lines)[-_BEFORE:])
        return Failure(f"the step `{step}` failed", last, command=command)
    names = list(dict.fromkeys(found.names))
    what = ", ".join(names[:_NAMES]) or lines[found.places[0]].strip()
    row = found.row
    hint = row.hint.replace("{}", names[0]) if row.hint and names else row.hint
    before = _without_noise(lines[: found.places[0]])[-_BEFORE:]
    own = _without_noise(lines[place] for place in found.places[:_OWN] if place < len(lines))
    return Failure(row.cause.replace("{}", what), (*before, *own), hint, command)


def read_end(log: Path, start: int = 0) -> str:
    """Return the end of a log that `explain` needs, from an offset in bytes."""
    with log.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(start, end - _READ_BYTES))
        return stream.read().decode(errors="replace")


@dataclass(slots=True)
class _Found:
    """The matches of one row: names in them, and the lines where they are."""

    row: Row
    names: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, match: re.Match[str], place: int) -> None:
        self.names += [group.strip() for group in match.groups() if group][:1]
        more = match[0].count("\n") + self.row.after
        self.places += range(place, place + more + 1)


@cache
def _table() -> _Table:
    data = read_text(_TABLE.read_text(encoding="utf-8")).data
    return TypeAdapter(_Table).validate_python(data)


def _first(lines: Sequence[str], begins: int, step: str) -> _Found | None:
    """Return the first line among the most specific ones."""
    table = _table()
    rows = [row for row in table.rows if not row.steps or step in table.steps[row.steps]]
    any_of, text = _any_of(rows), "\n".join(lines)
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    best: _Found | None = None
    for place in _telling(lines, begins):
        if not any_of.match(text, offsets[place]):
            continue
        row, match = next(
            (row, match) for row in rows if (match := row.line.match(text, offsets[place]))
        )
        if best is None or best.row is not row:
            best = _Found(row)
            rows = [other for other in rows if other.order < row.order or other is row]
            any_of = _any_of(rows)
        if row.every or not best.places:
            best.add(match, place)
    return best


def _any_of(rows: Iterable[Row]) -> re.Pattern[str]:
    """Return one pattern for the union of several: several times as fast."""
    return re.compile("|".join(f"(?:{row.line.pattern})" for row in rows), re.MULTILINE)


def _telling(lines: Sequence[str], begins: int) -> Iterator[int]:
    """Yield the indexes of lines that are not part of another log."""
    shown = False
    for place in range(begins, len(lines)):
        ends_or_begins = _SHOWN_ENDS if shown else _SHOWN
        shown ^= bool(ends_or_begins.match(lines[place]))
        if not shown and lines[place]:
            yield place


def _command(lines: Sequence[str]) -> str:
    """Return the last command reported as failed, else the last one started."""
    for regex in _COMMANDS:
        for line in reversed(lines):
            if match := regex.match(line):
                return match[1]
    return ""


def _without_noise(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not _NOISE.match(line)]
