# SPDX-License-Identifier: Apache-2.0
"""Descriptions, as both families want them: filled paragraphs, and lists as they are."""

import textwrap
from collections.abc import Iterator

# Columns of a terminal, less the space that a control file puts before each line.
WIDTH = 78


def paragraphs(text: str) -> Iterator[tuple[list[str], bool]]:
    """Split a description at its empty lines.

    Yields:
        A paragraph's lines, and whether they must stay as they are: one with an indented line or a
        list in it is not filled.
    """
    for part in text.strip("\n").split("\n\n"):
        lines = [line.rstrip() for line in part.splitlines() if line.strip()]
        if any(line.startswith((" ", "- ", "* ")) for line in lines):
            yield lines, True
        elif lines:
            yield textwrap.wrap(" ".join(lines), WIDTH, break_on_hyphens=False), False
