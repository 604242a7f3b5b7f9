# SPDX-License-Identifier: Apache-2.0
"""The whole path for one distro: run the plan, make the meta-packages, publish the repository."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xsbuild.engine.cleanup import evict
from xsbuild.engine.events import ShowProgress
from xsbuild.engine.file_lists import lists_of
from xsbuild.engine.metas import MetaOutcome, make_meta_packages
from xsbuild.engine.owners import SHARED_HINT, shared_files
from xsbuild.engine.queue import Machine
from xsbuild.engine.run import RunOptions, builds_at_once, machine_memory, run_plan
from xsbuild.engine.scheduler import Outcomes
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.families.family import family_of
from xsbuild.host.files import StorageError, storage
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.host.terminal import echo
from xsbuild.manifest.model import Component
from xsbuild.planner.graph import Targets
from xsbuild.planner.plan import Plan, Planned, State, plan
from xsbuild.planner.target import Target, task_name
from xsbuild.repos.publish import Published, publish
from xsbuild.repos.signing import SigningKey, signing_key
from xsbuild.store.history import FAILED, REUSED, Rebuilt
from xsbuild.store.store import Result


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Options of a build.

    Attributes:
        builder: the builder's name.
        jobs: threads at once on this machine.
        keep_going: a failure stops only what needs it.
    """

    builder: str
    jobs: int
    keep_going: bool


@dataclass(frozen=True, slots=True)
class Built:
    """The outcome of a build.

    Attributes:
        target: the distro.
        planned: what was to be done.
        outcomes: component → its result or its failure.
        metas: meta-package → whether it is in the repository.
        published: the repository; None where there is nothing to publish.
        started: when, in seconds since the epoch.
    """

    target: Target
    planned: Sequence[Planned]
    outcomes: Outcomes[Result | None]
    metas: Mapping[str, MetaOutcome]
    published: Published | None
    started: float

    @property
    def failed(self) -> bool:
        """Whether a requested result is missing."""
        return bool(self.outcomes.failed) or any(meta.problem for meta in self.metas.values())


def build(
    target: Target, targets: Targets, options: BuildOptions, show_progress: ShowProgress
) -> Built:
    """Build targets for a distro and publish the repository.

    The repository holds what was asked for, and whatever else of the manifest the store has in its
    present form.

    Raises:
        XsbuildError: nothing could be started, or nothing published; a component that does not
            build is no exception but an outcome.
    """
    folders = target.project.settings.folders
    started = time.time()
    # A key that cannot sign is an error before anything is built.
    key = signing_key(target.project.settings, say=_notice)
    sweep(folders.work)
    with owned_folder(folders.work) as work:
        everything = plan(target, frozenset(target.graph.built), options.builder)
        asked = everything.part(targets.components)
        former = {task.component: target.history.key(_task(target, task)) for task in asked.tasks}
        outcomes = _run(asked, options, work, show_progress)
        _note_reasons(asked, outcomes, former, started)
        results = _results(everything, targets, outcomes)
        target.history.store.check(results.values())
        metas = make_meta_packages(
            target, targets.meta_packages, _names(results), work / "meta-packages"
        )
        made = [meta.package for meta in metas.values() if meta.package]
        published = _publish(target, results, made, key) if results or made else None
    _forget_unused(asked, results)
    return Built(target, asked.tasks, outcomes, metas, published, started)


def _results(
    everything: Plan, targets: Targets, outcomes: Outcomes[Result | None]
) -> dict[str, Result]:
    """Return the requested results, and the existing ones of all other tasks."""
    done = {name: result for name, result in outcomes.done.items() if result}
    others = everything.after(done).results()
    return done | {
        name: result for name, result in others.items() if name not in targets.components
    }


def _forget_unused(asked: Plan, results: Mapping[str, Result]) -> None:
    """Keep the caches within the user's limits, where a build may have let them grow."""
    settings = asked.target.project.settings
    folders = settings.folders
    with suppress(StorageError), storage(folders.cache):  # another user's cache; not an error
        for result in results.values():
            os.utime(result.folder)
        if any(task.state is State.BUILD for task in asked.tasks):
            evict(folders, settings.keep)


def _run(
    asked: Plan,
    options: BuildOptions,
    work: Path,
    show_progress: ShowProgress,
) -> Outcomes[Result | None]:
    seconds = _seconds(asked)
    distro = asked.target.distro
    expected = {task_name(name, distro): value for name, value in seconds.items()}
    at_once = builds_at_once(asked.tasks, options.jobs)
    machine = Machine(options.jobs, machine_memory())
    run_options = RunOptions(machine, options.keep_going, work, seconds)
    with show_progress(len(asked.tasks), expected, at_once) as report:
        return run_plan(asked, run_options, report)


def _seconds(asked: Plan) -> dict[str, float]:
    """Return durations of each component's last build, in seconds."""
    target = asked.target
    return {
        task.component: sum(last.seconds.values())
        for task in asked.tasks
        if (last := target.history.last(_task(target, task))) is not None
    }


def _note_reasons(
    asked: Plan,
    outcomes: Outcomes[Result | None],
    former: Mapping[str, str | None],
    started: float,
) -> None:
    """Note why each component was built or reused that was, or why that was tried."""
    target, history = asked.target, asked.target.history
    for task in asked.tasks:
        name = task.component
        result = outcomes.done.get(name)
        if result and result.key != former[name]:
            if result.former and result.former == former[name]:
                history.note(_task(target, task), Rebuilt(started, "reused", (REUSED,)))
            elif result.finished >= started:
                reasons = history.why_done(former[name], result.key)
                history.note(_task(target, task), Rebuilt(started, "built", reasons))
        elif name in outcomes.failed and task.state is State.BUILD:
            reasons = _failure_reasons(outcomes.failed[name])
            history.note(_task(target, task), Rebuilt(started, FAILED, reasons))


def _failure_reasons(error: XsbuildError) -> tuple[str, ...]:
    """Step, cause and log of a failure, without the lines of its log."""
    cause = error.message.partition("\n")[0]
    if not isinstance(error, BuildError):
        return (cause,)
    log = (f"log: {error.log}",) if error.log else ()
    return (f"step: {error.step}", f"cause: {cause}", *log)


def _task(target: Target, task: Planned) -> str:
    return task_name(task.component, target.distro)


def _names(results: Mapping[str, Result]) -> frozenset[str]:
    """Return the names of binary packages that results have."""
    return frozenset(
        file.package.name for result in results.values() for file in result.files if file.package
    )


def _notice(text: str) -> None:
    echo(text, err=True)


def _publish(
    target: Target, results: Mapping[str, Result], metas: Sequence[Path], key: SigningKey
) -> Published:
    packages = [path for name in sorted(results) for path in results[name].packages]
    packages += metas
    project, distro = target.project, target.distro
    product = project.manifest.product
    place = project.results / distro.name

    def write(folder: Path) -> None:
        _refuse_shared_files(target, results)
        family_of(distro).write_repository(
            folder,
            packages,
            suite=distro.name,
            title=f"{product.title} for {distro.title}",
            architectures=sorted(set(distro.architectures.values())),
            key=key,
            epoch=int(time.time()),
            location=place.as_uri(),
        )

    facts = {"key": key.fingerprint, "title": product.title, "place": str(place)}
    return publish(project.results, distro.name, packages, facts=facts, write=write)


def _refuse_shared_files(target: Target, results: Mapping[str, Result]) -> None:
    """Check that packages of different components can be installed together.

    Raises:
        XsbuildError: two of them have one file, and the manifest does not say so.
    """
    read = family_of(target.distro).read_files
    lists: dict[str, Mapping[str, str]] = {}
    components: dict[str, Component] = {}
    for name, result in results.items():
        component = target.graph.manifest.components[name]
        lists |= lists_of(result, component, read)
        components |= dict.fromkeys(component.packages, component)
    shared = [*shared_files(lists, components, target.distro)]
    if shared:
        raise XsbuildError(
            "nothing is published, as two packages have one file"
            + "".join(f"\n  {line}" for line in shared),
            hint=SHARED_HINT,
            code="XSB-BUILD-SHARED-FILE",
        )
