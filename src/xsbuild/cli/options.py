# SPDX-License-Identifier: Apache-2.0
"""Options and arguments that several subcommands share."""

from collections.abc import Callable
from typing import TypeVar

import click

from xsbuild.cli.context import Context
from xsbuild.errors import XsbuildError

Command = TypeVar("Command", bound=Callable[..., object])


def _complete_distro(ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    try:
        return [name for name in _context(ctx).project().distros.files if name.startswith(text)]
    except XsbuildError:
        return []


def _complete_target(ctx: click.Context, _param: click.Parameter, text: str) -> list[str]:
    try:
        manifest = _context(ctx).project().manifest
    except XsbuildError:
        return []
    names = [*manifest.components, *manifest.meta_packages]
    return [name for name in names if name.startswith(text)]


def _context(ctx: click.Context) -> Context:
    return ctx.find_object(Context) or Context()


def distro_option(function: Command) -> Command:
    """--distro NAME, needed."""
    return click.option(
        "-d",
        "--distro",
        "distro_name",
        required=True,
        metavar="NAME",
        shell_complete=_complete_distro,
        help="The distro or an alias of it; `xsbuild distros` lists them.",
    )(function)


def targets_argument(function: Command) -> Command:
    """TARGET…: components, packages or meta-packages."""
    return click.argument(
        "targets", nargs=-1, metavar="[TARGET]...", shell_complete=_complete_target
    )(function)


def json_option(function: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
