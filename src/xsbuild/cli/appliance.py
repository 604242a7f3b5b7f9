# SPDX-License-Identifier: Apache-2.0
"""`xsbuild appliance`."""

from pathlib import Path

import click

from xsbuild.appliance.make import make_appliance
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo


@click.command("appliance")
@distro_option
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Put an answer file on the medium, which then installs unattended.",
)
@click.argument("name", required=False)
@pass_context
def command(context: Context, *, distro_name: str, answers: Path | None, name: str | None) -> None:
    """Make a medium that starts a distro with the product, and installs it.

    NAME is one of `appliances` in the manifest; the default is the first of them. Its packages
    come from the distro's archives and the repository in dist/DISTRO, signatures verified. The
    image is written to dist/appliance.

    \b
    Example:
      xsbuild appliance --distro debian xenserver-appliance-platform
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    if answers and not answers.is_file():
        raise InputError(f"no answer file {answers}", code="XSB-FILE-UNREADABLE")
    chosen = name or next(iter(project.manifest.appliances), "")
    echo(str(make_appliance(project, distro, chosen, answers, context.step)))
