# SPDX-License-Identifier: Apache-2.0
"""`xsbuild render`."""

from collections.abc import Mapping
from pathlib import Path

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option, parse_providers, provider_option
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, XsbuildError
from xsbuild.families.family import family_of
from xsbuild.host.terminal import echo
from xsbuild.planner.graph import select
from xsbuild.planner.target import target_for
from xsbuild.recipes.tree import write_tree


@click.command("render")
@distro_option
@provider_option
@click.option(
    "--all", "everything", is_flag=True, help="Include components that the distro provides."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rendered"),
    show_default=True,
    help="Directory for the rendered files, one subdirectory for each component.",
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
    """Write the packaging of components for a distro, without building.

    Requirements that the lock file does not resolve are omitted and listed, and the exit status
    is 1. For an RPM distro without a lock file, headers, units and files are required by their
    paths.

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
        raise InputError(
            "nothing to render", hint="name components, or use --all", code="XSB-USAGE-ARGUMENT"
        )
    target = target_for(project, distro, overrides)
    selected = select(target.graph, target.own_names(targets)).components
    names = [name for name in target.graph.order if name in selected]
    family = family_of(distro)
    left_out = {}
    for name in names if everything else [name for name in names if name in targets]:
        request, left_out[name] = target.sketch(name)
        place = output / name / family.in_source
        write_tree(family.render(request), place, epoch=request.epoch)
        echo(str(place))
    _report(left_out, distro)


def _report(left_out: Mapping[str, list[str]], distro: Distro) -> None:
    lines = [f"  {name}: {line}" for name, items in left_out.items() for line in items]
    if lines:
        raise XsbuildError(
            "\n".join(["omitted, no package name known:", *dict.fromkeys(lines)]),
            hint=f"run `xsbuild lock --distro {distro.name}` to resolve them",
            code="XSB-LOCK-UNRESOLVED",
        )
