# SPDX-License-Identifier: Apache-2.0
"""`xsbuild check`."""

import click

from xsbuild.checks.installable import check_installable
from xsbuild.checks.locks import check_locks
from xsbuild.checks.manifest import check_manifest, check_target
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.planner.plan import target_for
from xsbuild.reports.table import Row, show


@click.command("check")
@click.option(
    "-d",
    "--distro",
    "distro_names",
    multiple=True,
    metavar="NAME",
    help="Also render every component for this distro, and prove that what it needs can be "
    "installed there; may be given several times.",
)
@click.option(
    "--locked", is_flag=True, help="Also fail where a lock does not answer what is asked of it."
)
@json_option
@pass_context
def command(
    context: Context, *, distro_names: tuple[str, ...], locked: bool, as_json: bool
) -> None:
    """Check the manifest and everything it names, and list what is still to do.

    Errors are listed all at once, with file, line and key, and the exit status is 2. What is merely
    unfinished - a source without a pin, a fact to be found - is listed and is no error.

    \b
    Example:
      xsbuild check --distro debian
    """
    project = context.project()
    distros = [project.distros.get(name) for name in distro_names]
    findings = [("", finding) for finding in check_manifest(project.manifest)]
    project.distros.all()
    for distro in distros:
        target = target_for(project, distro)
        findings += [(distro.name, item) for item in check_target(target)]
        findings += [(distro.name, item) for item in check_installable(target, context.step)]
    stale = list(check_locks(project)) if locked else []
    findings += stale
    rows: list[Row] = [
        {
            "component": finding.component,
            "distro": distro or None,
            "kind": finding.kind,
            "text": finding.text,
        }
        for distro, finding in findings
    ]
    show(rows, ["component", "distro", "kind", "text"], as_json=as_json)
    if not as_json:
        count = len(project.manifest.components)
        click.echo(f"\n{project.file}: {count} components, no errors", err=True)
    if stale:
        click.get_current_context().exit(1)
