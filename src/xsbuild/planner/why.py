# SPDX-License-Identifier: Apache-2.0
"""Explanations: why something will be built or was, and why a component needs another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xsbuild.errors import InputError
from xsbuild.planner.graph import Edge, Graph
from xsbuild.planner.plan import Planned, State
from xsbuild.planner.target import Target, task_name
from xsbuild.store.history import FAILED, Rebuilt
from xsbuild.yamlfile import nearest


@dataclass(frozen=True, slots=True)
class Explanation:
    """State of a component, with reasons.

    Attributes:
        component: its name.
        state: what would be done, as in a plan; of the past, ``built``, ``reused`` or ``FAILED``.
        reasons: a sentence each.
        when: it was done, in seconds since the epoch; None for what would be done.
    """

    component: str
    state: str
    reasons: tuple[str, ...]
    when: float | None = None


def explain(
    target: Target, planned: Sequence[Planned], wanted: str | None
) -> Iterator[Explanation]:
    """Explain the planned builds of a component and its dependencies.

    What is up to date is left out, but for `wanted`, which is explained by its last build, too,
    where that is what is there now or failed.

    Args:
        planned: a plan of something with all that it needs.
        wanted: the component that was asked for, where it was one.
    """
    for task in planned:
        is_wanted = task.component == wanted
        up_to_date = task.state is State.UP_TO_DATE
        if is_wanted or not up_to_date:
            yield Explanation(task.component, task.state.value, task.reasons)
        name = task_name(task.component, target.distro)
        last = target.history.noted(name) if is_wanted else None
        if last and (up_to_date or last.result == FAILED):
            yield _past(task.component, last)


def last_build(target: Target) -> list[Explanation]:
    """List the components of the last build for a distro, in build order, with reasons."""
    noted = [
        (name, rebuilt)
        for name in target.graph.order
        if (rebuilt := target.history.noted(task_name(name, target.distro))) is not None
    ]
    last = max((rebuilt.run for _, rebuilt in noted), default=None)
    return [_past(name, rebuilt) for name, rebuilt in noted if rebuilt.run == last]


def _past(component: str, rebuilt: Rebuilt) -> Explanation:
    return Explanation(component, rebuilt.result, rebuilt.reasons, rebuilt.run)


def component_of(graph: Graph, name: str) -> str | None:
    """Return the component of that name, or the one that builds a package of that name, or None."""
    if name in graph.built:
        return name
    components = graph.manifest.components
    return next((owner for owner in graph.built if name in components[owner].packages), None)


def path_between(graph: Graph, one: str, other: str) -> tuple[Edge, ...]:
    """Return the shortest dependency path between two components; empty if there is none.

    Args:
        one: a component, or a package of one.
        other: another.

    Raises:
        InputError: one of them is none that is built.
    """
    ends = [_end(graph, name) for name in (one, other)]
    return _way(graph, *ends) or _way(graph, *reversed(ends))


def _end(graph: Graph, name: str) -> str:
    component = component_of(graph, name)
    if component is None:
        hint = nearest(name, graph.built) or "`xsbuild graph` shows what there is"
        raise InputError(
            f"no component or package that is built is called {name!r}",
            hint=hint,
            code="XSB-USAGE-UNKNOWN-NAME",
        )
    return component


def _way(graph: Graph, one: str, other: str) -> tuple[Edge, ...]:
    ways: dict[str, tuple[Edge, ...]] = {one: ()}
    pending = [one]
    for name in pending:
        for edge in graph.edges[name]:
            if edge.needed not in ways:
                ways[edge.needed] = (*ways[name], edge)
                pending.append(edge.needed)
    return ways.get(other, ())
