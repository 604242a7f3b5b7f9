# SPDX-License-Identifier: Apache-2.0
"""Print text; what files and programs say is made safe for a terminal.

Everything is printed by `echo`, except errors, whose parts have styles, and the live displays of
rich, which use `printable`. Documents in JSON are ASCII.
"""

import click

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


def echo(text: str = "", *, err: bool = False, nl: bool = True, colour: str | None = None) -> None:
    """Print a text, made printable.

    Args:
        text: what is printed.
        err: on standard error instead of standard output.
        nl: end the line.
        colour: on a terminal.
    """
    click.secho(printable(text), err=err, nl=nl, fg=colour)  # noqa: TID251
