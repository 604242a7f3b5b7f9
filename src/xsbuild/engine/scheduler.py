# SPDX-License-Identifier: Apache-2.0
"""Run a graph of jobs, each as soon as its inputs exist.

It knows nothing of packages: a job has a name, the names it needs, and a way to make the call that
does it from what those gave. Calls go to `concurrent.futures` executors, in the order of `Queue`.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from xsbuild.engine.queue import Machine, Queue, Work
from xsbuild.errors import InputError, XsbuildError

Value = TypeVar("Value")
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Job(Generic[Value]):
    """One node of the graph.

    Attributes:
        work: what it needs, and how soon it should start.
        call: makes the call from the results of what it needs and the threads it may use; a plain
            picklable callable without arguments.
        executor: where the call runs.
    """

    work: Work
    call: Callable[[Mapping[str, Value], int], Callable[[], Value]]
    executor: Executor


@dataclass(frozen=True, slots=True)
class Skipped:
    """A job that was not run because something it needs, directly or not, failed."""

    because: str


@dataclass(slots=True)
class Outcomes(Generic[Value]):
    """Outcomes of jobs, by name."""

    done: dict[str, Value] = field(default_factory=dict)
    failed: dict[str, XsbuildError] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)


def run_jobs(
    jobs: Mapping[str, Job[Value]],
    machine: Machine,
    *,
    keep_going: bool = True,
    on_change: Callable[[Outcomes[Value]], None] = lambda _: None,
) -> Outcomes[Value]:
    """Run jobs to the end.

    Args:
        jobs: by name, without a cycle.
        machine: what they share.
        keep_going: a failure stops only what needs it; otherwise nothing more is started.
        on_change: called several times a second, and whenever a job ended.

    Raises:
        InputError: a job needs something that is no job.
        Whatever a job raises that is no `XsbuildError`: that is a fault in xsbuild.
    """
    for name, job in jobs.items():
        unknown = sorted(set(job.work.needs) - jobs.keys())
        if unknown:
            raise InputError(
                f"{name} depends on unknown jobs: {', '.join(unknown)}", code="XSB-BUILD-PLAN"
            )
    queue = Queue({name: job.work for name, job in jobs.items()}, machine)
    outcomes: Outcomes[Value] = Outcomes()
    running: dict[Future[Value], str] = {}
    while True:
        if keep_going or not outcomes.failed:
            names = queue.start()
            threads = machine.share(queue.running)
            for name in names:
                running[_submit(jobs[name], outcomes, threads)] = name
        if not running:
            return outcomes
        ended, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in ended:
            _finish(future, running.pop(future), queue, outcomes)
        on_change(outcomes)


def _submit(job: Job[Value], outcomes: Outcomes[Value], threads: int) -> Future[Value]:
    inputs = {need: outcomes.done[need] for need in job.work.needs}
    return job.executor.submit(job.call(inputs, threads))


def _finish(future: Future[Value], name: str, queue: Queue, outcomes: Outcomes[Value]) -> None:
    try:
        outcomes.done[name] = future.result()
    except XsbuildError as error:
        outcomes.failed[name] = error
        outcomes.skipped |= {lost: Skipped(name) for lost in queue.lose(name)}
    else:
        queue.end(name)
