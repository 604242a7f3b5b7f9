# SPDX-License-Identifier: Apache-2.0
"""`xsbuild bump`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.host.terminal import echo
from xsbuild.maintain.bump import bump
from xsbuild.reports.downloads import downloads

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("bump")
@click.argument("component")
@click.argument("version")
@pass_context
def command(context: Context, *, component: str, version: str) -> None:
    """Update COMPONENT to upstream's VERSION: fetch and pin its sources, and add a changelog
    entry.

    With the current version, only its sources are pinned again.

    \b
    Example:
      xsbuild bump xenapi 26.21.1
    """
    with downloads(quiet=context.verbosity < 0) as say:
        difference = bump(context.project(), component, version, say=say)
    for line in difference.splitlines():
        echo(line, colour=_COLOURS.get(line[:1]))
