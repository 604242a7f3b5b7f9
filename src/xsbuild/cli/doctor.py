# SPDX-License-Identifier: Apache-2.0
"""`xsbuild doctor`."""

import sys

import click

from xsbuild.cli.options import json_option
from xsbuild.host.tools import TOOLS, install_command, missing_packages
from xsbuild.reports.table import Row, show


@click.command("doctor")
@json_option
def command(*, as_json: bool) -> None:
    """Check this machine: what is missing, what each is for, and how to install it.

    \b
    Example:
      xsbuild doctor
    """
    rows: list[Row] = [
        {
            "program": tool.name,
            "found": tool.found() or "missing",
            "package": tool.package() or "not packaged",
            "for": tool.purpose,
            "family": tool.family or "both",
        }
        for tool in TOOLS
    ]
    show(rows, ["program", "found", "package", "for", "family"], as_json=as_json)
    missing = missing_packages()
    if missing:
        click.echo(f"\nInstall what is missing:\n  {install_command(missing)}", err=True)
        sys.exit(1)
