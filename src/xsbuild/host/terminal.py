# SPDX-License-Identifier: Apache-2.0
"""Untrusted text, made safe for a terminal."""

_KEPT = "\n\t"


def printable(text: str) -> str:
    """Escape control, formatting and other invisible characters, except line breaks and tabs.

    A file could otherwise move the cursor, set colours, or reverse the order of text.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _KEPT else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
