# SPDX-License-Identifier: Apache-2.0
"""Types of texts: what each field may contain, so that no text becomes syntax where it is written.

A text goes into control fields, spec files, makefiles, shell scripts and sysusers.d(5). Line breaks
and control characters would end a field or a command there, so that only texts of several lines
(descriptions, scripts) may have the former, and none the latter. Everything else is escaped for
its target by the function of that target.
"""

from typing import Annotated

from xsbuild.strict import Like

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
# passwd(5): a colon ends the field.
Gecos = Annotated[
    str, Like(rf"{_SPACED}[^:{CONTROL}]+", "one line without a colon, which ends the field")
]
