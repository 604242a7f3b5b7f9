# SPDX-License-Identifier: Apache-2.0
"""The `xsbuild` command. Each subcommand is a module of this folder, imported when it is used."""

from importlib import import_module

import click

# Subcommand → what `--help` says of it, so that help imports none of them.
COMMANDS = {
    "build": "Build packages and publish a repository of them",
    "plan": "Show what would be built, in what order, and why",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"xsbuild.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
