# SPDX-License-Identifier: Apache-2.0
"""Reads what apt-get(8) and dpkg(1) print: plans, and the causes of failures."""

import re
from collections.abc import Iterator, Mapping, Sequence

from xsbuild.installtest.model import Failure

_LINES = 20
_PLANNED = re.compile(r"^Inst (?P<name>\S+) (?:\[[^]]*\] )?\((?P<version>\S+)", re.MULTILINE)
_LEFT_RUNNING = re.compile(r"^xsbuild: left running: (.+?) *$", re.MULTILINE)
_UNMET = re.compile(r"^ (?P<package>\S+) : (?P<need>.+)$")
_UNLOCATED = re.compile(r"^E: Unable to locate package (\S+)", re.MULTILINE)
_NO_CANDIDATE = re.compile(r"^E: Package '?([^'\s]+)'? has no installation candidate", re.MULTILINE)
# dpkg's message and its reason, on the next line
_PROCESSING = re.compile(
    r"^dpkg: error (?:processing (?:package|archive)|while cleaning up) "
    r"(?P<what>\S+?)(?: \(--(?P<step>[a-z-]+)\))?:$"
)
_STEPS = (
    "Setting up ",
    "Unpacking ",
    "Preparing to unpack ",
    "Removing ",
    "Purging configuration ",
)
_REFUSED = re.compile(
    r"^(?:E|W): (?P<text>.*(?:is not signed|GPG error|signature|Failed to fetch|unexpected size|"
    r"Hash Sum mismatch|no longer has a Release|does not have a Release).*)$",
    re.MULTILINE,
)


def parse_plan(output: str) -> dict[str, str]:
    """Read the output of ``apt-get install --simulate``: name → version of what would come."""
    return {
        match["name"].partition(":")[0]: match["version"] for match in _PLANNED.finditer(output)
    }


def parse_left_running(output: str) -> list[str]:
    """The command lines of processes that ``left-running`` saw."""
    return _LEFT_RUNNING.findall(output)


def unmet(output: str) -> dict[str, list[str]]:
    """Read why apt cannot install: package → what of its needs is not met, in apt's words."""
    found: dict[str, list[str]] = {}
    needs: list[str] | None = None
    for line in output.splitlines():
        if match := _UNMET.match(line):
            needs = found.setdefault(match["package"].partition(":")[0], [])
            needs.append(match["need"])
        elif needs is not None and line.startswith("     "):
            if needs[-1].endswith(" or"):
                needs[-1] += f" {line.strip()}"
            else:
                needs.append(line.strip())
        else:
            needs = None
    for pattern in (_UNLOCATED, _NO_CANDIDATE):
        for name in pattern.findall(output):
            found.setdefault(name, []).append("no repository has it")
    return found


def not_going(need: str) -> str | None:
    """The package in ``Depends: NAME (= 1) but it is not going to be installed``."""
    words = need.split()
    return words[1].partition(":")[0] if need.endswith("is not going to be installed") else None


def explain_dependencies(causes: Mapping[str, Sequence[str]], output: str) -> list[Failure]:
    """One failure for each need that is not met; the output's end where apt names none."""
    failures = [
        Failure(name, "", f"cannot be installed: {need}")
        for name, needs in causes.items()
        for need in needs
    ]
    return failures or [Failure("", "", "apt cannot install it", _tail(output.splitlines()))]


def explain_refusal(output: str) -> list[Failure]:
    """Explain why ``apt-get update`` rejects a repository."""
    reasons = dict.fromkeys(match["text"].strip() for match in _REFUSED.finditer(output))
    if reasons:
        return [Failure("", "", reason) for reason in reasons]
    return [Failure("", "", "apt cannot read the repositories", _tail(output.splitlines()))]


def explain_transaction(output: str) -> list[Failure]:
    """Explain a failed installation or removal: packages that dpkg names, with their output."""
    lines = output.splitlines()
    failures = [
        Failure(_name(match["what"]), "", _reason(lines, i, match["step"]), _before(lines, i))
        for i, match in _processing_errors(lines)
        # what depends on a broken package fails for no fault of its own
        if not _reason(lines, i, match["step"]).startswith("dependency problems")
    ]
    return failures or [Failure("", "", "apt-get failed", _tail(lines))]


def _processing_errors(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for i, line in enumerate(lines):
        if match := _PROCESSING.match(line):
            yield i, match


def _reason(lines: Sequence[str], i: int, step: str | None) -> str:
    reason = lines[i + 1].strip() if i + 1 < len(lines) else "failed"
    return f"{step}: {reason}" if step and not reason.startswith("dependency") else reason


def _name(what: str) -> str:
    """The package in dpkg's ``NAME``, ``NAME:ARCHITECTURE`` or ``/…/NAME_VERSION_ARCH.deb``."""
    return what.rsplit("/", 1)[-1].partition("_")[0].partition(":")[0]


def _before(lines: Sequence[str], i: int) -> str:
    """Return the output between the start of a package's step and its failure."""
    start = i
    while start > max(0, i - _LINES) and not lines[start].startswith(_STEPS):
        start -= 1
    return "\n".join(lines[start:i])


def _tail(lines: Sequence[str]) -> str:
    return "\n".join([line for line in lines if line.strip()][-_LINES:])
