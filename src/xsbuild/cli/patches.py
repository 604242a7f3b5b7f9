# SPDX-License-Identifier: Apache-2.0
"""`xsbuild patches`."""

import datetime

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.manifest.patches import carried_patches
from xsbuild.reports.table import Row, show


@click.command("patches")
@click.argument("names", nargs=-1, metavar="[COMPONENT]...")
@json_option
@pass_context
def command(context: Context, *, names: tuple[str, ...], as_json: bool) -> None:
    """List the patches that components carry, with their age and upstream status.

    The facts are read from DEP-3 headers; a patch without one is an error. Those of patches by
    reference are in the manifest. Days count from Last-Update.

    \b
    Example:
      xsbuild patches
    """
    project = context.project()
    today = datetime.datetime.now(datetime.UTC).date()
    rows: list[Row] = [
        {
            "component": patch.component,
            "patch": patch.name,
            "days": (today - patch.header.last_update).days,
            "state": patch.header.state,
            "upstream": patch.header.upstream,
            "description": patch.header.description,
            "origin": patch.header.origin,
            "last-update": patch.header.last_update.isoformat(),
            "reference": patch.reference,
        }
        for patch in carried_patches(project.manifest, project.root, names)
    ]
    show(
        rows,
        ["component", "patch", "days", "state", "upstream", "description"],
        as_json=as_json,
    )
