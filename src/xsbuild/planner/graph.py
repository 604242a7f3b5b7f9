# SPDX-License-Identifier: Apache-2.0
"""The directed acyclic graph of a manifest's components on one distro. Pure: no I/O."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from xsbuild.capabilities.provides import offers_of
from xsbuild.errors import InputError
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.requirement import Capability, Requirement
from xsbuild.yamlfile import Place, nearest


class Edge(NamedTuple):
    """One component needs another to be built first.

    Attributes:
        user: the component that needs it.
        needed: the component that is needed.
        because: what of it is needed, as ``pkgconfig(greet)`` or a package's name.
        place: its position in the manifest.
    """

    user: str
    needed: str
    because: str
    place: Place


class CircleError(InputError):
    """Components need each other.

    Attributes:
        edges: each of which needs the next, the last of them the first.
    """

    def __init__(self, edges: Sequence[Edge]) -> None:
        steps = "; ".join(f"{edge.user} needs {edge.needed} ({edge.because})" for edge in edges)
        super().__init__(
            f"components depend on each other in a cycle: {steps}", code="XSB-MANIFEST-CYCLE"
        )
        self.edges = tuple(edges)


@dataclass(frozen=True)
class Graph:
    """Components built for a distro, and their dependencies.

    Attributes:
        manifest: what it was made from.
        built: the components that are built, not taken from the distro.
        offers: capability → packages of built components that offer it, in the manifest's order.
        owners: package → the component that builds it.
    """

    manifest: Manifest
    built: tuple[str, ...]
    offers: Mapping[Capability, tuple[str, ...]]
    owners: Mapping[str, str]

    @cached_property
    def edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """Reasons for each dependency between components."""
        return {name: tuple(_edges(self, name)) for name in self.built}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every built component after all that it needs; by name where that leaves a choice."""
        sorter = TopologicalSorter({name: sorted(self.needs(name)) for name in sorted(self.built)})
        return tuple(sorter.static_order())

    def needs(self, name: str) -> frozenset[str]:
        """Return the direct dependencies of a component."""
        return self._needs[name]

    @cached_property
    def _needs(self) -> dict[str, frozenset[str]]:
        return {
            name: frozenset(edge.needed for edge in edges) for name, edges in self.edges.items()
        }

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """Return components with all their direct and indirect dependencies."""
        return _reached(names, self._needs.__getitem__)

    def installed_with(self, packages: Iterable[str]) -> frozenset[str]:
        """Return packages of built components required to install some of them."""
        return _reached(packages, self._required.__getitem__)

    @cached_property
    def _required(self) -> dict[str, list[str]]:
        components, offers = self.manifest.components, self.offers
        return {
            package: [
                name
                for requirement in components[owner].packages[package].strictly_needed
                for item in requirement.alternatives
                for name in offers.get(item.capability, ())
            ]
            for package, owner in self.owners.items()
        }


def make_graph(manifest: Manifest, built: Iterable[str]) -> Graph:
    """Make the graph of the components that are built.

    Args:
        manifest: a checked manifest.
        built: the components that are built on this distro; the others come from the distro.

    Raises:
        CircleError: there is a cycle.
    """
    names = tuple(built)
    owners = {package: name for name in names for package in manifest.components[name].packages}
    offers: dict[Capability, list[str]] = {}
    for package, owner in owners.items():
        for capability in offers_of(package, manifest.components[owner].packages[package]):
            offers.setdefault(capability, []).append(package)
    fixed = {capability: tuple(packages) for capability, packages in offers.items()}
    graph = Graph(manifest, names, fixed, owners)
    try:
        _ = graph.order
    except CycleError as error:
        raise CircleError(_edges_of(graph, error.args[1])) from None
    return graph


def _edges(graph: Graph, name: str) -> Iterator[Edge]:
    """Yield build requirements, and the run-time requirements of the packages they install."""
    component = graph.manifest.components[name]
    owners = graph.owners
    seen: set[str] = set()
    for place, requirement in _placed_requirements(name, component):
        for package in graph.offers.get(requirement.capability, ()):
            for needed in sorted(graph.installed_with([package])):
                owner = owners[needed]
                if owner not in seen and (owner != name or needed == package):
                    seen.add(owner)
                    because = str(requirement) if needed == package else f"{package}: {needed}"
                    yield Edge(name, owner, because, place)


def _placed_requirements(name: str, component: Component) -> Iterator[tuple[Place, Requirement]]:
    build = component.build
    if build:
        for key, items in (("requires", build.requires), ("check-requires", build.check_requires)):
            for index, requirement in enumerate(items):
                yield ("components", name, "build", key, index), requirement


def build_requirements(component: Component) -> tuple[Requirement, ...]:
    """Return all requirements for building and testing a component."""
    build = component.build
    return (*build.requires, *build.check_requires) if build else ()


def _edges_of(graph: Graph, cycle: Sequence[str]) -> list[Edge]:
    # graphlib lists a cycle so that each name is needed by the next
    return [
        next(edge for edge in graph.edges[user] if edge.needed == needed)
        for needed, user in reversed(list(pairwise(cycle)))
    ]


@dataclass(frozen=True, slots=True)
class Targets:
    """The requested targets, in terms of the graph.

    Attributes:
        components: what is built, with all that it needs.
        meta_packages: what is put together from them.
    """

    components: frozenset[str]
    meta_packages: tuple[str, ...]


def select(graph: Graph, targets: Iterable[str]) -> Targets:
    """Find the components of some targets; without targets, all of them.

    A component stands for itself and what it needs to be built; a package or a meta-package also
    for what must be there to install it.

    Raises:
        InputError: nothing has one of the names.
    """
    manifest = graph.manifest
    names = list(targets) or [*manifest.components, *manifest.meta_packages]
    built = frozenset(graph.built)
    components: set[str] = set()
    packages: set[str] = set()
    metas: dict[str, None] = {}
    for name in names:
        if name in manifest.meta_packages:
            _add_meta(graph, name, packages, metas)
        elif name in built:
            components.add(name)
        elif name in graph.owners:
            packages.add(name)
        elif name not in manifest.components:
            raise _unknown_target(manifest, name)
    components |= {graph.owners[package] for package in graph.installed_with(packages)}
    return Targets(graph.closure(components), tuple(metas))


def _add_meta(graph: Graph, name: str, packages: set[str], metas: dict[str, None]) -> None:
    if name in metas:
        return
    for requirement in graph.manifest.meta_packages[name].requires:
        for item in requirement.alternatives:
            capability = item.capability
            if capability.name in graph.manifest.meta_packages:
                _add_meta(graph, capability.name, packages, metas)
            packages.update(graph.offers.get(capability, ()))
    metas[name] = None  # after those it needs


def _unknown_target(manifest: Manifest, name: str) -> InputError:
    known = [*manifest.components, *manifest.meta_packages]
    known += [package for part in manifest.components.values() for package in part.packages]
    hint = nearest(name, known) or "`xsbuild graph` shows what there is"
    return InputError(
        f"no component, package or meta-package is called {name!r}",
        hint=hint,
        code="XSB-USAGE-UNKNOWN-NAME",
    )


def _reached(names: Iterable[str], following: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return names and everything reachable from them."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += following(name)
    return frozenset(found)
