# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of measurements taken in turns: only what one round measured is compared."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the smallest and the largest value.

    Attributes:
        median: half of the values are smaller.
        least: the smallest.
        most: the largest.
    """

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


def spread(values: Sequence[float]) -> Spread:
    """Sums up some values; there is at least one."""
    return Spread(statistics.median(values), min(values), max(values))


def ratios(values: Sequence[float], reference: Sequence[float]) -> Spread:
    """How many times as long as a reference something took, in the rounds that both have."""
    return spread([value / other for value, other in zip(values, reference, strict=False)])


def excess(values: Sequence[float], *references: Sequence[float]) -> Spread | None:
    """How much longer than some references together something took, in the rounds that all have.

    Returns:
        None where that is noise: in some round no more than the references differ from round to
        round, or measured once.
    """
    rounds = list(zip(values, *references, strict=False))
    noise = sum(max(column) - min(column) for column in list(zip(*rounds, strict=True))[1:])
    found = spread([value - sum(others) for value, *others in rounds])
    return found if len(rounds) > 1 and found.least > noise else None


def lower_bound(
    seconds: Mapping[str, float], needs: Mapping[str, frozenset[str]], cores: int
) -> float:
    """The time that no schedule of some tasks can beat, in seconds.

    Args:
        seconds: task → how long it takes.
        needs: task → those that it waits for.
        cores: how many run at once.
    """
    ends: dict[str, float] = {}

    def end(task: str) -> float:
        if task not in ends:
            ends[task] = seconds[task] + max((end(need) for need in needs[task]), default=0.0)
        return ends[task]

    critical = max((end(task) for task in seconds), default=0.0)
    return max(critical, sum(seconds.values()) / cores)
