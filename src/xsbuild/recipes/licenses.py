# SPDX-License-Identifier: Apache-2.0
"""SPDX expressions in machine-readable debian/copyright (DEP-5)."""

import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xsbuild.errors import RecipeError

# Licences of base-files, by SPDX identifier without -only and -or-later (Policy 12.5).
_COMMON = {
    "Apache-2.0": "Apache-2.0",
    "Artistic-1.0-Perl": "Artistic",
    "CC0-1.0": "CC0-1.0",
    "GFDL-1.2": "GFDL-1.2",
    "GFDL-1.3": "GFDL-1.3",
    "GPL-1.0": "GPL-1",
    "GPL-2.0": "GPL-2",
    "GPL-3.0": "GPL-3",
    "LGPL-2.0": "LGPL-2",
    "LGPL-2.1": "LGPL-2.1",
    "LGPL-3.0": "LGPL-3",
    "MPL-1.1": "MPL-1.1",
    "MPL-2.0": "MPL-2.0",
}
# https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/#license-short-name
_SHORT = {"MIT": "Expat", "BSD-2-Clause": "BSD-2-clause", "BSD-3-Clause": "BSD-3-clause"}
_GNU = re.compile(r"(?P<base>[A-Z]+-[0-9.]+?)(?:\.0)?(?P<kind>-only|-or-later)")
_JOINED = re.compile(r"\s+(AND|OR)\s+")


@dataclass(frozen=True, slots=True)
class License:
    """A stand-alone licence paragraph.

    Attributes:
        name: its short name.
        text: formatted, each line with a space before it.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LicensedPart:
    """A stanza of files under another licence than the rest.

    Attributes:
        files: patterns of paths.
        holders: copyright holders, with years.
        license: expression with DEP-5's short names.
    """

    files: tuple[str, ...]
    holders: tuple[str, ...]
    license: str


def dep5_expression(expression: str) -> str:
    """Write an SPDX expression with DEP-5's short names.

    Raises:
        RecipeError: it has parentheses, which DEP-5 lacks.
    """
    parts = _JOINED.split(_flat(expression))
    return " ".join(part.lower() if part in {"AND", "OR"} else _short_name(part) for part in parts)


def license_paragraphs(expression: str, text_of: Callable[[str], str]) -> list[License]:
    """Return one paragraph for each licence of an SPDX expression.

    Args:
        expression: the SPDX expression.
        text_of: returns the text of a licence or exception missing from base-files.

    Raises:
        RecipeError: a text is unknown, or the expression has parentheses.
    """
    parts = dict.fromkeys(_JOINED.split(_flat(expression))[::2])
    return [License(_short_name(part), _formatted(_text(part, text_of))) for part in parts]


def joined(expressions: Iterable[str]) -> str:
    """Return an SPDX expression of licences that all apply."""
    parts = dict.fromkeys(expressions)
    if len(parts) == 1:
        return next(iter(parts))
    return " AND ".join(f"({text})" if " OR " in text else text for text in parts)


def _flat(expression: str) -> str:
    if "(" in expression:
        raise RecipeError(
            f"the licence {expression} has parentheses, which debian/copyright cannot express",
            hint="override copyright.j2 in the component's recipe",
            code="XSB-RECIPE-LICENSE",
        )
    return expression.strip()


def _short_name(part: str) -> str:
    base, _, exception = part.partition(" WITH ")
    match = _GNU.fullmatch(base)
    if match:
        name = match["base"] + ("+" if match["kind"] == "-or-later" else "")
    else:
        name = _SHORT.get(base, base)
    return f"{name} with {exception.removesuffix('-exception')} exception" if exception else name


def _text(part: str, text_of: Callable[[str], str]) -> str:
    base, _, exception = part.partition(" WITH ")
    identifier = base.removesuffix("-only").removesuffix("-or-later")
    if identifier in _COMMON:
        later = ", or any later version" if base.endswith("-or-later") else ""
        text = textwrap.fill(
            f"This is licensed under {identifier}{later}. On Debian systems, the text of the "
            f"licence is in /usr/share/common-licenses/{_COMMON[identifier]}.",
            78,
            break_on_hyphens=False,
        )
    else:
        text = text_of(base)
    return f"{text}\n\n{text_of(exception)}" if exception else text


def _formatted(text: str) -> str:
    lines = text.strip("\n").splitlines()
    return "\n".join(f" {line.rstrip()}" if line.strip() else " ." for line in lines)
