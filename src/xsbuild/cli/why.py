# SPDX-License-Identifier: Apache-2.0
"""`xsbuild why`."""

import time
from collections.abc import Iterable

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import Asked, asked_options, json_option
from xsbuild.host.terminal import echo
from xsbuild.planner.plan import plan
from xsbuild.planner.why import Explanation, component_of, explain, last_build, path_between
from xsbuild.reports.table import Row, show

_MOST = 2  # names between which there may be a path


@click.command("why")
@click.option("--last", is_flag=True, help="List the components of the last build, with reasons.")
@json_option
@asked_options
@pass_context
def command(context: Context, *, asked: Asked, last: bool, as_json: bool) -> None:
    """Explain why a component is rebuilt, or why another component requires it.

    With one TARGET: what changed since its last build, or, if nothing did, what caused that
    build. With two TARGETs: the dependency path between them.

    \b
    Example:
      xsbuild why xapi --distro debian
      xsbuild why xapi xenapi --distro debian
      xsbuild why --last --distro debian
    """
    if last == bool(asked.targets) or len(asked.targets) > _MOST:
        raise click.UsageError("Give one TARGET, two, or --last.")
    chosen = asked.choose(context.project())
    target, graph = chosen.target, chosen.target.graph
    names = target.own_names(asked.targets)
    if last:
        _show(last_build(target), as_json=as_json)
        return
    if len(names) == _MOST:
        rows: list[Row] = [
            {"component": edge.user, "needs": edge.needed, "for": edge.because}
            for edge in path_between(graph, *names)
        ]
        if rows or as_json:
            show(rows, ["component", "needs", "for"], as_json=as_json)
        else:
            echo(f"neither of {' and '.join(asked.targets)} needs the other")
        return
    planned = plan(target, chosen.targets.components, chosen.builder).tasks
    _show(explain(target, planned, component_of(graph, names[0])), as_json=as_json)


def _show(explanations: Iterable[Explanation], *, as_json: bool) -> None:
    rows: list[Row] = []
    for item in explanations:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.when)) if item.when else None
        rows += [
            {"component": item.component, "state": item.state, "when": when, "reason": reason}
            for reason in item.reasons
        ]
    if rows or as_json:
        show(rows, ["component", "state", "when", "reason"], as_json=as_json)
    else:
        echo("nothing: all of it is up to date")
