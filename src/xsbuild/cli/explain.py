# SPDX-License-Identifier: Apache-2.0
"""`xsbuild explain`."""

from dataclasses import asdict

import click

from xsbuild.catalogue import catalogue
from xsbuild.cli.options import json_option
from xsbuild.errors import InputError, Nearest
from xsbuild.host.terminal import echo
from xsbuild.reports.table import Row, print_json, show


def _complete(_ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    return [code for code in catalogue() if code.startswith(text.upper())]


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]", shell_complete=_complete)
@json_option
def command(*, code: str | None, as_json: bool) -> None:
    """Explain an error by its code; without CODE, list all codes.

    \b
    Example:
      xsbuild explain XSB-SOURCE-CHECKSUM
    """
    if code is None:
        rows: list[Row] = [
            {"code": name, "title": kind.title} for name, kind in catalogue().items()
        ]
        show(rows, ["code", "title"], as_json=as_json)
        return
    name = code.upper()
    if name not in catalogue():
        hint = str(Nearest(name, list(catalogue()), "`xsbuild explain` lists the codes"))
        raise InputError(f"no error code {code!r}", hint=hint, code="XSB-USAGE-UNKNOWN-NAME")
    kind = catalogue()[name]
    if as_json:
        print_json({"code": name, **asdict(kind)})
        return
    echo(f"{name}: {kind.title}\n")
    echo(click.wrap_text(kind.meaning, 80))
    echo("\n" + click.wrap_text(f"What to do: {kind.action}", 80))
