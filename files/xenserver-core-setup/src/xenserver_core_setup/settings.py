# SPDX-License-Identifier: Apache-2.0
"""Files of ``KEY='value'`` lines, as the toolstack reads them."""

import re
from collections.abc import Mapping

_LINE = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")


def parse(text: str) -> dict[str, str]:
    """Reads keys and values; other lines say nothing."""
    found = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match:
            found[match["key"]] = match["value"].strip("'\"")
    return found


def updated(text: str, values: Mapping[str, str]) -> str:
    """A text with some keys set: in their lines where they have one, else below the others.

    A text that says them all already is not changed.
    """
    if values.items() <= parse(text).items():
        return text
    lines = []
    left = dict(values)
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and match["key"] in left:
            lines.append(f"{match['key']}='{left.pop(match['key'])}'")
        else:
            lines.append(line)
    lines += [f"{key}='{value}'" for key, value in left.items()]
    return "".join(f"{line}\n" for line in lines)
