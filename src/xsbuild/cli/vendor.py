# SPDX-License-Identifier: Apache-2.0
"""`xsbuild vendor`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.errors import InputError
from xsbuild.maintain.vendor import update_vendored
from xsbuild.reports.downloads import downloads

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("vendor")
@click.option(
    "--opam",
    multiple=True,
    metavar="FOLDER|ADDRESS",
    help="An opam repository, or the address of an archive of one; default: those that the lock "
    "file names. May be given several times; the first that has a package wins.",
)
@click.argument("component")
@click.argument("versions", nargs=-1, metavar="[NAME=VERSION]...")
@pass_context
def command(
    context: Context, *, opam: tuple[str, ...], component: str, versions: tuple[str, ...]
) -> None:
    """Read anew what opam says of the OCaml libraries vendored in COMPONENT.

    Their addresses, checksums and requirements are written to the lock file; what has no sha256 is
    fetched and pinned. NAME=VERSION moves an archive to a version. Prints what changed.

    \b
    Example:
      xsbuild vendor xapi ocaml-qcow=0.15.0
    """
    moves = dict(map(_move, versions))
    with downloads(quiet=context.verbosity < 0) as say:
        update = update_vendored(context.project(), component, opam, moves, say=say)
    for line in update.difference.splitlines():
        click.secho(line, fg=_COLOURS.get(line[:1]))
    for note in update.notes:
        click.echo(note, err=True)


def _move(text: str) -> tuple[str, str]:
    name, equals, version = text.partition("=")
    if not (name and equals and version):
        raise InputError(f"expected NAME=VERSION, not {text!r}", code="XSB-USAGE-ARGUMENT")
    return name, version
