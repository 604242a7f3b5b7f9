# SPDX-License-Identifier: Apache-2.0
"""One task: build one component for one distro, or find that it was built before."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest, builder_named
from xsbuild.engine.accept import accepted
from xsbuild.engine.cutoff import Cutoff
from xsbuild.engine.events import EventLog, Kind
from xsbuild.engine.failed_build import kept, note
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.families import FamilyTools, family_of
from xsbuild.host.process import CommandFailedError
from xsbuild.planner.inputs import inputs_of
from xsbuild.project import Project
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.settings import Settings
from xsbuild.sources.fetch import fetch_sources
from xsbuild.sources.model import Progress
from xsbuild.store.history import REUSED, History
from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import Result, Store

Step = Callable[[str], None]
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BuildTask:
    """Everything that building one component takes. Plain data: it may run anywhere.

    Attributes:
        request: the component, its distro, and what its requirements are called there.
        project: where sources and settings are found.
        builder: the builder's name.
        jobs: threads the build may use.
        work: an existing directory of the run.
        events: takes what the task does.
        dependencies: component → its result, for all that this one needs, directly or not.
    """

    request: RecipeRequest
    project: Project
    builder: str
    jobs: int
    work: Path
    events: EventLog
    dependencies: Mapping[str, Result]

    @property
    def name(self) -> str:
        """What people call it: ``xha@debian-13``."""
        return f"{self.request.name}@{self.request.distro.name}"


def fetch_for(request: RecipeRequest, project: Project, task: str, events: EventLog) -> None:
    """Fetches the sources of a component into the cache, before its build can start.

    Raises:
        SourceError: one of them cannot be had.
    """
    events.emit(Kind.STARTED, task)
    say = _fetch_steps(partial(events.emit, Kind.STEP, task))
    try:
        fetch_sources(request.name, request.component, project, say=say)
    except XsbuildError as error:
        events.emit(Kind.FAILED, task, str(error))
        raise
    events.emit(Kind.STEP, task, "wait for its turn")


def _fetch_steps(step: Step) -> Callable[[Progress], None]:
    """Turns bytes into steps, one a megabyte."""
    said: dict[str, int] = {}

    def say(progress: Progress) -> None:
        megabytes = progress.done // _MEGABYTE
        if said.get(progress.source) != megabytes:
            said[progress.source] = megabytes
            of = f" of {progress.total // _MEGABYTE}" if progress.total else ""
            size = f": {megabytes}{of} MB" if megabytes else ""
            step(f"fetch {progress.source}{size}")

    return say


def run_task(task: BuildTask) -> Result:
    """Returns the task's result, built first where the store does not have it.

    Raises:
        XsbuildError: it could not be built.
    """
    task.events.emit(Kind.STARTED, task.name)
    former = kept(task.project.settings, task.name)
    trash = task.work / f"{task.name}.former"
    try:
        result = _find_or_build(task)
    except XsbuildError as error:
        failure = _with_component(task, error)
        if isinstance(error, BuildError):
            former.keep(task.work / task.name, trash)
        task.events.emit(Kind.FAILED, task.name, str(failure))
        raise failure from error
    former.forget(trash)
    return result


def _with_component(task: BuildTask, error: XsbuildError) -> XsbuildError:
    """A command's failure does not know for whom it ran."""
    if not isinstance(error, CommandFailedError):
        return error
    return BuildError(
        f"{task.name}: {error.message}",
        component=task.request.name,
        step="prepare",
        log=error.log,
        hint=error.hint,
        code=error.code,
    )


def _find_or_build(task: BuildTask) -> Result:
    step = partial(task.events.emit, Kind.STEP, task.name)
    settings, distro = task.project.settings, task.request.distro
    scratch = task.work / task.name
    scratch.mkdir()
    base = ensure_base(distro, Variant.BUILD, settings, step=step, log=scratch / "base.log")
    family = family_of(distro)
    tree = family.render(task.request)
    inputs = inputs_of(
        task.request,
        tree,
        builder=task.builder,
        buildroot=base.inputs,
        dependencies={name: result.digest for name, result in task.dependencies.items()},
        root=task.project.root,
    )
    store = Store(settings.folders.store)
    key = key_of(inputs)
    wait = partial(step, "wait for another xsbuild that builds the same")
    with base.in_use(), store.lock(key, waiting=wait):
        result = store.find(key)
        if result is None:
            place = _Place(scratch, log_file(settings, task.name), base, family, tree)
            result = _build(task, place, store, inputs)
            if result.former:
                task.events.emit(Kind.REUSED, task.name, REUSED)
            else:
                task.events.emit(Kind.DONE, task.name)
        else:
            task.events.emit(Kind.REUSED, task.name)
    History(store).remember(task.name, key)
    return result


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one build happens, and from what.

    Attributes:
        scratch: an existing directory of this task.
        log: takes everything that the build prints.
        base: the base chroot.
        family: the distro's.
        tree: the rendered recipe.
    """

    scratch: Path
    log: Path
    base: Base
    family: FamilyTools
    tree: FileTree


def log_file(settings: Settings, task: str) -> Path:
    """Where the log of a task's last build is."""
    return settings.folders.cache / "logs" / f"{task}.log"


def _build(task: BuildTask, place: _Place, store: Store, inputs: Mapping[str, Json]) -> Result:
    clock = _Clock(partial(task.events.emit, Kind.STEP, task.name))
    place.log.parent.mkdir(parents=True, exist_ok=True)
    place.log.write_bytes(b"")
    builder = builder_named(task.builder)
    cutoff = Cutoff(store, History(store).former(task.name, inputs))
    with store.begin(key_of(inputs)) as entry:
        request = _request(task, place, entry.folder, clock)
        try:
            builder.build(replace(request, proceed=cutoff.proceed), place.base, clock)
        except BuildError as error:
            note(builder, request, error)
            raise
        if cutoff.result:
            return entry.adopt(cutoff.result, inputs, cutoff.installed)
        clock("store the packages")
        packages = accepted(task.request, entry.folder, place.family.read_packages)
        shutil.copyfile(place.log, entry.folder / "build.log")
        return entry.commit(
            inputs=inputs,
            packages=packages,
            seconds=clock.seconds(),
            builder=task.builder,
            installed=cutoff.installed,
        )


def prepare(task: BuildTask, base: Base, scratch: Path, log: Path, step: Step) -> BuildRequest:
    """Makes all that a build begins with in an empty directory, and does not build.

    Raises:
        XsbuildError: the source package or the private repository cannot be made.
    """
    family = family_of(task.request.distro)
    place = _Place(scratch, log, base, family, family.render(task.request))
    return _request(task, place, scratch / "results", step)


def _request(task: BuildTask, place: _Place, results: Path, step: Step) -> BuildRequest:
    return BuildRequest(
        component=task.request.name,
        distro=task.request.distro,
        source=_source_package(task, place, step),
        repository=_private_repository(task, place, step),
        jobs=task.jobs,
        epoch=task.request.epoch,
        results=results,
        scratch=place.scratch / "build",
        log=place.log,
        layers=task.project.settings.folders.layers,
        closure={name: result.digest for name, result in task.dependencies.items()},
    )


def _source_package(task: BuildTask, place: _Place, step: Step) -> Path:
    request = task.request
    step("fetch sources")
    sources = fetch_sources(request.name, request.component, task.project, say=_fetch_steps(step))
    step("make the source package")
    target, scratch = (place.scratch / name for name in ("source", "unpacked"))
    for folder in (target, scratch, place.scratch / "build"):
        folder.mkdir()
    return place.family.make_source(
        request,
        place.tree,
        sources,
        target,
        epoch=request.epoch,
        scratch=scratch,
        log=place.log,
    )


def _private_repository(task: BuildTask, place: _Place, step: Step) -> Path | None:
    """A repository of exactly what this task needs of the manifest's own packages."""
    packages = [path for result in task.dependencies.values() for path in result.packages]
    if not packages:
        return None
    step("make the repository of its dependencies")
    Store(task.project.settings.folders.store).check(task.dependencies.values())
    target = place.scratch / "repository"
    target.mkdir()
    place.family.write_repository(
        target,
        packages,
        suite="private",
        title=f"what {task.name} needs",
        architectures=sorted(set(task.request.distro.architectures.values())),
        key=signing_key(task.project.settings, say=step),
        epoch=task.request.epoch,
        location=f"file:{REPOSITORY}",
        signed_by=str(REPOSITORY / KEY),
    )
    return target


@dataclass(slots=True)
class _Clock:
    """Says steps on, and measures how long each took."""

    step: Step
    times: list[tuple[str, float]] = field(default_factory=list)

    def __call__(self, text: str) -> None:
        self.times.append((text, time.monotonic()))
        self.step(text)

    def seconds(self) -> dict[str, float]:
        ends = [start for _, start in self.times[1:]] + [time.monotonic()]
        took: dict[str, float] = {}
        for (name, start), end in zip(self.times, ends, strict=True):
            took[name] = round(took.get(name, 0.0) + end - start, 3)
        return took
