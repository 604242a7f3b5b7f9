# SPDX-License-Identifier: Apache-2.0
"""`xsbuild plan`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import Asked, asked_options, json_option
from xsbuild.host.terminal import echo

_NO_LOCK = (
    "{}: no lock yet, so components and libraries of the distro are not considered; a build reads "
    "the archives first, as does `xsbuild plan --refresh`"
)


@click.command("plan")
@click.option(
    "--refresh", is_flag=True, help="Read the archives first, and show what changed in the lock."
)
@json_option
@asked_options
@pass_context
def command(context: Context, *, asked: Asked, refresh: bool, as_json: bool) -> None:
    """Show what a build would do, in which order, and why, without building or fetching anything.

    For a distro without a lock file, all libraries count as missing until a build, `check` or
    --refresh has read its archives.

    \b
    Example:
      xsbuild plan --distro debian
    """
    if refresh:
        asked.ensure_lock(context, refresh=True)
    show_plan(context, asked, as_json=as_json)


def show_plan(context: Context, asked: Asked, *, as_json: bool) -> None:
    """Print what a build of what was asked for would do."""
    # A build that has nothing to do comes by here, too.
    from xsbuild.planner.plan import moved_on, plan  # noqa: PLC0415
    from xsbuild.planner.precedence import older_than_distro  # noqa: PLC0415
    from xsbuild.reports.plan import plan_rows, vendored_lines  # noqa: PLC0415
    from xsbuild.reports.table import show  # noqa: PLC0415

    chosen = asked.choose(context.project())
    planned = plan(chosen.target, chosen.targets.components, chosen.builder).tasks
    rows = plan_rows(chosen.target, planned, everything=not asked.targets)
    columns = ["component", "state", "needs", "reason"]
    show(rows, columns, as_json=as_json, title=chosen.target.distro.title)
    if chosen.target.lock is None:
        context.step(_NO_LOCK.format(chosen.target.distro.name))
    outdated = moved_on(chosen.target)
    if outdated:
        context.step(outdated)
    for older in older_than_distro(chosen.target, chosen.targets.components):
        context.step(str(older))
    if not as_json:
        verbose = context.verbosity > 0
        for line in vendored_lines(chosen.target, planned, verbose=verbose):
            echo(f"\n{line}")
