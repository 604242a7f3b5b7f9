# SPDX-License-Identifier: Apache-2.0
"""Prints docs/errors.md, the list of error codes."""

import sys

from xsbuild.catalogue import catalogue

_HEAD = """\
<!-- written by `make docs` from src/xsbuild/errors.yaml -->
# Error codes

Each error ends its first line with a code in brackets. `xsbuild explain CODE` prints the
explanation, `xsbuild explain` lists all codes:

    xsbuild explain XSB-SOURCE-CHECKSUM

A code has the form XSB-AREA-NAME. It names a kind of error and keeps its meaning across versions,
so that it can be searched for and matched in scripts. Codes are names rather than numbers because a
name is understood in a log without a look-up, and because two branches cannot assign the same
number to different errors.
"""


def page() -> str:
    """Return the text of the page."""
    parts, area = [_HEAD], ""
    for code, kind in catalogue().items():
        if code.split("-")[1] != area:
            area = code.split("-")[1]
            parts.append(f"\n## {area}\n")
        parts.append(f"\n### {code}\n\n{kind.title}.\n\n{kind.meaning}\n\n{kind.action}\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
