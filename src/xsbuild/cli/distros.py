# SPDX-License-Identifier: Apache-2.0
"""`xsbuild distros`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.reports.table import Row, show


@click.command("distros")
@json_option
@pass_context
def command(context: Context, *, as_json: bool) -> None:
    """List the distros for which packages can be built.

    \b
    Example:
      xsbuild distros
    """
    rows: list[Row] = [
        {
            "name": distro.name,
            "title": distro.title,
            "family": distro.family.value,
            "aliases": distro.aliases,
            "suffix": distro.version_suffix,
        }
        for distro in context.project().distros.all()
    ]
    show(rows, ["name", "title", "family", "aliases", "suffix"], as_json=as_json)
