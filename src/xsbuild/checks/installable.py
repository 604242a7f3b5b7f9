# SPDX-License-Identifier: Apache-2.0
"""Check, without building, that planned packages can be built and installed on a distro."""

import datetime
from collections.abc import Callable, Iterator, Mapping

from xsbuild.capabilities.providers import mismatches
from xsbuild.checks import deb, rpm
from xsbuild.checks.candidates import Candidates, Unsolved
from xsbuild.checks.manifest import BLOCKS, READY, Finding
from xsbuild.distros.model import Family
from xsbuild.engine.metas import meta_for_family
from xsbuild.errors import InputError, RecipeError
from xsbuild.families.family import family_of
from xsbuild.planner.graph import select
from xsbuild.planner.target import Target
from xsbuild.recipes.tree import FileTree

SOLVERS: Mapping[Family, Callable[[Candidates], Iterator[Unsolved]]] = {
    Family.DEB: deb.solve,
    Family.RPM: rpm.solve,
}


def check_installable(
    target: Target, step: Callable[[str], None], *, refresh: bool = False
) -> Iterator[Finding]:
    """Report for each component and meta-package whether its dependencies are installable.

    What has no name on the distro is not its concern: `check_target` lists that.

    Args:
        step: called with each step that takes time.
        refresh: ask the archives, though indexes are known that are as new as the lock.

    Raises:
        XsbuildError: the archives cannot be asked.
    """
    for mismatch in mismatches(target.graph.manifest, target.decisions, target.distro):
        yield Finding(mismatch.component, BLOCKS, str(mismatch))
    trees = dict(_trees(target))
    blocked = [name for name in target.graph.order if name not in trees]
    for name in target.graph.manifest.meta_packages:
        waits = sorted(select(target.graph, [name]).components & set(blocked))
        if waits:
            text = f"blocked by {', '.join(waits)}, which is not buildable on this distro"
            yield Finding(name, BLOCKS, text)
    metas, problems = _metas(target)
    yield from problems
    known = target.lock.index.date if target.lock else datetime.date.min
    since = datetime.date.max if refresh else known
    solve = SOLVERS[target.distro.family]
    ready = dict.fromkeys(trees, "every build dependency installs")
    ready |= dict.fromkeys(metas, "it installs")
    for kind, unmet in solve(Candidates(target, trees, blocked, metas, since, step)):
        ready.pop(unmet.wanted, None)
        yield Finding(unmet.wanted, BLOCKS, f"{kind} {unmet.cause}")
    yield from (Finding(name, READY, text) for name, text in ready.items())


def _trees(target: Target) -> Iterator[tuple[str, FileTree]]:
    """Yield component → its packaging, for those that can be packaged for this distro."""
    for name in target.graph.order:
        try:
            yield name, family_of(target.distro).render(target.request(name))
        except (InputError, RecipeError):
            continue


def _metas(target: Target) -> tuple[dict[str, list[str]], list[Finding]]:
    """Return meta-package → its dependencies on all distros of the family."""
    write = family_of(target.distro).write_relations
    metas: dict[str, list[str]] = {}
    problems: list[Finding] = []
    for name in target.graph.manifest.meta_packages:
        try:
            meta, names = meta_for_family(target, name)
            metas[name] = write(meta.requires, names)
        except InputError as error:
            problems.append(Finding(name, BLOCKS, " ".join(error.message.split())))
    return metas, problems
