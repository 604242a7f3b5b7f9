# SPDX-License-Identifier: Apache-2.0
"""Texts of both families' packages: descriptions, and users in the format of sysusers.d(5)."""

import re
import textwrap
from collections.abc import Iterator

from xsbuild.manifest.model import Package, User

# Columns of a terminal, less the space that a control file puts before each line.
WIDTH = 78
_WILDCARD = re.compile(r"[*?\[]")
# What a shell does not leave alone; wildcards are not among it.
_SPECIAL = re.compile(r"[^\w@%+=:,./*?\[\]-]", re.ASCII)
_NOLOGIN = "/usr/sbin/nologin"
# Invisible, but not white space: prevents the next character from being the first of a line.
_GUARD = "\N{ZERO WIDTH SPACE}"


def paragraphs(text: str) -> Iterator[tuple[list[str], bool]]:
    """Split a description at its empty lines.

    Yields:
        A paragraph's lines, and whether they are verbatim: a paragraph with an indented line or
        a list is not filled.
    """
    for part in text.strip("\n").split("\n\n"):
        lines = [line.rstrip() for line in part.splitlines() if line.strip()]
        if any(line.startswith((" ", "- ", "* ")) for line in lines):
            yield lines, True
        elif lines:
            yield textwrap.wrap(" ".join(lines), WIDTH, break_on_hyphens=False), False


def guarded(line: str, markers: str) -> str:
    """Protect a line of text whose first character would be syntax.

    Args:
        line: a line of text, possibly indented.
        markers: characters with a meaning at the beginning of a line.
    """
    return re.sub(rf"^(\s*)(?=[{re.escape(markers)}])", rf"\g<1>{_GUARD}", line)


def macro_free(text: str) -> str:
    """Return text in which rpm expands no macro."""
    return text.replace("%", "%%")


def spec_body(text: str) -> str:
    """Return text escaped for the body of a spec file's section.

    After expanding macros, rpm drops lines that begin with ``#`` and starts a section at a line
    such as ``%post``, even within a description.
    """
    lines = (guarded(macro_free(line), "#%") for line in text.split("\n"))
    # A backslash would continue the line, which is an error in the last one.
    return "\n".join(f"{line}{_GUARD}" if line.endswith("\\") else line for line in lines)


def shell_pattern(text: str) -> str:
    """Return text as a word of a shell command, in which wildcards keep their meaning."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def spec_path(path: str) -> str:
    """Return a path as the ``%files`` list of a spec file holds it.

    Quotes keep spaces together, but not where there are wildcards, and nothing keeps a quote: a
    wildcard for one character takes the place of those.
    """
    path = path.replace('"', "?")
    if _WILDCARD.search(path):
        return re.sub(r"[ '\\]", "?", path)
    return f'"{path}"' if " " in path else path


def debhelper_path(text: str) -> str:
    """Return text as a list of debhelper's holds it (debhelper(7), Substitutions)."""
    return text.replace("$", "${Dollar}").replace(" ", "${Space}").replace("\\", "?")


def sysusers_lines(package: Package) -> list[str]:
    """Return the lines of a package's groups and users."""
    groups = [f"g {group.name} {group.id or '-'}" for group in package.groups]
    return [*groups, *(line for user in package.users for line in _user_lines(user))]


def _user_lines(user: User) -> list[str]:
    # A percent sign begins a specifier.
    comment = user.comment.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    home = "-" if user.home == "/" else user.home
    shell = "-" if user.shell == _NOLOGIN else user.shell
    line = f'u {user.name} {user.id or "-"} "{comment}" {home} {shell}'.removesuffix(
        " -"
    ).removesuffix(" -")
    return [line, *(f"m {user.name} {group}" for group in user.groups)]
