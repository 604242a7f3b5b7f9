# SPDX-License-Identifier: Apache-2.0
"""`xsbuild fetch`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option, targets_argument
from xsbuild.errors import SourceError
from xsbuild.planner.graph import make_graph, select
from xsbuild.reports.downloads import downloads, show_result
from xsbuild.sources.fetch import fetch_all


@click.command("fetch")
@json_option
@targets_argument
@pass_context
def command(context: Context, *, as_json: bool, targets: tuple[str, ...]) -> None:
    """Download and verify sources and patches of components and of their build dependencies.

    TARGETs are components, packages or meta-packages; the default is all of them.

    \b
    Example:
      xsbuild fetch python3-xenapi
    """
    project = context.project()
    manifest = project.manifest
    chosen = select(make_graph(manifest, manifest.components), targets).components
    components = {name: part for name, part in manifest.components.items() if name in chosen}
    with downloads(quiet=context.verbosity < 0) as say:
        result = fetch_all(components, project, say=say)
    show_result(result, as_json=as_json)
    if result.failures:
        hints = dict.fromkeys(failure.hint for failure in result.failures if failure.hint)
        count = "1 source" if len(result.failures) == 1 else f"{len(result.failures)} sources"
        raise SourceError(
            f"{count} cannot be fetched", hint="\n".join(hints) or None, code="XSB-SOURCE-FAILED"
        )
