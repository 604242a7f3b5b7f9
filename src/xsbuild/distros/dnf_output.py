# SPDX-License-Identifier: Apache-2.0
"""Parse the output of dnf(8)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Printed with --assumeno after the dependencies were resolved.
ABORTED = "Operation aborted."
# The table of the transaction: name, architecture, version, repository, size. dnf wraps long lines.
_PLANNED = re.compile(
    r"^ (?P<name>\S+)\s+(?P<arch>\S+)\s+(?P<version>\S+)\s+(?P<repository>\S+)\s+"
    r"[\d.]+(?: [kMGT])?\s*$",
    re.MULTILINE,
)
_UNPROVIDED = re.compile(r"nothing provides (?P<need>.+?) needed by (?P<package>\S+)")
_PROBLEM = re.compile(r"^(?:\s*- | *Problem(?: \d+)?: |Error: )(?P<text>.+)$")
# the error, with the next line if it ends in a colon
# rpm only warns of these: the package counts as installed.
_SCRIPTLET = re.compile(
    r"^(?:warning|error): (?P<script>%\w+)\((?P<package>\S+)-[^-\s]+-[^-\s]+\) scriptlet failed, "
    r"(?P<status>.+)$"
)
# a step of the transaction: its name, the package, how many of all
_STEP = re.compile(r"^ +[A-Z][\w ]*: .* \d+/\d+ *$")
_ERROR = re.compile(r"^Error: (.*?(?::\n.+)?)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FailedScript:
    """A package whose scriptlet failed, why, and the lines that the scriptlet printed."""

    package: str
    reason: str
    output: str


def parse_plan(output: str) -> dict[str, str]:
    """Parse ``dnf install --assumeno``: name → version of the packages to be installed."""
    return {match["name"]: match["version"] for match in _PLANNED.finditer(output)}


def unprovided(output: str) -> list[tuple[str, str]]:
    """Parse missing requirements, and the packages that have them."""
    return list(dict.fromkeys(_UNPROVIDED.findall(output)))


def last_error(output: str) -> str:
    """Return the last error, in one line; empty if there is none."""
    found = _ERROR.findall(output)
    return " ".join(found[-1].split()) if found else ""


def failed_scripts(output: str) -> list[FailedScript]:
    """Parse the scriptlets that failed in a transaction, each with the lines that it printed."""
    found: list[FailedScript] = []
    printed: list[str] = []
    for line in output.splitlines():
        match = _SCRIPTLET.match(line)
        if match:
            reason = f"{match['script']} failed, {match['status']}"
            found.append(FailedScript(match["package"], reason, "\n".join(printed).strip()))
        printed = [] if match or _STEP.match(line) else [*printed, line]
    return found


def parse_problems(output: str, wanted: str) -> list[str]:
    """Return the causes of a failed installation, one a line."""
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
