# SPDX-License-Identifier: Apache-2.0
"""`xsbuild plan`."""

import click

from xsbuild.buildroots.builder import default_builder
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import (
    builder_option,
    distro_option,
    json_option,
    parse_providers,
    provider_option,
    targets_argument,
)
from xsbuild.planner.graph import select
from xsbuild.planner.plan import plan, target_for
from xsbuild.reports.plan import plan_rows
from xsbuild.reports.table import show


@click.command("plan")
@distro_option
@builder_option
@provider_option
@json_option
@targets_argument
@pass_context
def command(
    context: Context,
    *,
    distro_name: str,
    builder: str | None,
    providers: tuple[str, ...],
    as_json: bool,
    targets: tuple[str, ...],
) -> None:
    """Show what a build would do, in what order, and why. It builds and fetches nothing.

    \b
    Example:
      xsbuild plan --distro debian
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    target = target_for(project, distro, parse_providers(providers))
    components = select(target.graph, targets).components
    planned = plan(target, components, builder or default_builder(distro.family))
    rows = plan_rows(target, planned, everything=not targets)
    show(rows, ["component", "state", "needs", "reason"], as_json=as_json, title=distro.title)
