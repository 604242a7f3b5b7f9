# SPDX-License-Identifier: Apache-2.0
"""Rebuild results in a varied environment, and compare the packages byte by byte.

Elsewhere: at another time, with another number of threads and, where the builder can, on a host of
another name, as another user and, for the deb family, in another directory.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.buildroots.family import builder_named
from xsbuild.engine.events import EventLog
from xsbuild.engine.package_diff import package_differences
from xsbuild.engine.prepare import BuildTask, log_file, prepare
from xsbuild.families.family import family_of
from xsbuild.host import process
from xsbuild.host.scratch import owned_folder
from xsbuild.planner.plan import dependency_results, plan
from xsbuild.planner.target import Target, task_name
from xsbuild.store.store import Result


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a component builds reproducibly.

    Attributes:
        component: its name.
        differences: what differs, in words; nothing where every byte is the same.
    """

    component: str
    differences: tuple[str, ...]


def reproduce(
    target: Target,
    components: Collection[str],
    builder: str,
    jobs: int,
    step: Callable[[str], None],
) -> list[Verdict]:
    """Check that the results of some components are reproducible.

    Args:
        target: for which distro.
        components: their names; those without a result are left out.
        builder: the builder's name.
        jobs: threads at once on this machine.
        step: called with each step.

    Raises:
        BuildError: one does not build the second time; says why.
        XsbuildError: a directory cannot be written.
    """
    needed = target.graph.closure(components)
    results = plan(target, needed, builder).results()
    wanted = [name for name in target.graph.order if name in components and name in results]
    again = partial(_again, target, results, builder, jobs, step)
    with ThreadPoolExecutor(max(1, min(jobs, len(wanted)))) as pool:
        try:
            return list(pool.map(again, wanted))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            process.kill_children()
            raise


def _again(
    target: Target,
    results: Mapping[str, Result],
    builder: str,
    jobs: int,
    step: Callable[[str], None],
    component: str,
) -> Verdict:
    settings, name = target.project.settings, task_name(component, target.distro)
    first = results[component]
    log = log_file(target.project, f"again-{name}")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    step(f"build {name} once more, elsewhere")
    with owned_folder(settings.folders.work) as scratch:
        base = ensure_base(target.distro, Variant.BUILD, settings, step=step, log=log)
        task = BuildTask(
            target.request(component),
            target.project,
            builder,
            1 if jobs > 1 else 2,
            scratch,
            EventLog(scratch / "events.jsonl"),
            dependency_results(target.graph, component, results),
            target.history,
        )
        request = replace(prepare(task, base, scratch, log, lambda _step: None), elsewhere=True)
        request.results.mkdir()
        builder_named(builder, target.distro).build(request, base, lambda _step: None)
        made = family_of(target.distro).read_packages(request.results)
        second = [request.results / file for file in made]
        compared = scratch / "compared"
        compared.mkdir()
        return Verdict(component, tuple(package_differences(first.packages, second, compared)))
