# SPDX-License-Identifier: Apache-2.0
"""`xsbuild vendor`."""

import click

from xsbuild.cli.context import Context, pass_context
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo
from xsbuild.maintain.vendor import update_vendored
from xsbuild.reports.downloads import downloads

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("vendor")
@click.option(
    "--opam",
    multiple=True,
    metavar="FOLDER|ADDRESS",
    help="An opam repository or the address of its archive; default: those that the lock "
    "file names. May be given several times; the first that has a package wins.",
)
@click.argument("component")
@click.argument("versions", nargs=-1, metavar="[NAME=VERSION]...")
@pass_context
def command(
    context: Context, *, opam: tuple[str, ...], component: str, versions: tuple[str, ...]
) -> None:
    """Refresh the lock of the OCaml libraries vendored in COMPONENT from opam.

    Writes addresses, checksums and requirements to the lock file and prints the changes.
    Archives without a sha256 or sha512 are fetched and pinned. NAME=VERSION updates one archive
    to a version.

    \b
    Example:
      xsbuild vendor xapi ocaml-qcow=0.15.0
    """
    moves = dict(map(_move, versions))
    with downloads(quiet=context.verbosity < 0) as say:
        update = update_vendored(context.project(), component, opam, moves, say=say)
    for line in update.difference.splitlines():
        echo(line, colour=_COLOURS.get(line[:1]))
    for note in update.notes:
        echo(note, err=True)


def _move(text: str) -> tuple[str, str]:
    name, equals, version = text.partition("=")
    if not (name and equals and version):
        raise InputError(f"expected NAME=VERSION, not {text!r}", code="XSB-USAGE-ARGUMENT")
    return name, version
