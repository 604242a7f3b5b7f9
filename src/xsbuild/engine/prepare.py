# SPDX-License-Identifier: Apache-2.0
"""Prepare a task: its sources, its source package, the repository of its dependencies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from xsbuild.buildroots.base import Base
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest
from xsbuild.engine.events import EventLog, Kind
from xsbuild.errors import XsbuildError
from xsbuild.families.family import PackageFamily, family_of
from xsbuild.host.timelimit import TimeLimit
from xsbuild.project import Project
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.sources.model import Fetched, Progress
from xsbuild.store.history import History
from xsbuild.store.keys import Json
from xsbuild.store.store import Result
from xsbuild.strict import amount_of

Step = Callable[[str], None]
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BuildTask:
    """All inputs of building one component, as plain data: it may run anywhere.

    Attributes:
        request: the component, its distro, and what its requirements are called there.
        project: where sources and settings are found.
        builder: the builder's name.
        jobs: threads the build may use.
        work: an existing directory of the run.
        events: takes what the task does.
        dependencies: component → its result, for all that this one needs, directly or not.
        history: the store, and the newest result of each task.
        present: the result that the plan found; None where it found none.
        buildroot: the base chroot's part of its key.
    """

    request: RecipeRequest
    project: Project
    builder: str
    jobs: int
    work: Path
    events: EventLog
    dependencies: Mapping[str, Result]
    history: History
    present: Result | None = None
    buildroot: Mapping[str, Json] | None = None

    @property
    def name(self) -> str:
        """Its name in output: ``xha@debian-13``."""
        return f"{self.request.name}@{self.request.distro.name}"


def fetch_for(request: RecipeRequest, project: Project, task: str, events: EventLog) -> None:
    """Fetch the sources of a component into the cache, before its build can start.

    Raises:
        SourceError: one of them cannot be had.
    """
    events.emit(Kind.STARTED, task)
    try:
        _fetch(request, project, partial(events.emit, Kind.STEP, task))
    except XsbuildError as error:
        events.emit(Kind.FAILED, task, str(error))
        raise
    events.emit(Kind.STEP, task, "wait for its turn")


def _fetch(request: RecipeRequest, project: Project, step: Step) -> tuple[Fetched, ...]:
    # A build with nothing to do needs no network, whose libraries take long to import.
    from xsbuild.sources.fetch import fetch_sources  # noqa: PLC0415

    return fetch_sources(request.name, request.component, project, say=_fetch_steps(step))


def _fetch_steps(step: Step) -> Callable[[Progress], None]:
    """Turn download progress into steps, one a megabyte."""
    said: dict[str, int] = {}

    def say(progress: Progress) -> None:
        megabytes = progress.done // _MEGABYTE
        if said.get(progress.source) != megabytes:
            said[progress.source] = megabytes
            of = f" of {progress.total // _MEGABYTE}" if progress.total else ""
            size = f": {megabytes}{of} MB" if megabytes else ""
            step(f"fetch {progress.source}{size}")

    return say


@dataclass(frozen=True, slots=True)
class Place:
    """Directories and inputs of one build.

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
    family: PackageFamily
    tree: FileTree


def log_file(project: Project, task: str) -> Path:
    """Return the path of the log of a task's last build in a project."""
    return project.settings.folders.cache / "logs" / project.label / f"{task}.log"


def prepare(task: BuildTask, base: Base, scratch: Path, log: Path, step: Step) -> BuildRequest:
    """Make all that a build begins with in an empty directory, and does not build.

    Raises:
        XsbuildError: the source package or the private repository cannot be made.
    """
    family = family_of(task.request.distro)
    place = Place(scratch, log, base, family, family.render(task.request))
    return request_for(task, place, scratch / "results", step)


def request_for(task: BuildTask, place: Place, results: Path, step: Step) -> BuildRequest:
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
        time_limit=_time_limit(task),
    )


def _time_limit(task: BuildTask) -> TimeLimit:
    build, limits = task.request.component.build, task.project.settings.limits
    return TimeLimit.starting_now(
        amount_of(build.timeout) if build and build.timeout else limits.build_time,
        amount_of(build.silence) if build and build.silence else limits.build_silence,
    )


def _source_package(task: BuildTask, place: Place, step: Step) -> Path:
    request, tree = task.request, place.tree
    step("fetch sources")
    fetched = _fetch(request, task.project, step)
    count = len(request.component.sources)
    if patches := {item.file_name: item.path for item in fetched[count:]}:
        tree = place.family.render(replace(request, patches=patches))
    step("make the source package")
    target, scratch = (place.scratch / name for name in ("source", "unpacked"))
    for folder in (target, scratch, place.scratch / "build"):
        folder.mkdir()
    return place.family.make_source(
        request,
        tree,
        fetched[:count],
        target,
        epoch=request.epoch,
        scratch=scratch,
        log=place.log,
        limits=task.project.settings.limits,
    )


def _private_repository(task: BuildTask, place: Place, step: Step) -> Path | None:
    """Return a repository of exactly this task's internal dependencies."""
    packages = [path for result in task.dependencies.values() for path in result.packages]
    if not packages:
        return None
    step("make the repository of its dependencies")
    task.history.store.check(task.dependencies.values())
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
