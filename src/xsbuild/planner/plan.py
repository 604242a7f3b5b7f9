# SPDX-License-Identifier: Apache-2.0
"""The plan of a build for a distro: the state of each task, with reasons."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

from xsbuild.capabilities.names import NotLockedError
from xsbuild.capabilities.providers import mismatches
from xsbuild.errors import InputError, SourceError
from xsbuild.families.family import family_of
from xsbuild.planner.graph import Graph
from xsbuild.planner.inputs import inputs_of
from xsbuild.planner.locks import archives_of, base_of
from xsbuild.planner.target import Target, task_name
from xsbuild.recipes.model import RecipeRequest
from xsbuild.sources.pins import unpinned
from xsbuild.store.history import NEVER
from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import Result

_NOT_LOCKED = "its requirements have no package names yet"


class State(StrEnum):
    """State of a component in a plan."""

    UP_TO_DATE = "up to date"
    BUILD = "build"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Planned:
    """One task of a plan.

    Attributes:
        component: its name.
        state: what would be done.
        reasons: why, a sentence each.
        needs: the components that must be built before it.
        result: what the store has of it, where it is up to date.
        key: of what would be made; None where that depends on what is built before it.
    """

    component: str
    state: State
    reasons: tuple[str, ...]
    needs: tuple[str, ...]
    result: Result | None = None
    key: str | None = None

    @property
    def reason(self) -> str:
        """All of them in one line."""
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a build.

    Attributes:
        target: the distro.
        builder: the builder's name.
        buildroot: the base chroot's part of each key; None where there is no base chroot.
        tasks: each after those that it needs, which are among them.
    """

    target: Target
    builder: str
    buildroot: Mapping[str, Json] | None
    tasks: tuple[Planned, ...]

    def part(self, components: Collection[str]) -> "Plan":
        """Return the plan of some of its components, with all that they need."""
        tasks = tuple(task for task in self.tasks if task.component in components)
        return replace(self, tasks=tasks)

    def results(self) -> dict[str, Result]:
        """Return component → its result, for those that are up to date."""
        return {task.component: task.result for task in self.tasks if task.result is not None}

    def after(self, done: Mapping[str, Result]) -> "Plan":
        """Return the plan once some components have been built.

        Args:
            done: component → its result, for those that are up to date now. The other ones are
                planned again only where a result that they need, or the base chroot, has changed.
        """
        former = self.results()
        changed = {
            name
            for name, result in done.items()
            if name not in former or former[name].digest != result.digest
        }
        buildroot = _buildroot(self.target)
        known = {}
        for task in self.tasks:
            if task.component in done:
                result = done[task.component]
                known[task.component] = replace(
                    task, state=State.UP_TO_DATE, result=result, key=result.key
                )
            elif buildroot == self.buildroot and self._is_decided(task, changed):
                known[task.component] = task
        components = frozenset(task.component for task in self.tasks)
        return _plan(self.target, components, self.builder, buildroot, known)

    def _is_decided(self, task: Planned, changed: Set[str]) -> bool:
        if task.key is None:
            return task.state is State.BLOCKED
        return not self.target.graph.closure(task.needs) & changed


def plan(target: Target, components: frozenset[str], builder: str) -> Plan:
    """Plan the build of some components, with all that they need.

    It reads the store and the base chroot that is there, without locks or network.
    """
    return _plan(target, components, builder, _buildroot(target), {})


def _plan(
    target: Target,
    components: frozenset[str],
    builder: str,
    buildroot: Mapping[str, Json] | None,
    known: Mapping[str, Planned],
) -> Plan:
    planner = _Planner(target, buildroot, builder, known)
    tasks = tuple(planner.plan(name) for name in target.graph.order if name in components)
    return Plan(target, builder, buildroot, tasks)


def _buildroot(target: Target) -> Mapping[str, Json] | None:
    base = base_of(target.project, target.distro)
    return base.inputs if base else None


@dataclass(slots=True)
class _Planner:
    """Plans components, each after those that it needs; those that are known stay as they are."""

    _target: Target
    _buildroot: Mapping[str, Json] | None
    _builder: str
    _known: Mapping[str, Planned]
    _misfits: dict[str, list[str]] = field(default_factory=dict)
    _states: dict[str, State] = field(default_factory=dict)
    _results: dict[str, Result | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        target = self._target
        for misfit in mismatches(target.graph.manifest, target.decisions, target.distro):
            self._misfits.setdefault(misfit.component, []).append(str(misfit))

    def plan(self, name: str) -> Planned:
        needs = tuple(sorted(self._target.graph.needs(name)))
        planned = self._known.get(name) or self._plan(name, needs)
        self._states[name] = planned.state
        self._results[name] = planned.result
        return planned

    def _plan(self, name: str, needs: tuple[str, ...]) -> Planned:
        try:
            request = self._request(name, needs)
        except NotLockedError:
            return Planned(name, State.BUILD, (*NEVER, _NOT_LOCKED), needs)
        if isinstance(request, str):
            return Planned(name, State.BLOCKED, (request,), needs)
        rebuilt = [need for need in needs if self._states[need] is State.BUILD]
        if self._buildroot is None or rebuilt:
            return Planned(name, State.BUILD, self._why_without_key(name, rebuilt), needs)
        inputs = self._inputs(request, self._buildroot)
        key = key_of(inputs)
        history = self._target.history
        result = history.store.find(key)
        if result is not None:
            return Planned(name, State.UP_TO_DATE, (f"built as {key[:12]}",), needs, result, key)
        reasons = history.why(task_name(name, self._target.distro), inputs)
        return Planned(name, State.BUILD, reasons, needs, key=key)

    def _why_without_key(self, name: str, rebuilt: Sequence[str]) -> tuple[str, ...]:
        if self._target.history.last(task_name(name, self._target.distro)) is None:
            return NEVER
        if self._buildroot is None:
            return ("there is no base chroot yet",)
        return (
            f"depends on {', '.join(rebuilt)}, rebuilt first; reused if its output is unchanged",
        )

    def _inputs(self, request: RecipeRequest, buildroot: Mapping[str, Json]) -> dict[str, Json]:
        results = dependency_results(self._target.graph, request.name, self._results)
        return inputs_of(
            request,
            family_of(self._target.distro).render(request),
            builder=self._builder,
            buildroot=buildroot,
            dependencies={need: result.digest for need, result in results.items()},
            root=self._target.project.root,
        )

    def _request(self, name: str, needs: Sequence[str]) -> RecipeRequest | str:
        """Return the recipe request of a component, or why it cannot be built.

        Raises:
            NotLockedError: it requires capabilities, and the distro has no lock.
        """
        for obstacle in self._obstacles(name, needs):
            return obstacle
        try:
            return self._target.request(name)
        except NotLockedError:
            raise
        except (InputError, SourceError) as error:
            return " ".join(error.message.split())

    def _obstacles(self, name: str, needs: Sequence[str]) -> Iterator[str]:
        component = self._target.graph.manifest.components[name]
        yield from self._misfits.get(name, ())
        for need in needs:
            if self._states[need] is State.BLOCKED:
                yield f"needs {need}, which is blocked"
        if component.build is None:
            yield "the manifest does not say how to build it yet"
        missing = [" ".join(todo.text.split()) for todo in component.todo if todo.blocks]
        if missing:
            yield f"still missing: {'; '.join(missing)}"
        for kind in unpinned(name, component):
            yield f"not pinned: {kind.address}; {kind.pin_hint(name, component.version)}"


def dependency_results(
    graph: Graph, name: str, results: Mapping[str, Result | None]
) -> dict[str, Result]:
    """Return the results of everything that a component needs, directly or not."""
    closure = sorted(graph.closure(graph.needs(name)))
    return {need: result for need in closure if (result := results.get(need)) is not None}


def moved_on(target: Target) -> str | None:
    """Return a notice that the base chroot's archives are newer than the lock, or None.

    It asks no network: the base was made, or last checked, when the archive was last asked.
    """
    archives = archives_of(target.project, target.distro)
    return target.lock.outdated(archives) if target.lock and archives else None
