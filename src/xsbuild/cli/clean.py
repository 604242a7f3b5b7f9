# SPDX-License-Identifier: Apache-2.0
"""`xsbuild clean`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import json_option
from xsbuild.engine.cleanup import Cache, Removed, clean
from xsbuild.host.terminal import echo
from xsbuild.reports.table import Row, show
from xsbuild.settings import load_settings

_MEGABYTE = 1_000_000


@click.command("clean")
@click.option("--all", "everything", is_flag=True, help="Remove every cache.")
@click.option("--sources", is_flag=True, help="Remove downloaded sources.")
@click.option("--bases", is_flag=True, help="Remove base chroots.")
@click.option("--store", is_flag=True, help="Remove built packages; published repositories stay.")
@click.option("--layers", is_flag=True, help="Remove installed build dependencies.")
@json_option
@pass_context
def command(
    context: Context,
    *,
    everything: bool,
    sources: bool,
    bases: bool,
    store: bool,
    layers: bool,
    as_json: bool,
) -> None:
    """Remove leftovers of killed processes and failed builds, and caches by name.

    Sources, results and build dependencies that have not been used for the time set by `keep`
    in config.yaml are removed as well. Everything removed can be created again; keys, settings
    and published repositories are never touched.

    \b
    Example:
      xsbuild clean --store
    """
    named = {Cache.SOURCES: sources, Cache.BASES: bases, Cache.STORE: store, Cache.LAYERS: layers}
    caches = [cache for cache in Cache if everything or named.get(cache)]
    settings = load_settings()
    removed = clean(settings.folders, caches, settings.keep)
    if as_json or context.verbosity >= 0:
        _show(removed, as_json=as_json)


def _show(removed: list[Removed], *, as_json: bool) -> None:
    if not removed and not as_json:
        echo("nothing to remove")
        return
    rows: list[Row] = [
        {"removed": item.what, "path": str(item.path), "MB": item.size / _MEGABYTE}
        for item in removed
    ]
    show(rows, ["removed", "path", "MB"], as_json=as_json)
    if not as_json:
        total = sum(item.size for item in removed) / _MEGABYTE
        echo(f"{total:.1f} MB in all")
