# SPDX-License-Identifier: Apache-2.0
"""Which job starts next: the one that most work waits for, as far as the machine has room.

It is pure, so that what decides on a real machine can be measured on a made-up one.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter


@dataclass(frozen=True, slots=True)
class Work:
    """Estimates for a job that has not started.

    Attributes:
        needs: jobs that must have ended.
        weight: seconds from its start to the end of all that waits for it; more goes first.
        memory: peak memory in bytes; 0 if the manifest does not state it.
        counts: it takes a part of the machine; what only waits, as a download, does not.
        brief: it will end at once, so that others need not leave it threads.
    """

    needs: Collection[str]
    weight: float = 0.0
    memory: int = 0
    counts: bool = True
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """Resources that jobs share.

    Attributes:
        threads: that may run at once; also how many jobs.
        memory: in bytes.
    """

    threads: int
    memory: int

    def share(self, jobs: int) -> int:
        """Return the threads of each of some parallel jobs."""
        return max(1, self.threads // max(1, jobs))


class Queue:
    """The jobs that have not ended. Equal weights start in the order in which they are listed."""

    def __init__(self, works: Mapping[str, Work], machine: Machine) -> None:
        self._works = works
        self._machine = machine
        self._running: dict[str, Work] = {}
        self._place = {name: place for place, name in enumerate(works)}
        self._missing = {name: len(set(work.needs)) for name, work in works.items()}
        self._users: dict[str, list[str]] = {name: [] for name in works}
        for name, work in works.items():
            for need in set(work.needs):
                self._users[need].append(name)
        self._ready: list[tuple[float, int, str]] = []
        self._free: list[str] = []
        self._push(name for name, count in self._missing.items() if not count)

    @property
    def running(self) -> int:
        """Number of running jobs that occupy the machine."""
        return sum(not work.brief for work in self._running.values())

    def start(self) -> list[str]:
        """Take the jobs that can start now, the heaviest first.

        One that does not fit into the memory beside those that run is passed over for one that
        does; alone, everything fits.
        """
        started, passed = self._free, []
        self._free = []
        while self._ready and len(self._running) < self._machine.threads:
            item = heapq.heappop(self._ready)
            name = item[2]
            if self._fits(self._works[name]):
                self._running[name] = self._works[name]
                started.append(name)
            else:
                passed.append(item)
        for item in passed:
            heapq.heappush(self._ready, item)
        return started

    def _fits(self, work: Work) -> bool:
        used = sum(other.memory for other in self._running.values())
        return not self._running or used + work.memory <= self._machine.memory

    def end(self, name: str) -> None:
        """Note that a job has ended well."""
        self._running.pop(name, None)
        for user in self._users[name]:
            self._missing[user] -= 1
        self._push(user for user in self._users[name] if not self._missing[user])

    def lose(self, name: str) -> Iterator[str]:
        """Note that a job has failed; yields all that will never start for it."""
        self._running.pop(name, None)
        pending = [name]
        while pending:
            for user in self._users[pending.pop()]:
                if self._missing[user] >= 0:
                    self._missing[user] = -1  # never again 0, whatever else ends
                    pending.append(user)
                    yield user

    def _push(self, names: Iterable[str]) -> None:
        for name in names:
            work = self._works[name]
            if work.counts:
                heapq.heappush(self._ready, (-work.weight, self._place[name], name))
            else:
                self._free.append(name)


def weights(needs: Mapping[str, Collection[str]], seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds from each job's start to the end of its last dependent.

    Args:
        needs: job → those it needs; without a cycle.
        seconds: how long each takes.
    """
    found = dict.fromkeys(needs, 0.0)  # first of what waits alone
    for name in reversed(tuple(TopologicalSorter(needs).static_order())):
        found[name] += seconds[name]
        for need in needs[name]:
            found[need] = max(found[need], found[name])
    return found
