# SPDX-License-Identifier: Apache-2.0
"""Faults of mirrors, read off the output of `apt-get update`.

apt prints for each file that it gives up on a line ``Err:N URI DESCRIPTION`` and, indented, the
reason. Which file it was is in the description that sources.list(5) and apt.conf(5) define:
``trixie/main amd64 Packages``, ``trixie InRelease``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FILE = re.compile(r"^Err:\d+ (?P<uri>\S+) (?P<what>.+)$")
_SIZE = re.compile(r"unexpected size \((?P<got>\d+) != (?P<wanted>\d+)\)")
_SYNCHRONISED = "the mirror is being synchronised"


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
        fault = MirrorFault(uri.rstrip("/"), head["what"], _explained(reason))
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


def _explained(reason: str) -> str:
    if size := _SIZE.search(reason):
        got, wanted = int(size["got"]), int(size["wanted"])
        return f"{got:,} bytes, InRelease says {wanted:,}: {_SYNCHRONISED}"
    if reason.startswith("Hash Sum mismatch"):
        return f"its checksum is not the one that InRelease lists: {_SYNCHRONISED}"
    if reason.startswith("404"):
        return f"listed in InRelease, but missing (404): {_SYNCHRONISED}"
    return reason.partition(" [IP:")[0] or "not fetched, as another file of the same suite failed"
