# SPDX-License-Identifier: Apache-2.0
"""A shell where a component is built: its source package unpacked, what it needs installed."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import default_builder
from xsbuild.buildroots.debshell import lay_out
from xsbuild.buildroots.session import buildroot
from xsbuild.distros.model import Family
from xsbuild.engine.events import EventLog
from xsbuild.engine.task import BuildTask, failed_folder, log_file, prepare
from xsbuild.engine.work import owned_folder, sweep
from xsbuild.errors import InputError
from xsbuild.planner.plan import Target, dependency_results, plan, task_name
from xsbuild.yamlfile import nearest

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a build starts from: see `BuildRequest`."""

    source: Path
    repository: Path | None


def open_shell(target: Target, component: str, step: Step) -> int:
    """Gives the terminal to a shell in a component's buildroot, and returns its exit status.

    Where the component's last build failed, the shell has that build's source package and the
    repository it saw; else they are made as for a build.

    Raises:
        InputError: there is no such component, or something it needs has not been built.
        XsbuildError: the buildroot cannot be made.
    """
    _check(target, component)
    settings, task = target.project.settings, task_name(component, target.distro)
    sweep(settings.folders.work)
    with owned_folder(settings.folders.work) as scratch:
        log = log_file(settings, f"shell-{task}")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        base = ensure_base(target.distro, Variant.BUILD, settings, step=step, log=log)
        sources = _of_failure(failed_folder(settings, task), scratch)
        if sources:
            step(f"use what the failed build of {task} left")
        else:
            sources = _made(target, component, base, scratch, log, step)
        overlay = scratch / "shell"
        overlay.mkdir()
        with buildroot(base, overlay) as root:
            shell = lay_out(root, sources.source, sources.repository, log, step)
            return root.shell(shell)


def _check(target: Target, component: str) -> None:
    components = target.project.manifest.components
    if component not in components:
        hint = nearest(component, list(components))
        raise InputError(f"no component {component} in the manifest", hint=hint)
    if target.distro.family is not Family.DEB:
        raise InputError(f"{target.distro.title}: there are no shells for RPM distros yet")
    if component not in target.graph.built:
        decision = target.decisions[component]
        raise InputError(
            f"{component} is not built for {target.distro.title}: {decision.reason}",
            hint=f"--provider {component}=build builds it all the same",
        )


def _of_failure(failed: Path, scratch: Path) -> _Sources | None:
    """What a failed build left, linked: the next build of the component may remove it."""
    found = next(failed.glob("source/*.dsc"), None)
    if found is None:
        return None
    for name in ("source", "repository"):
        if (failed / name).is_dir():
            shutil.copytree(failed / name, scratch / name, copy_function=os.link)
    repository = scratch / "repository"
    return _Sources(scratch / "source" / found.name, repository if repository.is_dir() else None)


def _made(
    target: Target, component: str, base: Base, scratch: Path, log: Path, step: Step
) -> _Sources:
    builder = default_builder(target.distro.family)
    needs = target.graph.closure(target.graph.needs(component))
    results = {task.component: task.result for task in plan(target, needs, builder)}
    missing = sorted(name for name, result in results.items() if result is None)
    if missing:
        names = " ".join(missing)
        raise InputError(
            f"{component} needs {', '.join(missing)}, not built for {target.distro.title} yet",
            hint=f"`xsbuild build --distro {target.distro.name} {names}` does that",
        )
    task = BuildTask(
        target.request(component),
        target.project,
        builder,
        jobs=1,
        work=scratch,
        events=EventLog(scratch / "events.jsonl"),
        dependencies=dependency_results(target.graph, component, results),
    )
    return _Sources(*prepare(task, base, scratch, log, step))
