# SPDX-License-Identifier: Apache-2.0
"""The line of a file that an error is about, cut around its faulty part."""

import re
from dataclasses import dataclass

_BREAK = re.compile("[\n\r\x85\u2028\u2029]")  # YAML 1.1, 4.2
_MAX_BEFORE, _MAX = 60, 100


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line in three parts, with ellipses for cut text.

    Attributes:
        column: 1-based, where the faulty part begins in the whole line.
        before: what precedes it in the line.
        faulty: the faulty part, as far as it is on this line.
        after: the rest of the line.
    """

    column: int
    before: str
    faulty: str
    after: str


def excerpt_of(text: str, column: int, start: int, end: int) -> Excerpt:
    """Cut a line out of a text.

    Args:
        text: the text.
        column: 0-based, where the faulty part begins in its line.
        start: offset of its first character.
        end: offset of the character after it, which may be on a later line.
    """
    # A line can be as long as the file: read only the part that may be shown.
    before = text[start - min(column, _MAX_BEFORE) : start]
    rest = text[start : start + _MAX + 1 - len(before)]
    line_end = _BREAK.search(rest)
    line = rest[: line_end.start()] if line_end else rest[:-1]
    if line_end is None and len(rest) <= _MAX - len(before):
        line = rest  # the text ends without a line break
    faulty = line[: max(end - start, 1)]
    if end > start + len(line):
        faulty = line.rstrip() or line
    is_cut = line_end is None and len(line) < len(text) - start
    return Excerpt(
        column + 1,
        ("…" if column > _MAX_BEFORE else "") + before,
        faulty,
        line[len(faulty) :] + ("…" if is_cut else ""),
    )
