# SPDX-License-Identifier: Apache-2.0
"""Texts that both families' packages have: descriptions, and users as sysusers.d(5) has them."""

import textwrap
from collections.abc import Iterator

# Columns of a terminal, less the space that a control file puts before each line.
from xsbuild.manifest.model import Package, User

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


_NOLOGIN = "/usr/sbin/nologin"


def sysusers_lines(package: Package) -> list[str]:
    """Return the lines of a package's groups and users."""
    groups = [f"g {group.name} {group.id or '-'}" for group in package.groups]
    return [*groups, *(line for user in package.users for line in _user_lines(user))]


def _user_lines(user: User) -> list[str]:
    comment = user.comment.replace("\\", "\\\\").replace('"', '\\"')
    home = "-" if user.home == "/" else user.home
    shell = "-" if user.shell == _NOLOGIN else user.shell
    line = f'u {user.name} {user.id or "-"} "{comment}" {home} {shell}'.removesuffix(
        " -"
    ).removesuffix(" -")
    return [line, *(f"m {user.name} {group}" for group in user.groups)]
