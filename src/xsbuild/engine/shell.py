# SPDX-License-Identifier: Apache-2.0
"""A shell where a component is built: as its last build left it when it failed, else made ready."""

from collections.abc import Callable
from pathlib import Path

from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest
from xsbuild.buildroots.buildroot import Buildroot, Entry, GoneError, reopened
from xsbuild.buildroots.family import buildroots_of
from xsbuild.engine.events import EventLog
from xsbuild.engine.failed_build import Failure, Kept, kept
from xsbuild.engine.prepare import BuildTask, log_file, prepare
from xsbuild.engine.run import default_jobs
from xsbuild.errors import InputError
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.planner.plan import dependency_results, plan
from xsbuild.planner.target import Target, task_name
from xsbuild.yamlfile import nearest

Step = Callable[[str], None]


def open_shell(target: Target, component: str, builder: str | None, step: Step) -> int:
    """Open an interactive shell in a component's buildroot and return its exit status.

    What happens in it is thrown away. Where the component's last build failed, everything is as it
    was then; else it is as a build is before it compiles.

    Args:
        target: the distro.
        component: its name.
        builder: whose builds to look at; None for the one of the last build.
        step: called with each step.

    Raises:
        InputError: there is no such component, or something it needs has not been built.
        XsbuildError: the buildroot cannot be made.
    """
    _check(target, component)
    settings, task = target.project.settings, task_name(component, target.distro)
    failed = kept(settings, task)
    failure = _failure(failed, builder)
    sweep(settings.folders.work)
    with owned_folder(settings.folders.work) as scratch:
        if failure:
            step(f"the last build of {task} failed: {failure.message}")
        if failure and failure.entry:
            try:
                return _reopen(failed, failure, failure.entry, scratch, step)
            except GoneError as error:
                step(f"{error}; made again, as before it compiled")
        return _lay_out(target, component, builder, failed, scratch, step)


def _failure(failed: Kept, builder: str | None) -> Failure | None:
    failure = failed.failure()
    return failure if failure and builder in (None, failure.builder) else None


def _check(target: Target, component: str) -> None:
    components = target.graph.manifest.components
    if component not in components:
        hint = nearest(component, list(components))
        raise InputError(
            f"no component {component} in the manifest", hint=hint, code="XSB-USAGE-UNKNOWN-NAME"
        )
    if component not in target.graph.built:
        decision = target.decisions[component]
        raise InputError(
            f"{component} is not built for {target.distro.title}: {decision.reason}",
            hint=f"--provider {component}=build builds it all the same",
            code="XSB-USAGE-NOT-BUILT",
        )


def _reopen(failed: Kept, failure: Failure, entry: Entry, scratch: Path, step: Step) -> int:
    _, repository = failed.link(failure, scratch)
    binds = {repository: str(REPOSITORY)} if repository else {}
    overlay = scratch / "shell"
    overlay.mkdir()
    with reopened(failed.root, overlay, binds=binds) as root:
        if failure.command:
            step(f"what failed: {failure.command}")
        return _enter(root, entry, step)


def _lay_out(
    target: Target,
    component: str,
    builder: str | None,
    failed: Kept,
    scratch: Path,
    step: Step,
) -> int:
    settings = target.project.settings
    log = log_file(target.project, f"shell-{task_name(component, target.distro)}")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    base = ensure_base(target.distro, Variant.BUILD, settings, step=step, log=log)
    failure = _failure(failed, builder)
    if failure is None:
        builder = builder or builder_of_shell(target, component)
        request = prepare(_task(target, component, builder, scratch), base, scratch, log, step)
    else:
        (scratch / "build").mkdir()
        request = BuildRequest(
            component,
            target.distro,
            *failed.link(failure, scratch),
            failure.jobs,
            failure.epoch,
            results=scratch / "results",
            scratch=scratch / "build",
            log=log,
            layers=settings.folders.layers,
            closure=failure.closure,
        )
    with buildroots_of(target.distro.family).laid_out(request, base, step) as (root, entry):
        return _enter(root, entry, step)


def _enter(root: Buildroot, entry: Entry, step: Step) -> int:
    network = "with" if entry.network else "without"
    step(f"in {entry.directory} as {entry.user or 'root'}, {network} a network")
    step(f"continue with `{entry.again}`; `exit` discards all changes")
    return root.shell(entry)


def builder_of_shell(target: Target, component: str) -> str:
    """Return the builder of a component's last build, else of one of its dependencies."""
    needs = sorted(target.graph.closure(target.graph.needs(component)))
    for name in (component, *needs):
        last = target.history.last(task_name(name, target.distro))
        if last:
            return last.builder
    return buildroots_of(target.distro.family).default_builder()


def _task(target: Target, component: str, builder: str, scratch: Path) -> BuildTask:
    needs = target.graph.closure(target.graph.needs(component))
    results = plan(target, needs, builder).results()
    missing = sorted(needs - results.keys())
    if missing:
        names = " ".join(missing)
        raise InputError(
            f"{component} needs {', '.join(missing)}, not built for {target.distro.title} yet",
            hint=f"`xsbuild build --distro {target.distro.name} {names}` does that",
            code="XSB-BUILD-NEEDS",
        )
    return BuildTask(
        target.request(component),
        target.project,
        builder,
        jobs=default_jobs(),
        work=scratch,
        events=EventLog(scratch / "events.jsonl"),
        dependencies=dependency_results(target.graph, component, results),
        history=target.history,
    )
