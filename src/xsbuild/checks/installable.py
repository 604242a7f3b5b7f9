# SPDX-License-Identifier: Apache-2.0
"""Proves, without building, that what would be built can be built and installed on a distro."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from debian.deb822 import Deb822

from xsbuild.capabilities.fetch_index import open_apt, open_dnf
from xsbuild.capabilities.providers import mismatches
from xsbuild.capabilities.rpmsolve import PlannedRpm, RpmSolver
from xsbuild.capabilities.solve import Planned, Solver, Unmet
from xsbuild.checks.manifest import BLOCKS, READY, Finding
from xsbuild.checks.specs import SpecFacts, read_spec
from xsbuild.distros.model import Family, IndexStamp
from xsbuild.engine.metas import family_names
from xsbuild.errors import InputError, RecipeError
from xsbuild.families.family import family_of
from xsbuild.host.process import CommandFailedError
from xsbuild.planner.graph import select
from xsbuild.planner.target import Target
from xsbuild.recipes.tree import FileTree

_BUILD = "its build needs"
_USE = "it needs"
_Unmet = tuple[str, Unmet]


def check_installable(target: Target, step: Callable[[str], None]) -> Iterator[Finding]:
    """Report for each component and meta-package whether its dependencies are installable.

    What has no name on the distro is not its concern: `check_target` lists that.

    Args:
        step: called with each step that takes time.

    Raises:
        XsbuildError: the archives cannot be asked.
    """
    for mismatch in mismatches(target.project.manifest, target.decisions, target.distro):
        yield Finding(mismatch.component, BLOCKS, str(mismatch))
    trees = dict(_trees(target))
    blocked = [name for name in target.graph.order if name not in trees]
    for name in target.project.manifest.meta_packages:
        waits = sorted(select(target.graph, [name]).components & set(blocked))
        if waits:
            text = f"waits for {', '.join(waits)}, which cannot be built here yet"
            yield Finding(name, BLOCKS, text)
    metas, problems = _metas(target)
    yield from problems
    step(f"{target.distro.name}: solving the dependencies of what would be built")
    solve = _solve_debs if target.distro.family is Family.DEB else _solve_rpms
    ready = dict.fromkeys(trees, "every build dependency installs")
    ready |= dict.fromkeys(metas, "it installs")
    for kind, unmet in solve(target, trees, blocked, metas, step):
        ready.pop(unmet.wanted, None)
        yield Finding(unmet.wanted, BLOCKS, f"{kind} {unmet.cause}")
    yield from (Finding(name, READY, text) for name, text in ready.items())


def _solve_debs(
    target: Target,
    trees: Mapping[str, FileTree],
    blocked: Sequence[str],
    metas: Mapping[str, Sequence[str]],
    step: Callable[[str], None],
) -> Iterator[_Unmet]:
    controls = {name: _control(tree) for name, tree in trees.items()}
    planned = [item for text in controls.values() for item in _planned(target, text)]
    planned += [Planned(name, version, {}) for name, version in _assumed(target, blocked)]
    version = target.project.manifest.product.version
    planned += [Planned(meta, version, {"Depends": ", ".join(metas[meta])}) for meta in metas]
    with open_apt(target.distro, target.project.settings, step) as apt:
        _say_if_moved_on(target, apt.stamp(), step)
        solver = Solver(apt, planned)
        yield from ((_BUILD, unmet) for unmet in solver.unmet_builds(controls))
        yield from ((_USE, unmet) for unmet in solver.unmet_packages(list(metas)))


def _solve_rpms(
    target: Target,
    trees: Mapping[str, FileTree],
    blocked: Sequence[str],
    metas: Mapping[str, Sequence[str]],
    step: Callable[[str], None],
) -> Iterator[_Unmet]:
    specs: dict[str, SpecFacts] = {}
    for name, tree in trees.items():
        try:
            specs[name] = read_spec(_spec(tree), target.distro)
        except CommandFailedError as error:
            reason = f"macros that rpm lacks on this machine: {error.output.splitlines()[0]}"
            yield _BUILD, Unmet(name, reason)
    blocked = [*blocked, *(name for name in trees if name not in specs)]
    planned = [package for spec in specs.values() for package in spec.packages]
    planned += [PlannedRpm(name, version, ()) for name, version in _assumed(target, blocked)]
    version = target.project.manifest.product.version
    planned += [PlannedRpm(meta, version, tuple(metas[meta])) for meta in metas]
    with open_dnf(target.distro, target.project.settings, step) as dnf:
        _say_if_moved_on(target, dnf.stamp(target.distro), step)
        solver = RpmSolver(dnf, planned)
        builds = {name: spec.build_requires for name, spec in specs.items()}
        yield from ((_BUILD, unmet) for unmet in solver.unmet_builds(builds))
        yield from ((_USE, unmet) for unmet in solver.unmet_packages(list(metas)))


def _say_if_moved_on(target: Target, stamp: IndexStamp | None, step: Callable[[str], None]) -> None:
    outdated = target.lock.outdated(stamp.hash) if target.lock and stamp else None
    if outdated:
        step(outdated)


def _trees(target: Target) -> Iterator[tuple[str, FileTree]]:
    """Component → its packaging, for those that can be packaged for this distro."""
    for name in target.graph.order:
        try:
            yield name, family_of(target.distro).render(target.request(name))
        except (InputError, RecipeError):
            continue


def _spec(tree: FileTree) -> str:
    return next(file.content for path, file in tree.items() if path.suffix == ".spec").decode()


def _control(tree: FileTree) -> str:
    found = (file.content for path, file in tree.items() if path.name == "control")
    return next(found).decode()


def _planned(target: Target, control: str) -> Iterator[Planned]:
    source, *binaries = Deb822.iter_paragraphs(control, use_apt_pkg=False)
    component = target.project.manifest.components[source["Source"]]
    version = f"{component.version}-{component.release}{target.distro.version_suffix}"
    for binary in binaries:
        fields = {key: binary.get(key, "") for key in ("Depends", "Conflicts", "Provides")}
        known = {key: _without_variables(text, version) for key, text in fields.items()}
        yield Planned(binary["Package"], version, known)


def _assumed(target: Target, components: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Packages of components that are not known well enough yet: there, needing nothing."""
    for name in components:
        component = target.project.manifest.components[name]
        for package in component.packages:
            yield package, f"{component.version}-{component.release}"


def _without_variables(relation: str, version: str) -> str:
    """A relation field with versions filled in, and without what only a build can know."""
    for variable in ("${binary:Version}", "${source:Version}"):
        relation = relation.replace(variable, version)
    parts = (" ".join(part.split()) for part in relation.split(","))
    return ", ".join(part for part in parts if part and "${" not in part)


def _metas(target: Target) -> tuple[dict[str, list[str]], list[Finding]]:
    """Meta-package → what it requires on its whole family."""
    write = family_of(target.distro).write_relations
    metas: dict[str, list[str]] = {}
    problems: list[Finding] = []
    for name, meta in target.project.manifest.meta_packages.items():
        try:
            metas[name] = write(meta.requires, family_names(target, name))
        except InputError as error:
            problems.append(Finding(name, BLOCKS, " ".join(error.message.split())))
    return metas, problems
