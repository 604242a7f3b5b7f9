# SPDX-License-Identifier: Apache-2.0
"""Read what dnf(8) prints."""

import re
from collections.abc import Iterator

# With --assumeno, where there was something to agree to; so the dependencies were solved.
ABORTED = "Operation aborted."
# The table of what would be done: name, architecture, version, repository, size. dnf breaks lines
# that are too long.
_PLANNED = re.compile(
    r"^ (?P<name>\S+)\s+(?P<arch>\S+)\s+(?P<version>\S+)\s+(?P<repository>\S+)\s+"
    r"[\d.]+(?: [kMGT])?\s*$",
    re.MULTILINE,
)
_UNPROVIDED = re.compile(r"nothing provides (?P<need>.+?) needed by (?P<package>\S+)")
_PROBLEM = re.compile(r"^(?:\s*- | *Problem(?: \d+)?: |Error: )(?P<text>.+)$")
# the error, and the next line where that line announces one
_ERROR = re.compile(r"^Error: (.*?(?::\n.+)?)$", re.MULTILINE)


def parse_plan(output: str) -> dict[str, str]:
    """Read the output of ``dnf install --assumeno``: name → version of what would come."""
    return {match["name"]: match["version"] for match in _PLANNED.finditer(output)}


def unprovided(output: str) -> list[tuple[str, str]]:
    """Read what nothing provides, and which package needs it."""
    return list(dict.fromkeys(_UNPROVIDED.findall(output)))


def last_error(output: str) -> str:
    """Read the last error, in one line; empty where there is none."""
    found = _ERROR.findall(output)
    return " ".join(found[-1].split()) if found else ""


def parse_problems(output: str, wanted: str) -> list[str]:
    """Read why dnf cannot install something, a line a cause."""
    found: dict[str, None] = {}
    others: dict[str, None] = {}
    for text in _problem_lines(output):
        match = _UNPROVIDED.search(text)
        if match:
            own = match["package"].startswith(f"{wanted}-")
            start = "" if own else f"{match['package']} depends on "
            found[f"{start}{match['need']}, which nothing provides"] = None
        elif text != "conflicting requests":
            others[text] = None
    return list(found or others)


def _problem_lines(output: str) -> Iterator[str]:
    for line in output.splitlines():
        match = _PROBLEM.match(line)
        if match:
            yield match["text"].strip()
