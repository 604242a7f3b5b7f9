# SPDX-License-Identifier: Apache-2.0
"""Types of texts: what each field may contain, so that no text becomes syntax where it is written.

A text goes into control fields, spec files, makefiles, shell scripts and sysusers.d(5). Line breaks
and control characters would end a field or a command there, so that only texts of several lines
(descriptions, scripts) may have the former, and none the latter. Everything else is escaped for
its target by the function of that target.
"""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from xsbuild.strict import Like


def parsed_url(text: str) -> str:
    """Return a text whose parts can be told apart as those of a URL (RFC 3986), or a path.

    Raises:
        ValueError: they cannot.
    """
    try:
        urlsplit(text)
    except ValueError as error:
        raise ValueError(f"expected a URL, not {text!r}: {error}") from error
    if "%00" in text:
        raise ValueError(f"expected a URL, not {text!r}: it has a NUL character")
    return text


_NAME_MAX, _PATH_MAX = 255, 1024  # bytes; limits.h(0p) allows 4096 for a whole path


def fitting_path(text: str) -> str:
    """Return a path that a file system can have.

    Raises:
        ValueError: it, or a name in it, is too long.
    """
    longest = max(text.split("/"), key=lambda name: len(name.encode()))
    if len(longest.encode()) > _NAME_MAX:
        raise ValueError(f"expected names of at most {_NAME_MAX} bytes, not {longest[:40]!r}...")
    if len(text.encode()) > _PATH_MAX:
        raise ValueError(f"expected a path of at most {_PATH_MAX} bytes, not {text[:40]!r}...")
    return text


# Of names and versions, which become file names together.
SHORT = Like(r"[\s\S]{0,100}", "at most 100 characters")


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


# C0 and C1 control characters, and the separators that Unicode counts as line breaks.
CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SPACED = r"(?! )(?!.* $)"

Line = Annotated[
    str,
    Like(rf"{_SPACED}[^{CONTROL}]+", "one line without control characters or spaces around it"),
]
Value = Annotated[str, Like(rf"[^{CONTROL}]*", "one line without control characters")]
Paragraphs = Annotated[
    str,
    Like(
        rf"(?=[\s\S]*\S)(?:[^{CONTROL}]|[\n\t])*",
        "text without control characters other than line breaks and tabs",
    ),
]
Variable = Annotated[str, Like(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable, such as CFLAGS")]
Section = Annotated[
    str, Like(r"[a-z0-9-]+(/[a-z0-9-]+)?", "an archive section such as net", "section")
]
Maintainer = Annotated[
    str, Like(rf"[^<>{CONTROL}]*[^<>\s{CONTROL}] <[^<>@\s]+@[^<>@\s]+>", "Name <address>")
]
# passwd(5): a colon ends the field; sysusers.d(5): a hyphen alone is an empty one.
Gecos = Annotated[
    str,
    Like(
        rf"(?!-$){_SPACED}[^:{CONTROL}]+",
        "one line without a colon, which ends the field, and not just a hyphen",
    ),
]
Word = Annotated[str, Like(rf"[^\s{CONTROL}]+", "a word without spaces", "word")]
# Programs take an argument that begins with a hyphen for an option.
Url = Annotated[
    str,
    Like(rf"[^\s{CONTROL}-][^\s{CONTROL}]*", "a URL without spaces", "uri"),
    AfterValidator(parsed_url),
]
Urls = Annotated[tuple[Url, ...], BeforeValidator(_listed)]  # one is a list, too
FilePath = Annotated[
    str,
    Like(r"/[A-Za-z0-9_.+~/@-]*", "an absolute path without spaces", "absolute path"),
    AfterValidator(fitting_path),
]
RelativePath = Annotated[
    str,
    Like(
        rf"(?!/)(?!(.*/)?\.\.(/|$))[^{CONTROL}]+", "a relative path without `..`", "relative path"
    ),
    AfterValidator(fitting_path),
]
# A relation of the rpm family may name a file.
PackageName = Annotated[
    str, Like(r"/?[A-Za-z0-9][A-Za-z0-9+._/-]*", "a package's name", "package name")
]
PackageVersion = Annotated[str, Like(r"[A-Za-z0-9.+~^:_-]+", "a package's version", "version")]
# What goes into maintainer scripts: rpm takes `%if` at the start of a line for its own even where
# the percent sign is escaped, and dh_installdeb(1) replaces words between number signs.
Script = Annotated[
    Paragraphs,
    Like(
        r"(?![\s\S]*(?:^|\n)[ \t]*%[a-z])(?![\s\S]*#(?:DEBHELPER|PACKAGE|ENV\.|DEB_))[\s\S]*",
        "a script without lines that begin with %word (rpm), and without #DEBHELPER# (debhelper)",
    ),
]
