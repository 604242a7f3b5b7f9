# SPDX-License-Identifier: Apache-2.0
"""Measures contestants in turns: each round has all of them, so that all see the same machine."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.contestants import Contestant

from xsbuild.errors import XsbuildError

# obs-build puts it before each line.
_CLOCK = re.compile(r"^\[ *\d+s\]", re.MULTILINE)


@dataclass(slots=True)
class Measured:
    """What was measured of some contestants on the same work.

    Attributes:
        work: what was built, and how.
        seconds: contestant → its times, a round each.
        missing: contestant → why it was not measured.
        load: the machine's load when a round began (getloadavg(3)).
    """

    work: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)


def measure(work: str, contestants: Sequence[Contestant], rounds: int) -> Measured:
    """Measures contestants; the first time of those that make caches does not count.

    Args:
        work: what they build, for people.
        contestants: who takes part; one that fails once is left out.
        rounds: how many times each builds.
    """
    measured = Measured(work)
    for number in range(rounds + 1):
        if number:
            measured.load.append(round(os.getloadavg()[0], 2))
        for contestant in contestants:
            name = contestant.name
            if name in measured.missing or number > contestant.rounds:
                continue
            if number == 0 and not contestant.warms:
                continue
            try:
                seconds = contestant.build()
            except (XsbuildError, OSError) as error:
                measured.missing[name] = _reason(error)
                measured.seconds.pop(name, None)
                _say(f"{work}: {name}: {measured.missing[name]}")
                continue
            _say(f"{work}: round {number}: {name}: {seconds:.2f} s")
            if number:
                measured.seconds.setdefault(name, []).append(seconds)
    return measured


def _reason(error: Exception) -> str:
    """The line of an error that most likely says why."""
    text = _CLOCK.sub("", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("E: ", "error:", "E:"))]
    return (telling or lines or [type(error).__name__])[-1]


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def machine() -> Mapping[str, str]:
    """What it was measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        os.uname().machine,
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**9
    return {
        "processor": f"{len(os.sched_getaffinity(0))} cores of {model}",
        "memory": f"{memory} GB",
        "system": f"Linux {os.uname().release}",
    }
