# SPDX-License-Identifier: Apache-2.0
"""A plan as a table: components of the distro, then components to build, in order."""

from collections.abc import Sequence

from xsbuild.planner.plan import Planned
from xsbuild.planner.target import Target
from xsbuild.reports.table import Row


def plan_rows(target: Target, planned: Sequence[Planned], *, everything: bool) -> list[Row]:
    """List the tasks of a plan.

    Args:
        everything: also list the components that the distro provides.
    """
    rows: list[Row] = []
    for name, decision in target.decisions.items():
        if everything and decision.use == "distro":
            row: Row = {
                "component": name,
                "state": "distro",
                "needs": (),
                "reason": decision.reason,
                "key": None,
            }
            rows.append(row)
    rows += [
        {
            "component": task.component,
            "state": task.state.value,
            "needs": task.needs,
            "reason": task.reason,
            "key": task.result.key if task.result else None,
            "vendored": _vendored(target, task.component),
        }
        for task in planned
    ]
    return rows


def _vendored(target: Target, component: str) -> tuple[str, ...]:
    choice = target.vendored.get(component)
    return tuple(item.folder for item in choice.archives) if choice else ()


def vendored_lines(
    target: Target, planned: Sequence[Planned], *, verbose: bool = False
) -> list[str]:
    """List the number of vendored libraries of each component; if verbose, their names."""
    names = [task.component for task in planned if task.component in target.vendored]
    choices = [(name, target.vendored[name]) for name in names]
    return [f"{name}: {choice if verbose else choice.summary}" for name, choice in choices]
