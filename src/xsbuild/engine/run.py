# SPDX-License-Identifier: Apache-2.0
"""Runs a plan: fetches sources beside the builds, builds each component when its needs are met."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from xsbuild import process
from xsbuild.engine.events import Event, EventLog, EventReader, Kind
from xsbuild.engine.scheduler import Job, Outcomes, run_jobs
from xsbuild.engine.store import Result
from xsbuild.engine.task import BuildTask, fetch_for, run_task
from xsbuild.errors import SourceError
from xsbuild.planner.plan import Planned, State, Target, dependency_results, task_name

FETCHES_AT_ONCE = 8
_FETCH = "fetch "


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a plan is run.

    Attributes:
        builder: the builder's name.
        jobs: threads that may run at once on the whole machine.
        keep_going: a failure stops only what needs it.
        work: an existing directory of this run.
    """

    builder: str
    jobs: int
    keep_going: bool
    work: Path


def run_plan(
    target: Target,
    planned: Sequence[Planned],
    options: RunOptions,
    report: Callable[[Event], None],
    executor: Executor | None = None,
) -> Outcomes[Result | None]:
    """Runs a plan to its end.

    Args:
        target: the distro and its graph.
        planned: the tasks, each after those it needs.
        options: see there.
        report: told of every event.
        executor: where builds run; threads of this process where None.

    Returns:
        Component → its result or why it has none.
    """
    at_once = builds_at_once(planned, options.jobs)
    log = EventLog(options.work / "events.jsonl")
    reader = EventReader(log.file)

    def tell(_outcomes: object = None) -> None:
        for event in reader.read():
            report(event)

    with ExitStack() as stack:
        stack.callback(tell)
        builds = executor or stack.enter_context(ThreadPoolExecutor(at_once))
        fetches = stack.enter_context(ThreadPoolExecutor(FETCHES_AT_ONCE))
        jobs = _jobs(target, planned, options, log, builds, fetches)
        try:
            outcomes = run_jobs(jobs, keep_going=options.keep_going, on_change=tell)
        except BaseException:
            for pool in (builds, fetches):
                pool.shutdown(wait=False, cancel_futures=True)
            process.kill_children()
            raise
        for name, skipped in outcomes.skipped.items():
            if not name.startswith(_FETCH) and skipped.because != _FETCH + name:
                because = skipped.because.removeprefix(_FETCH)
                log.emit(Kind.SKIPPED, task_name(name, target.distro), f"{because} failed")
    return _by_component(outcomes)


def builds_at_once(planned: Sequence[Planned], jobs: int) -> int:
    """How many builds share the machine; each gets the threads that are left for it."""
    count = sum(task.state is State.BUILD for task in planned)
    return max(1, min(jobs, count))


def _jobs(
    target: Target,
    planned: Sequence[Planned],
    options: RunOptions,
    log: EventLog,
    builds: Executor,
    fetches: Executor,
) -> dict[str, Job[Result | None]]:
    threads = max(1, options.jobs // builds_at_once(planned, options.jobs))
    jobs: dict[str, Job[Result | None]] = {}
    for task in planned:
        name = task.component
        fetch = _FETCH + name
        if task.state is State.BUILD:
            jobs[fetch] = Job(fetch, frozenset(), partial(_fetch, target, name, log), fetches)
        # a build sees the results of all that it needs, not only of what it names itself
        needs = target.graph.closure(task.needs) | ({fetch} & jobs.keys())
        call = partial(_call, target, task, options, log, threads)
        jobs[name] = Job(name, frozenset(needs), call, builds)
    return jobs


def _fetch(
    target: Target, name: str, log: EventLog, _inputs: Mapping[str, Result | None]
) -> Callable[[], None]:
    return partial(fetch_for, target.project, name, task_name(name, target.distro), log)


def _call(
    target: Target,
    planned: Planned,
    options: RunOptions,
    log: EventLog,
    threads: int,
    inputs: Mapping[str, Result | None],
) -> Callable[[], Result | None]:
    name = planned.component
    if planned.state is State.BLOCKED:
        return partial(_refuse, task_name(name, target.distro), planned.reason, log)
    return partial(
        run_task,
        BuildTask(
            target.request(name),
            target.project,
            options.builder,
            threads,
            options.work,
            log,
            dependency_results(target.graph, name, inputs),
        ),
    )


def _refuse(task: str, reason: str, log: EventLog) -> None:
    log.emit(Kind.FAILED, task, reason)
    raise SourceError(f"{task} cannot be built: {reason}")


def _by_component(outcomes: Outcomes[Result | None]) -> Outcomes[Result | None]:
    """Counts a failed fetch as its component's failure."""
    merged: Outcomes[Result | None] = Outcomes()
    for name, result in outcomes.done.items():
        if not name.startswith(_FETCH):
            merged.done[name] = result
    for name, error in outcomes.failed.items():
        merged.failed[name.removeprefix(_FETCH)] = error
    for name, skipped in outcomes.skipped.items():
        if name not in merged.failed:
            merged.skipped[name] = type(skipped)(skipped.because.removeprefix(_FETCH))
    return merged


def default_jobs() -> int:
    """The threads this process may use."""
    return len(os.sched_getaffinity(0))
