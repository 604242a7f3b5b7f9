# SPDX-License-Identifier: Apache-2.0
"""`xsbuild graph`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, targets_argument
from xsbuild.host.terminal import echo
from xsbuild.planner.graph import select
from xsbuild.planner.target import target_for
from xsbuild.reports.drawing import as_dot, as_mermaid, as_text

_FORMATS = {"text": as_text, "dot": as_dot, "mermaid": as_mermaid}


@click.command("graph")
@distro_option
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="text")
@targets_argument
@pass_context
def command(context: Context, *, distro_name: str, form: str, targets: tuple[str, ...]) -> None:
    """Print the dependency graph of components on a distro.

    \b
    Example:
      xsbuild graph --distro debian --format dot | dot -Tsvg > graph.svg
    """
    project = context.project()
    target = target_for(project, project.distros.get(distro_name))
    graph = target.graph
    names = select(graph, target.own_names(targets)).components
    echo(_FORMATS[form](graph, names), nl=False)
