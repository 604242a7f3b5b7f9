# SPDX-License-Identifier: Apache-2.0
"""Runs a graph of jobs, each as soon as its inputs exist.

It knows nothing of packages: a job has a name, the names it needs, and a way to make the call that
does it from what those gave. Calls go to `concurrent.futures` executors.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from xsbuild.errors import InputError, XsbuildError

Value = TypeVar("Value")
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Job(Generic[Value]):
    """One node of the graph.

    Attributes:
        name: unique in the graph.
        needs: jobs whose results it takes.
        call: makes the call from those results; a plain picklable callable without arguments.
        executor: where the call runs.
    """

    name: str
    needs: frozenset[str]
    call: Callable[[Mapping[str, Value]], Callable[[], Value]]
    executor: Executor


@dataclass(frozen=True, slots=True)
class Skipped:
    """A job that was not run because something it needs, directly or not, failed."""

    because: str


@dataclass(slots=True)
class Outcomes(Generic[Value]):
    """How the jobs ended, by name."""

    done: dict[str, Value] = field(default_factory=dict)
    failed: dict[str, XsbuildError] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)


def run_jobs(
    jobs: Mapping[str, Job[Value]],
    *,
    keep_going: bool = True,
    on_change: Callable[[Outcomes[Value]], None] = lambda _: None,
) -> Outcomes[Value]:
    """Runs jobs to the end.

    Args:
        jobs: by name, without a cycle; where several can start, the first listed does.
        keep_going: a failure stops only what needs it; otherwise nothing more is started.
        on_change: called several times a second, and whenever a job ended.

    Raises:
        InputError: a job needs something that is no job.
        Whatever a job raises that is no `XsbuildError`: that is a fault in xsbuild.
    """
    for job in jobs.values():
        if not job.needs <= jobs.keys():
            unknown = ", ".join(sorted(job.needs - jobs.keys()))
            raise InputError(f"{job.name} needs what nobody makes: {unknown}")
    outcomes: Outcomes[Value] = Outcomes()
    waiting = dict(jobs)
    running: dict[Future[Value], str] = {}
    while waiting or running:
        if keep_going or not outcomes.failed:
            _start_ready(waiting, running, outcomes)
        else:
            waiting.clear()
        ended, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in ended:
            _finish(future, running.pop(future), outcomes)
        on_change(outcomes)
    return outcomes


def _start_ready(
    waiting: dict[str, Job[Value]], running: dict[Future[Value], str], outcomes: Outcomes[Value]
) -> None:
    changed = True
    while changed:  # one that is skipped may skip others
        changed = False
        for name, job in list(waiting.items()):
            lost = next((n for n in sorted(job.needs) if _is_lost(n, outcomes)), None)
            if lost is not None:
                skipped = outcomes.skipped.get(lost)
                outcomes.skipped[name] = Skipped(skipped.because if skipped else lost)
                del waiting[name]
                changed = True
            elif job.needs <= outcomes.done.keys():
                call = job.call({need: outcomes.done[need] for need in job.needs})
                running[job.executor.submit(call)] = name
                del waiting[name]


def _is_lost(name: str, outcomes: Outcomes[Value]) -> bool:
    return name in outcomes.failed or name in outcomes.skipped


def _finish(future: Future[Value], name: str, outcomes: Outcomes[Value]) -> None:
    try:
        outcomes.done[name] = future.result()
    except XsbuildError as error:
        outcomes.failed[name] = error
