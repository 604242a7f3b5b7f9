# SPDX-License-Identifier: Apache-2.0
"""Run a plan: fetches sources beside the builds, builds each component when its needs are met."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from xsbuild.capabilities.names import NotLockedError
from xsbuild.engine.events import EventLog, EventReader, Kind, Listener
from xsbuild.engine.prepare import BuildTask, fetch_for
from xsbuild.engine.queue import Machine, Work, weights
from xsbuild.engine.scheduler import Job, Outcomes, run_jobs
from xsbuild.engine.task import run_task
from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.planner.locks import explain_unread
from xsbuild.planner.plan import Plan, Planned, State, dependency_results
from xsbuild.planner.target import Target, task_name
from xsbuild.store.store import Result

FETCHES_AT_ONCE = 8
_FETCH = "fetch "
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options for running a plan.

    Attributes:
        machine: what builds share.
        keep_going: a failure stops only what needs it.
        work: an existing directory of this run.
        seconds: component → how long it took last time, where that is known.
    """

    machine: Machine
    keep_going: bool
    work: Path
    seconds: Mapping[str, float]


def run_plan(
    plan: Plan,
    options: RunOptions,
    report: Listener,
    executor: Executor | None = None,
) -> Outcomes[Result | None]:
    """Run a plan to its end.

    Args:
        plan: the tasks.
        options: see there.
        report: called with every event.
        executor: where builds run; threads of this process where None.

    Returns:
        Component → its result or its failure.
    """
    log = EventLog(options.work / "events.jsonl")
    reader = EventReader(log.file)

    def tell(_outcomes: object = None) -> None:
        for event in reader.read():
            report(event)

    with ExitStack() as stack:
        stack.callback(tell)
        builds = executor or stack.enter_context(
            ThreadPoolExecutor(builds_at_once(plan.tasks, options.machine.threads))
        )
        fetches = stack.enter_context(ThreadPoolExecutor(FETCHES_AT_ONCE))
        jobs = _jobs(plan, options, log, builds, fetches)
        try:
            outcomes = run_jobs(
                jobs, options.machine, keep_going=options.keep_going, on_change=tell
            )
        except BaseException:
            for pool in (builds, fetches):
                pool.shutdown(wait=False, cancel_futures=True)
            process.kill_children()
            raise
        for name, skipped in outcomes.skipped.items():
            if not name.startswith(_FETCH) and skipped.because != _FETCH + name:
                because = skipped.because.removeprefix(_FETCH)
                log.emit(Kind.SKIPPED, task_name(name, plan.target.distro), f"{because} failed")
    return _by_component(outcomes)


def builds_at_once(planned: Sequence[Planned], threads: int) -> int:
    """Return the number of parallel builds; they share the threads."""
    count = sum(task.state is State.BUILD for task in planned)
    return max(1, min(threads, count))


def _jobs(
    plan: Plan,
    options: RunOptions,
    log: EventLog,
    builds: Executor,
    fetches: Executor,
) -> dict[str, Job[Result | None]]:
    target = plan.target
    needs_of = {task.component: task.needs for task in plan.tasks}
    waiting = weights(needs_of, _seconds(plan.tasks, options))
    jobs: dict[str, Job[Result | None]] = {}
    # Sources are fetched in the order in which they are wanted, too.
    for task in sorted(plan.tasks, key=lambda task: -waiting[task.component]):
        name = task.component
        fetch = _FETCH + name
        if task.state is State.BUILD:
            call = partial(_fetch, target, name, log)
            jobs[fetch] = Job(Work((), counts=False), call, fetches)
        # a build sees the results of all that it needs, not only of what it names itself
        needs = target.graph.closure(task.needs) | ({fetch} & jobs.keys())
        build = target.graph.manifest.components[name].build
        memory = build.memory_bytes if build else 0
        work = Work(needs, waiting[name], memory, brief=task.state is not State.BUILD)
        jobs[name] = Job(work, partial(_call, plan, task, options, log), builds)
    return jobs


def _seconds(planned: Sequence[Planned], options: RunOptions) -> dict[str, float]:
    """Return estimated seconds of each task; the median of the others if it was never built."""
    usual = median(options.seconds.values()) if options.seconds else 1.0
    return {
        task.component: options.seconds.get(task.component, usual)
        if task.state is State.BUILD
        else 0.0
        for task in planned
    }


def _fetch(
    target: Target,
    name: str,
    log: EventLog,
    _inputs: Mapping[str, Result | None],
    _threads: int,
) -> Callable[[], None]:
    task = task_name(name, target.distro)
    try:
        request = target.request(name)
    except NotLockedError as error:  # which the plan lets pass
        unread = explain_unread(target.distro.name, offline=target.project.settings.offline)
        reason = f"{' '.join(error.message.split())}; {unread}"
        return partial(_refuse, task, reason, log)
    return partial(fetch_for, request, target.project, task, log)


def _call(
    plan: Plan,
    planned: Planned,
    options: RunOptions,
    log: EventLog,
    inputs: Mapping[str, Result | None],
    threads: int,
) -> Callable[[], Result | None]:
    name, target = planned.component, plan.target
    if planned.state is State.BLOCKED:
        return partial(_refuse, task_name(name, target.distro), planned.reason, log)
    return partial(
        run_task,
        BuildTask(
            target.request(name),
            target.project,
            plan.builder,
            threads,
            options.work,
            log,
            dependency_results(target.graph, name, inputs),
            target.history,
            planned.result,
            plan.buildroot,
        ),
    )


def _refuse(task: str, reason: str, log: EventLog) -> None:
    log.emit(Kind.FAILED, task, reason)
    raise SourceError(f"{task} cannot be built: {reason}", code="XSB-BUILD-SOURCES")


def _by_component(outcomes: Outcomes[Result | None]) -> Outcomes[Result | None]:
    """Count a failed fetch as its component's failure."""
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
    """Return the threads this process may use."""
    return len(os.sched_getaffinity(0))


def machine_memory() -> int:
    """Return the memory for builds in bytes: the machine's, or the control group's limit."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(memory, int(_MEMORY_LIMIT.read_text()))
    except (OSError, ValueError):
        return memory  # no limit, or "max" (cgroups(7))
