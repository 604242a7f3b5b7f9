# SPDX-License-Identifier: Apache-2.0
"""A project on a distro: where each component comes from, and the graph of those that are built."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from xsbuild.capabilities.epochs import epochs_built, epochs_in, with_epochs
from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.names import Names, known_names, names_for
from xsbuild.capabilities.providers import Decision, decide
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, ProblemsError
from xsbuild.families.family import family_of
from xsbuild.manifest.family_names import family_names
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.requirement import PACKAGE, Requirement
from xsbuild.planner.choose import Choice
from xsbuild.planner.graph import CircleError, Graph, build_requirements, make_graph
from xsbuild.planner.locks import lock_of
from xsbuild.planner.vendored import choices_for, with_vendored, without_packages
from xsbuild.project import Project
from xsbuild.recipes.model import RecipeRequest
from xsbuild.store.history import History
from xsbuild.yamlfile import read

Use = Literal["build", "distro"]


@dataclass(frozen=True)
class Target:
    """A distro, with the project's components as provided or built for it.

    Attributes:
        project: the project.
        distro: the distro.
        lock: package names of capabilities on the distro; None if it has no lock yet.
        decisions: component → where it comes from, and why.
        graph: of the components that are built, as they are on this distro.
        vendored: component → the libraries that are built in it, as the distro lacks them.
    """

    project: Project
    distro: Distro
    lock: Lock | None
    decisions: Mapping[str, Decision]
    graph: Graph
    vendored: Mapping[str, Choice]

    def request(self, name: str) -> RecipeRequest:
        """Return the recipe request of a component.

        Raises:
            InputError: a requirement has no name on this distro.
        """
        component = self.graph.manifest.components[name]
        names = names_for(
            requirements_of(component),
            self.distro,
            self.lock,
            self._offers(name),
            needed_by=name,
            users=dict(_users(component)),
            weak=_weak(component),
        )
        return self._request(name, names)

    def sketch(self, name: str) -> tuple[RecipeRequest, list[str]]:
        """Like `request`, but unresolved requirements are omitted.

        Returns:
            What packaging is rendered from, and what is left out, with the reasons.
        """
        wanted = requirements_of(self.graph.manifest.components[name])
        names, problems = known_names(wanted, self.distro, self.lock, self._offers(name))
        return self._request(name, names), list(problems.values())

    def _offers(self, name: str) -> Names:
        if name not in self.vendored:
            return self.graph.offers
        return {**self.graph.offers, **without_packages(self.vendored, name)}

    def _request(self, name: str, names: Names) -> RecipeRequest:
        manifest, root = self.graph.manifest, self.project.root
        built = (manifest.components[other] for other in self.graph.built)
        epochs = {**epochs_in([self.lock] if self.lock else []), **epochs_built(built)}
        return RecipeRequest(
            name,
            with_epochs(manifest.components[name], names, epochs),
            manifest.product,
            self.distro,
            self._folders,
            root,
            self.project.systems,
            names,
        )

    def own_names(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return names of components and packages, packages by the names of the family."""
        own = family_names(self.project.manifest, self.distro.family)
        return tuple(own.get(name, name) for name in names)

    @property
    def history(self) -> History:
        """The project's results."""
        return self.project.history

    @cached_property
    def _folders(self) -> tuple[Path, ...]:
        return tuple(self.project.recipe_folders(family_of(self.distro).recipes))


def target_for(
    project: Project, distro: Distro, overrides: Mapping[str, Use] | None = None
) -> Target:
    """Decide where each component comes from on a distro, and make the graph of those built.

    Args:
        overrides: component → where it comes from, whatever the manifest says.

    Raises:
        InputError: a component of `overrides` is not known.
        ProblemsError: the manifest or the lock is wrong, or components need each other.
    """
    lock = lock_of(project, distro)
    for name in overrides or {}:
        if name not in project.manifest.components:
            raise InputError(f"--provider: no component {name}", code="XSB-USAGE-UNKNOWN-NAME")
    decisions = _decisions(project, distro, lock, overrides or {})
    built = _built(decisions)
    manifest = project.manifest_for(distro.family)
    vendored = choices_for(manifest, built, distro, lock)
    manifest = with_vendored(manifest, vendored)
    return Target(project, distro, lock, decisions, _graph(project, manifest, built), vendored)


def components_built(project: Project, distro: Distro, lock: Lock | None) -> list[str]:
    """Return the components that are built for a distro, in the manifest's order."""
    return _built(_decisions(project, distro, lock, {}))


def _decisions(
    project: Project, distro: Distro, lock: Lock | None, overrides: Mapping[str, Use]
) -> dict[str, Decision]:
    return {
        name: decide(name, component, distro, lock, overrides.get(name))
        for name, component in project.manifest.components.items()
    }


def _built(decisions: Mapping[str, Decision]) -> list[str]:
    return [name for name, decision in decisions.items() if decision.use == "build"]


def _graph(project: Project, manifest: Manifest, built: Sequence[str]) -> Graph:
    try:
        return make_graph(manifest, built)
    except CircleError as error:
        document = read(project.file)
        raise ProblemsError(
            [
                document.problem(
                    edge.place,
                    "components depend on each other in a cycle: "
                    f"{edge.user} needs {edge.needed} ({edge.because})",
                    code="XSB-MANIFEST-CYCLE",
                )
                for edge in error.edges
            ]
        ) from error


def requirements_of(component: Component) -> Iterator[Requirement]:
    """Yield every requirement that a component's packaging names."""
    yield from build_requirements(component)
    for test in component.tests.values():
        yield from test.requires
    for package in component.packages.values():
        for group in package.needed.values():
            yield from group
        # What must not be there need not be; only a name for each family has to be looked up.
        for group in (package.conflicts, package.replaces):
            yield from (item for item in group if item.capability.kind == PACKAGE)


def _users(component: Component) -> Iterator[tuple[Requirement, str]]:
    for name, package in component.packages.items():
        for group in (package.requires, package.recommends, package.suggests):
            yield from ((requirement, name) for requirement in group)


def _weak(component: Component) -> set[Requirement]:
    """The requirements that both families' package managers install without, if need be."""
    packages = component.packages.values()
    weak = {item for one in packages for item in (*one.recommends, *one.suggests, *one.enhances)}
    strong = {item for one in packages for item in (*one.requires, *one.pre_depends)}
    return weak.difference(strong, build_requirements(component))


def task_name(component: str, distro: Distro) -> str:
    """Name of a task in output: ``xha@debian-13``."""
    return f"{component}@{distro.name}"
