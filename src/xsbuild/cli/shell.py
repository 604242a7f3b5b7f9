# SPDX-License-Identifier: Apache-2.0
"""`xsbuild shell`."""

import sys

import click

from xsbuild.buildroots.family import builder_for
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import (
    builder_option,
    distro_option,
    parse_providers,
    provider_option,
)
from xsbuild.engine.shell import open_shell
from xsbuild.planner.locks import ensure_lock
from xsbuild.planner.target import target_for


@click.command("shell")
@distro_option
@builder_option("the one of the last build")
@provider_option
@click.argument("component")
@pass_context
def command(
    context: Context,
    *,
    distro_name: str,
    builder: str | None,
    providers: tuple[str, ...],
    component: str,
) -> None:
    """Open a shell in a clean buildroot of a component, with its build dependencies installed.

    The buildroot is in the state before compilation, or, after a failed build, in the state of
    the failure. Changes are discarded when the shell exits.

    \b
    Example:
      xsbuild shell xha --distro debian
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    ensure_lock(project, distro, context.step)
    target = target_for(project, distro, parse_providers(providers))
    named = builder and builder_for(builder, distro)
    sys.exit(open_shell(target, component, named, context.step))
