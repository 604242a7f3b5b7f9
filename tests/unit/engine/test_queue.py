# SPDX-License-Identifier: Apache-2.0
"""What starts next: never too much at once, and never much later than it could end.

The bounds are Graham's (1969): no order of starting is worse than work/threads plus what of the
longest chain cannot be divided; none is better than the longer of the two.
"""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.engine.queue import Machine, Queue, Work, weights

Needs = dict[str, set[str]]


@dataclass(frozen=True)
class Run:
    """A schedule: when each job started and ended."""

    spans: dict[str, tuple[float, float]]

    @property
    def makespan(self) -> float:
        return max((end for _, end in self.spans.values()), default=0.0)


def simulate(works: dict[str, Work], seconds: dict[str, float], machine: Machine) -> Run:
    """Runs jobs on a machine that does not exist."""
    queue, now = Queue(works, machine), 0.0
    running: dict[str, float] = {}
    spans = {}
    while True:
        for name in queue.start():
            running[name] = now + seconds[name]
            spans[name] = (now, running[name])
        if not running:
            return Run(spans)
        now = min(running.values())
        for name in [name for name, end in running.items() if end == now]:
            del running[name]
            queue.end(name)


def works_of(needs: Needs, seconds: dict[str, float]) -> dict[str, Work]:
    heavy = weights(needs, seconds)
    return {name: Work(needs[name], heavy[name]) for name in needs}


def critical_path(needs: Needs, seconds: dict[str, float]) -> float:
    return max(weights(needs, seconds).values(), default=0.0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Needs, dict[str, float]]:
    names = [f"n{i}" for i in range(draw(st.integers(1, 30)))]
    needs = {
        name: draw(st.sets(st.sampled_from(names[:i]), max_size=3)) if i else set()
        for i, name in enumerate(names)
    }
    return needs, {name: draw(st.floats(0.1, 100)) for name in names}


@given(graphs(), st.integers(1, 8))
def test_no_schedule_is_worse_than_grahams_bound(
    case: tuple[Needs, dict[str, float]], threads: int
) -> None:
    needs, seconds = case
    run = simulate(works_of(needs, seconds), seconds, Machine(threads, 0))
    work, path = sum(seconds.values()), critical_path(needs, seconds)
    assert run.makespan <= (work / threads + path * (1 - 1 / threads)) * (1 + 1e-9)
    assert run.makespan >= max(work / threads, path) * (1 - 1e-9)
    for name, (start, _) in run.spans.items():
        assert all(run.spans[need][1] <= start for need in needs[name])


def like_a_distro(seed: int, count: int) -> tuple[Needs, dict[str, float]]:
    """Components as real ones are: a few libraries under many, most builds short, a few long."""
    dice = random.Random(seed)
    names = [f"n{i}" for i in range(count)]
    needs: Needs = {}
    for i, name in enumerate(names):
        some = dice.sample(names[: max(1, i // 3)], min(i // 3, dice.choice((0, 1, 1, 2, 4))))
        needs[name] = set(some)
    return needs, {name: dice.lognormvariate(3, 1) for name in names}


@given(st.integers(0, 10**6), st.sampled_from([40, 100, 300]), st.sampled_from([2, 4, 8]))
def test_a_realistic_plan_ends_within_a_tenth_of_the_lower_bound(
    seed: int, count: int, threads: int
) -> None:
    needs, seconds = like_a_distro(seed, count)
    run = simulate(works_of(needs, seconds), seconds, Machine(threads, 0))
    bound = max(sum(seconds.values()) / threads, critical_path(needs, seconds))
    # Where the last job that can be moved is longer than a tenth of all, no order has to do it.
    if max(seconds.values()) < bound / 4:
        assert run.makespan <= 1.10 * bound


def test_what_most_waits_for_starts_first() -> None:
    needs: Needs = {"short": set(), "chain": set(), "next": {"chain"}, "last": {"next"}}
    seconds = dict.fromkeys(needs, 1.0)
    assert weights(needs, seconds) == {"short": 1.0, "chain": 3.0, "next": 2.0, "last": 1.0}
    run = simulate(works_of(needs, seconds), seconds, Machine(1, 0))
    assert run.spans["chain"] == (0, 1)
    assert run.spans["short"][0] >= 2


@given(st.lists(st.tuples(st.integers(0, 12), st.floats(0.1, 9)), max_size=12))
def test_no_two_run_that_do_not_fit_into_the_memory(jobs: list[tuple[int, float]]) -> None:
    works = {f"n{i}": Work((), seconds, memory) for i, (memory, seconds) in enumerate(jobs)}
    seconds = {f"n{i}": seconds for i, (_, seconds) in enumerate(jobs)}
    run = simulate(works, seconds, Machine(4, 10))
    assert run.spans.keys() == works.keys()  # the one that never fits, too
    for start, _ in run.spans.values():
        beside = [name for name, (begun, end) in run.spans.items() if begun <= start < end]
        assert len(beside) <= 4
        assert len(beside) == 1 or sum(works[name].memory for name in beside) <= 10


def test_downloads_take_no_part_of_the_machine() -> None:
    works = {f"fetch {i}": Work((), counts=False) for i in range(5)} | {"build": Work(())}
    queue = Queue(works, Machine(1, 0))
    assert set(queue.start()) == works.keys()
    assert queue.running == 1


def test_what_ends_at_once_is_left_no_threads() -> None:
    works = {f"up to date {i}": Work((), brief=True) for i in range(3)} | {"build": Work((), 1.0)}
    queue = Queue(works, Machine(4, 0))
    assert queue.start()[0] == "build"
    assert queue.running == 1


@pytest.mark.parametrize(("threads", "jobs", "share"), [(8, 1, 8), (8, 3, 2), (2, 4, 1), (1, 0, 1)])
def test_threads_of_each(threads: int, jobs: int, share: int) -> None:
    assert Machine(threads, 0).share(jobs) == share
