# SPDX-License-Identifier: Apache-2.0
"""Parse the output of apt-get(8) and dpkg(1): plans, and causes of failures."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_LINES = 20
_PLANNED = re.compile(r"^Inst (?P<name>\S+) (?:\[[^]]*\] )?\((?P<version>\S+)", re.MULTILINE)
_UNMET = re.compile(r"^ (?P<package>\S+) : (?P<need>.+)$")
_RELATION = re.compile(r"(?P<kind>\w+): (?P<relation>.+?) but (?P<but>.+)")
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
    r"Hash Sum mismatch|no longer has a Release|does not have a Release|is expired|"
    r"is not valid yet).*)$",
    re.MULTILINE,
)
# A line for each file that apt gives up on, followed by the reason, indented. The description is as
# in sources.list(5) and apt.conf(5): `trixie/main amd64 Packages`, `trixie InRelease`.
_FILE = re.compile(r"^Err:\d+ (?P<uri>\S+) (?P<what>.+)$")
_SIZE = re.compile(r"unexpected size \((?P<got>\d+) != (?P<wanted>\d+)\)")
_SYNCHRONISED = "the mirror is being synchronised"


@dataclass(frozen=True, slots=True)
class Relation:
    """An unsatisfied relation, as apt reports it.

    Attributes:
        package: the package that declares it.
        kind: its field, as ``Depends``.
        relation: the required package, with bounds on its version.
        but: apt's reason.
    """

    package: str
    kind: str
    relation: str
    but: str


def parse_plan(output: str) -> dict[str, str]:
    """Parse ``apt-get install --simulate``: name → version of the packages to be installed."""
    return {
        match["name"].partition(":")[0]: match["version"] for match in _PLANNED.finditer(output)
    }


def unmet_needs(output: str) -> list[tuple[str, str]]:
    """Parse apt's unmet dependencies: packages, and the dependency of each, in apt's words.

    Alternatives, which apt prints on a line each, are one dependency.
    """
    found: list[tuple[str, str]] = []
    package = None
    for line in output.splitlines():
        if match := _UNMET.match(line):
            package = match["package"]
            found.append((package, match["need"]))
        elif package is not None and line.startswith("     "):
            need = found[-1][1]
            if need.endswith(" or"):
                found[-1] = (package, f"{need} {line.strip()}")
            else:
                found.append((package, line.strip()))
        else:
            package = None
    return found


def unmet_relations(output: str) -> list[Relation]:
    """Parse the unsatisfied relations."""
    needs = ((package, _RELATION.fullmatch(need)) for package, need in unmet_needs(output))
    return [
        Relation(package, match["kind"], match["relation"], match["but"])
        for package, match in needs
        if match
    ]


def unmet(output: str) -> dict[str, list[str]]:
    """Parse apt's unmet dependencies: name → dependencies, in apt's words."""
    found: dict[str, list[str]] = {}
    for package, need in unmet_needs(output):
        found.setdefault(package.partition(":")[0], []).append(need)
    for pattern in (_UNLOCATED, _NO_CANDIDATE):
        for name in pattern.findall(output):
            found.setdefault(name, []).append("no repository has it")
    return found


def refusals(output: str) -> list[str]:
    """Return the reasons why ``apt-get update`` rejects a repository, each once."""
    return list(dict.fromkeys(match["text"].strip() for match in _REFUSED.finditer(output)))


@dataclass(frozen=True, slots=True)
class Broken:
    """A package that dpkg could not install or remove.

    Attributes:
        package: its name.
        reason: the step, and why it failed.
        output: the output of the step.
    """

    package: str
    reason: str
    output: str


def broken_packages(output: str) -> list[Broken]:
    """Return the packages that dpkg reports as the cause of a failed installation or removal."""
    lines = output.splitlines()
    return [
        Broken(_name(match["what"]), _reason(lines, i, match["step"]), _before(lines, i))
        for i, match in _processing_errors(lines)
        # dependents of a broken package fail because of it
        if not _reason(lines, i, match["step"]).startswith("dependency problems")
    ]


def tail(output: str) -> str:
    """Return the last lines of an output."""
    return "\n".join([line for line in output.splitlines() if line.strip()][-_LINES:])


def not_going(need: str) -> str | None:
    """Return the package in ``Depends: NAME (= 1) but it is not going to be installed``."""
    words = need.split()
    return words[1].partition(":")[0] if need.endswith("is not going to be installed") else None


def _processing_errors(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for i, line in enumerate(lines):
        if match := _PROCESSING.match(line):
            yield i, match


def _reason(lines: Sequence[str], i: int, step: str | None) -> str:
    reason = lines[i + 1].strip() if i + 1 < len(lines) else "failed"
    return f"{step}: {reason}" if step and not reason.startswith("dependency") else reason


def _name(what: str) -> str:
    """Return the name in dpkg's ``NAME``, ``NAME:ARCHITECTURE`` or ``/…/NAME_VERSION_ARCH.deb``."""
    return what.rsplit("/", 1)[-1].partition("_")[0].partition(":")[0]


def _before(lines: Sequence[str], i: int) -> str:
    """Return the output between the start of a package's step and its failure."""
    start = i
    while start > max(0, i - _LINES) and not lines[start].startswith(_STEPS):
        start -= 1
    return "\n".join(lines[start:i])


@dataclass(frozen=True, slots=True)
class MirrorFault:
    """A file that a mirror does not serve as its InRelease file lists it.

    Attributes:
        mirror: its address.
        file: which file, as ``trixie/main amd64 Contents``.
        reason: what is wrong with it.
    """

    mirror: str
    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} on {self.mirror}: {self.reason}"


def read_faults(output: str, mirror: str) -> tuple[MirrorFault, ...]:
    """Return the faults that apt-get reported, each file once.

    Args:
        output: of `apt-get update`, in the C locale.
        mirror: the one that was tried first, for files of which apt names none.
    """
    found: dict[str, MirrorFault] = {}
    for head, reason in _errors(output.splitlines()):
        uri = mirror if head["uri"].startswith("mirror+") else head["uri"]
        fault = MirrorFault(uri.rstrip("/"), head["what"], _explained(head["what"], reason))
        # apt repeats a file that it tried under several names; the first reason is the cause
        if fault.file not in found or not found[fault.file].reason:
            found[fault.file] = fault
    return tuple(found.values())


def _errors(lines: Iterable[str]) -> Iterator[tuple[re.Match[str], str]]:
    head: re.Match[str] | None = None
    for line in lines:
        if head is not None:
            yield head, line.strip() if line.startswith(" ") else ""
        head = _FILE.match(line)
    if head is not None:
        yield head, ""


def _explained(file: str, reason: str) -> str:
    if size := _SIZE.search(reason):
        got, wanted = int(size["got"]), int(size["wanted"])
        return f"{got:,} bytes, InRelease says {wanted:,}: {_SYNCHRONISED}"
    if reason.startswith("Hash Sum mismatch"):
        return f"its checksum is not the one that InRelease lists: {_SYNCHRONISED}"
    if reason.startswith("404"):
        if file.endswith("Release"):
            return "the mirror has no such suite (404)"
        return f"listed in InRelease, but missing (404): {_SYNCHRONISED}"
    return reason.partition(" [IP:")[0] or "not fetched, as another file of the same suite failed"
