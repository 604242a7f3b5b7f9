# SPDX-License-Identifier: Apache-2.0
"""`xsbuild providers`."""

import click

from xsbuild.capabilities.providers import decide
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, json_option, parse_providers, provider_option
from xsbuild.planner.locks import lock_of
from xsbuild.reports.table import Row, show


@click.command("providers")
@distro_option
@provider_option
@json_option
@pass_context
def command(
    context: Context, *, distro_name: str, providers: tuple[str, ...], as_json: bool
) -> None:
    """Show which components a distro provides, and why the others are built.

    \b
    Example:
      xsbuild providers --distro debian-13
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    lock = lock_of(project, distro)
    asked = parse_providers(providers)
    rows: list[Row] = []
    for name, component in project.manifest.components.items():
        if component.provider or name in asked:
            decision = decide(name, component, distro, lock, asked.get(name))
            rows.append(
                {
                    "component": name,
                    "from": "built" if decision.use == "build" else distro.name,
                    "version": decision.version,
                    "why": decision.reason,
                }
            )
    show(rows, ["component", "from", "version", "why"], as_json=as_json)
