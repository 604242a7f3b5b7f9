# SPDX-License-Identifier: Apache-2.0
"""Proves, without building, that what would be built can be built and installed on a distro."""

from collections.abc import Callable, Collection, Iterator

from debian.deb822 import Deb822

from xsbuild.capabilities.indexes import open_apt
from xsbuild.capabilities.providers import mismatches
from xsbuild.capabilities.solve import Planned, Solver
from xsbuild.checks.manifest import BLOCKS, Finding
from xsbuild.distros.model import Family
from xsbuild.engine.metas import family_names
from xsbuild.errors import InputError, RecipeError
from xsbuild.families import family_of
from xsbuild.planner.graph import select
from xsbuild.planner.plan import Target
from xsbuild.recipes.debian_control import relations
from xsbuild.recipes.tree import FileTree


def check_installable(target: Target, step: Callable[[str], None]) -> Iterator[Finding]:
    """Lists build dependencies and meta-packages that cannot be installed, each with its cause.

    What has no name on the distro is not its concern: `check_target` lists that.

    Args:
        step: told what takes time.

    Raises:
        XsbuildError: the archives cannot be asked.
    """
    manifest = target.project.manifest
    for mismatch in mismatches(manifest, target.decisions, target.distro):
        yield Finding(mismatch.component, BLOCKS, str(mismatch))
    if target.distro.family is not Family.DEB:
        return
    controls = dict(_controls(target))
    blocked = [name for name in target.graph.order if name not in controls]
    metas, problems = _metas(target, blocked)
    yield from problems
    with open_apt(target.distro, target.project.settings, step) as apt:
        step(f"{target.distro.name}: solving the dependencies of what would be built")
        planned = [item for text in controls.values() for item in _planned(target, text)]
        assumed = [item for name in blocked for item in _assumed(target, name)]
        solver = Solver(apt, [*planned, *assumed, *metas])
        for unmet in solver.unmet_builds(controls):
            yield Finding(unmet.wanted, BLOCKS, f"its build needs {unmet.cause}")
        for unmet in solver.unmet_packages([meta.name for meta in metas]):
            yield Finding(unmet.wanted, BLOCKS, f"it needs {unmet.cause}")


def _controls(target: Target) -> Iterator[tuple[str, str]]:
    """Component → its debian/control, for those that have one on this distro."""
    for name in target.graph.order:
        try:
            tree = family_of(target.distro).render(target.request(name))
        except (InputError, RecipeError):
            continue
        yield name, _control(tree)


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


def _assumed(target: Target, name: str) -> Iterator[Planned]:
    """The packages of a component that is not known well enough yet: there, needing nothing."""
    component = target.project.manifest.components[name]
    for package in component.packages:
        yield Planned(package, f"{component.version}-{component.release}", {})


def _without_variables(relation: str, version: str) -> str:
    """A relation field with versions filled in, and without what only a build can know."""
    for variable in ("${binary:Version}", "${source:Version}"):
        relation = relation.replace(variable, version)
    parts = (" ".join(part.split()) for part in relation.split(","))
    return ", ".join(part for part in parts if part and "${" not in part)


def _metas(target: Target, blocked: Collection[str]) -> tuple[list[Planned], list[Finding]]:
    manifest = target.project.manifest
    metas: list[Planned] = []
    problems: list[Finding] = []
    for name, meta in manifest.meta_packages.items():
        waits = sorted(select(target.graph, [name]).components & set(blocked))
        if waits:
            text = f"waits for {', '.join(waits)}, which cannot be built here yet"
            problems.append(Finding(name, BLOCKS, text))
        try:
            names = family_names(target, name)
        except InputError as error:
            problems.append(Finding(name, BLOCKS, " ".join(error.message.split())))
            continue
        depends = ", ".join(relations(meta.requires, names))
        metas.append(Planned(name, manifest.product.version, {"Depends": depends}))
    return metas, problems
