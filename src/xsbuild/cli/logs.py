# SPDX-License-Identifier: Apache-2.0
"""`xsbuild logs`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option
from xsbuild.engine.logs import last_log, lines_of
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo
from xsbuild.planner.target import task_name
from xsbuild.yamlfile import nearest


@click.command("logs")
@distro_option
@click.option("-f", "--follow", is_flag=True, help="Follow a running build until it ends.")
@click.argument("component")
@pass_context
def command(context: Context, *, distro_name: str, follow: bool, component: str) -> None:
    """Print the log of a component's last or running build.

    \b
    Example:
      xsbuild logs xha --distro debian
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    components = project.manifest.components
    if component not in components:
        raise InputError(
            f"no component is called {component!r}",
            hint=nearest(component, components),
            code="XSB-USAGE-UNKNOWN-NAME",
        )
    log = last_log(project, task_name(component, distro))
    if log is None:
        raise InputError(
            f"{component} has no log: it was never built here for {distro.name}",
            hint=f"build it with `xsbuild build {component} --distro {distro.name}`",
            code="XSB-USAGE-NO-LOG",
        )
    for line in lines_of(log, follow=follow):
        echo(line, nl=False)
