# SPDX-License-Identifier: Apache-2.0
"""Jobs run as soon as their inputs exist, and a failure stops only what needs it."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.engine.queue import Machine, Work
from xsbuild.engine.scheduler import Job, Outcomes, Skipped, run_jobs
from xsbuild.errors import BuildError, InputError, XsbuildError

Graph = dict[str, set[str]]
MACHINE = Machine(threads=4, memory=100)


def joined(name: str, inputs: Mapping[str, str]) -> str:
    """A job's result: its name around the results it got, so that a wrong input shows."""
    return f"{name}({','.join(inputs[key] for key in sorted(inputs))})"


def failing(name: str) -> str:
    raise BuildError(
        f"{name} broke", component=name, step="build", hint="mend it", code="XSB-BUILD-FAILED"
    )


def run(
    graph: Graph, broken: set[str], executor: Executor, *, keep_going: bool = True
) -> Outcomes[str]:
    def call(name: str) -> Callable[[Mapping[str, str], int], Callable[[], str]]:
        if name in broken:
            return lambda _inputs, _threads: partial(failing, name)
        return lambda inputs, _threads: partial(joined, name, dict(inputs))

    jobs = {name: Job(Work(needs), call(name), executor) for name, needs in graph.items()}
    return run_jobs(jobs, MACHINE, keep_going=keep_going)


DIAMOND: Graph = {"top": {"left", "right"}, "left": {"base"}, "right": {"base"}, "base": set()}


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_results_flow_along_the_edges(pool: Callable[[int], Executor]) -> None:
    with pool(2) as executor:
        outcomes = run(DIAMOND, set(), executor)
    assert outcomes.done["top"] == "top(left(base()),right(base()))"


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_a_failure_stops_only_what_needs_it(pool: Callable[[int], Executor]) -> None:
    graph = {**DIAMOND, "apart": {"base"}, "roof": {"top"}}
    with pool(2) as executor:
        outcomes = run(graph, {"left"}, executor)
    assert set(outcomes.done) == {"base", "right", "apart"}
    assert outcomes.skipped == {"top": Skipped("left"), "roof": Skipped("left")}
    error = outcomes.failed["left"]
    assert isinstance(error, BuildError)
    assert (error.component, error.step, error.hint) == ("left", "build", "mend it")


def test_without_keep_going_nothing_starts_after_a_failure() -> None:
    graph: Graph = {"first": set(), "second": {"first"}, "bad": {"first"}, "later": {"second"}}
    with ThreadPoolExecutor(1) as executor:
        outcomes = run({**graph, "bad": set()}, {"bad", "first"}, executor, keep_going=False)
    assert set(outcomes.failed) == {"first", "bad"}  # both were started
    assert not outcomes.done


def test_there_are_no_stage_barriers() -> None:
    """A long job and the chain beside it overlap: the chain's end lets the long one finish."""
    chain_ended = threading.Event()

    def long_job() -> str:
        return "overlapped" if chain_ended.wait(10) else "waited for a barrier"

    def end_of_chain() -> str:
        chain_ended.set()
        return ""

    with ThreadPoolExecutor(2) as executor:
        jobs = {
            "long": Job(Work(()), lambda _, __: long_job, executor),
            "a": Job(Work(()), lambda _, __: str, executor),
            "b": Job(Work({"a"}), lambda _, __: end_of_chain, executor),
        }
        assert run_jobs(jobs, MACHINE).done["long"] == "overlapped"


def test_those_that_start_together_share_the_threads() -> None:
    def call(_inputs: Mapping[str, int], threads: int) -> Callable[[], int]:
        return partial(int, threads)

    with ThreadPoolExecutor(4) as executor:
        first = {name: Job(Work(()), call, executor) for name in ("a", "b")}
        jobs = {**first, "last": Job(Work({"a", "b"}), call, executor)}
        done = run_jobs(jobs, Machine(threads=4, memory=0)).done
    assert done == {"a": 2, "b": 2, "last": 4}


def test_a_fault_of_ours_is_not_taken_for_a_failed_build() -> None:
    def fault() -> str:
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError):
        run_jobs({"a": Job(Work(()), lambda _, __: fault, executor)}, MACHINE)


def test_a_need_that_is_no_job_is_refused() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(InputError, match="nowhere"):
        run({"a": {"nowhere"}}, set(), executor)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, set[str]]:
    count = draw(st.integers(1, 12))
    names = [f"n{i}" for i in range(count)]
    graph = {
        name: draw(st.sets(st.sampled_from(names[:i]), max_size=3)) if i else set()
        for i, name in enumerate(names)
    }
    return graph, draw(st.sets(st.sampled_from(names), max_size=3))


@given(graphs())
def test_every_job_ends_in_exactly_one_way(case: tuple[Graph, set[str]]) -> None:
    graph, broken = case
    with ThreadPoolExecutor(3) as executor:
        outcomes = run(graph, broken, executor)
    ends = [*outcomes.done, *outcomes.failed, *outcomes.skipped]
    assert sorted(ends) == sorted(graph)
    for name, skipped in outcomes.skipped.items():
        assert skipped.because in broken
        assert graph[name] & (outcomes.failed.keys() | outcomes.skipped.keys())
    for name in outcomes.done:
        assert graph[name] <= outcomes.done.keys()


def test_errors_survive_the_way_between_processes() -> None:
    with ProcessPoolExecutor(1) as executor:
        error = executor.submit(failing, "x").exception()
    assert isinstance(error, XsbuildError)
    assert str(error) == "x broke"
    assert error.hint == "mend it"
