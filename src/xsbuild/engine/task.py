# SPDX-License-Identifier: Apache-2.0
"""One task: build one component for one distro, or find that it was built before."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.buildroots.family import builder_named
from xsbuild.engine.events import Kind
from xsbuild.engine.failed_build import kept, note
from xsbuild.engine.file_lists import former_lists, keep_lists, list_files
from xsbuild.engine.logs import begun
from xsbuild.engine.prepare import BuildTask, Place, Step, log_file, request_for
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.families.family import family_of
from xsbuild.host.process import CommandFailedError
from xsbuild.planner.inputs import inputs_of
from xsbuild.store.history import REUSED
from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import DamagedError, Result, Store


def run_task(task: BuildTask) -> Result:
    """Return the task's result, built first where the store does not have it.

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
    """Return a command's failure as the failure of a task's step."""
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
    store = task.history.store
    if task.present and task.buildroot == base.inputs:
        result = store.find(task.present.key)
        if result is not None:
            return _reuse(task, result)
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
    key = key_of(inputs)
    wait = partial(step, "wait for another xsbuild that builds the same")
    with base.in_use(), store.lock(key, waiting=wait):
        result = store.find(key)
        if result is None:
            place = Place(scratch, log_file(task.project, task.name), base, family, tree)
            with begun(place.log):
                result = _build(task, place, inputs)
            if result.former:
                task.events.emit(Kind.REUSED, task.name, REUSED)
            else:
                task.events.emit(Kind.DONE, task.name)
        else:
            return _reuse(task, result)
    task.history.remember(task.name, key)
    return result


def _reuse(task: BuildTask, result: Result) -> Result:
    task.events.emit(Kind.REUSED, task.name)
    task.history.remember(task.name, result.key)
    return result


def _build(task: BuildTask, place: Place, inputs: Mapping[str, Json]) -> Result:
    store = task.history.store
    clock = _Clock(partial(task.events.emit, Kind.STEP, task.name))
    builder = builder_named(task.builder, task.request.distro)
    cutoff = Cutoff(store, task.history.former(task.name, inputs))
    with store.begin(key_of(inputs)) as entry:
        request = request_for(task, place, entry.folder, clock)
        try:
            builder.build(replace(request, proceed=cutoff.proceed), place.base, clock)
        except BuildError as error:
            note(builder, request, error)
            raise
        if cutoff.result:
            return entry.adopt(cutoff.result, inputs, cutoff.installed)
        # Only a build that compiles needs it, and its libraries take long to import.
        from xsbuild.engine.accept import accept_files, accepted  # noqa: PLC0415

        clock("store the packages")
        packages = accepted(task.request, entry.folder, place.family.read_packages)
        read = place.family.read_files
        lists = list_files(entry.folder, packages, task.request.component, read)
        former = former_lists(task.request, task.history.last(task.name), read)
        accept_files(task.request, lists, former)
        keep_lists(entry.folder, lists)
        shutil.copyfile(place.log, entry.folder / "build.log")
        return entry.commit(
            inputs=inputs,
            packages=packages,
            seconds=clock.seconds(),
            builder=task.builder,
            installed=cutoff.installed,
        )


@dataclass(slots=True)
class Cutoff:
    """Stop a build before compilation if the same packages are installed as for its last result.

    Attributes:
        store: where results are.
        former: what the task has been built as, of the same but for the state of the archives;
            None where it has not.
        installed: the packages that the builder said are installed.
        result: `former`, once it is known to be the result now, too.
    """

    store: Store
    former: Result | None
    installed: Sequence[str] = ()
    result: Result | None = None

    def proceed(self, installed: Sequence[str]) -> bool:
        """Return whether to compile with these packages installed; see `BuildRequest.proceed`."""
        self.installed = installed
        if self.former and self.store.installed(self.former.key) == list(installed):
            self.result = self._whole(self.former)
        return self.result is None

    def _whole(self, former: Result) -> Result | None:
        try:
            self.store.check([former])
        except DamagedError:
            return None  # set aside, with a warning
        return former


@dataclass(slots=True)
class _Clock:
    """Forwards steps and measures their durations."""

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
