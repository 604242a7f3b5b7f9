# SPDX-License-Identifier: Apache-2.0
"""`xsbuild render`."""

from pathlib import Path

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, parse_providers, provider_option
from xsbuild.errors import InputError
from xsbuild.families import family_of
from xsbuild.planner.graph import select
from xsbuild.planner.plan import target_for
from xsbuild.recipes.tree import write_tree


@click.command("render")
@distro_option
@provider_option
@click.option("--all", "everything", is_flag=True, help="Every component, those of the distro too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rendered"),
    show_default=True,
    help="Folder that takes a folder for each component.",
)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@pass_context
def command(
    context: Context,
    *,
    distro_name: str,
    providers: tuple[str, ...],
    everything: bool,
    output: Path,
    targets: tuple[str, ...],
) -> None:
    """Write the packaging of components for a distro, without building anything.

    \b
    Example:
      xsbuild render --distro debian xenapi
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    overrides = parse_providers(providers)
    if everything:
        buildable = (name for name, part in project.manifest.components.items() if part.build)
        overrides = {**dict.fromkeys(buildable, "build"), **overrides}
    elif not targets:
        raise InputError("nothing to render", hint="name components, or use --all")
    target = target_for(project, distro, overrides)
    selected = select(target.graph, targets).components
    names = [name for name in target.graph.order if name in selected]
    for name in names if everything else [name for name in names if name in targets]:
        request = target.request(name)
        place = output / name / family_of(distro).in_source
        write_tree(family_of(distro).render(request), place, epoch=request.epoch)
        click.echo(place)
