# SPDX-License-Identifier: Apache-2.0
"""`xsbuild build`."""

import sys

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
from xsbuild.engine.build import BuildOptions, Built, build
from xsbuild.engine.run import default_jobs
from xsbuild.planner.graph import select
from xsbuild.planner.plan import plan, target_for
from xsbuild.reports.plan import plan_rows
from xsbuild.reports.summary import (
    missing_source_rows,
    print_failures,
    print_repository,
    summary_rows,
    to_json,
)
from xsbuild.reports.table import print_json, show

_PLAN_COLUMNS = ["component", "state", "needs", "reason"]


@click.command("build")
@distro_option
@builder_option
@provider_option
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=default_jobs,
    show_default="all cores",
    help="Threads at once on this machine: builds times threads of each.",
)
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    show_default=True,
    help="After a failure, build what does not need it, or stop.",
)
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@json_option
@targets_argument
@pass_context
def command(
    context: Context,
    *,
    distro_name: str,
    builder: str | None,
    providers: tuple[str, ...],
    jobs: int,
    keep_going: bool,
    dry_run: bool,
    as_json: bool,
    targets: tuple[str, ...],
) -> None:
    """Build packages for a distro and publish a signed repository of them.

    TARGETs are components, packages or meta-packages; everything when none is given. The repository
    is dist/DISTRO, beside the manifest.

    \b
    Example:
      xsbuild build --distro debian xenserver-core-platform
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    target = target_for(project, distro, parse_providers(providers))
    selected = select(target.graph, targets)
    chosen = builder or default_builder(distro.family)
    if dry_run:
        rows = plan_rows(target, plan(target, selected.components, chosen), everything=not targets)
        show(rows, _PLAN_COLUMNS, as_json=as_json, title=distro.title)
        return
    options = BuildOptions(chosen, jobs, keep_going, context.verbosity)
    built = build(target, selected, options)
    _report(context, built, as_json=as_json)
    if built.failed:
        sys.exit(1)


def _report(context: Context, built: Built, *, as_json: bool) -> None:
    if as_json:
        print_json(to_json(built))
        return
    print_failures(built)
    missing = missing_source_rows(built)
    if missing:
        show(missing, ["component", "source", "needed by"], as_json=False, title="missing sources")
        click.echo()
    if context.verbosity >= 0:
        show(summary_rows(built), ["target", "result", "seconds", "packages"], as_json=False)
        print_repository(built)
