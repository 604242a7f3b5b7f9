# SPDX-License-Identifier: Apache-2.0
"""`xsbuild appliance`."""

from pathlib import Path

import click

from xsbuild.appliance.answers import check_answers, example_answers
from xsbuild.appliance.make import make_appliance
from xsbuild.cli.context import Context, pass_context
from xsbuild.cli.options import distro_option
from xsbuild.errors import InputError
from xsbuild.host.terminal import echo


class _Appliance(click.Group):
    """Commands of which `make` is the one that needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group("appliance", cls=_Appliance)
def command() -> None:
    """Make media that install the product; check answer files.

    Without a command's name it is `make`.

    \b
    Example:
      xsbuild appliance --distro debian xenserver-appliance-platform
    """


@command.command("check-answers")
@click.argument("file", type=click.Path(path_type=Path))
def check_command(file: Path) -> None:
    """Check an answer file before a machine is started with it.

    \b
    Example:
      xsbuild appliance check-answers answers.yaml
    """
    check_answers(file)
    echo(f"{file}: no errors")


@command.command("write-answers")
@click.argument("file", type=click.Path(path_type=Path))
def write_command(file: Path) -> None:
    """Write an answer file with every key as a comment.

    \b
    Example:
      xsbuild appliance write-answers answers.yaml
    """
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(example_answers())
    except FileExistsError as error:
        raise InputError(f"{file} exists already", code="XSB-APPLIANCE-ANSWERS") from error
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise InputError(message, code="XSB-APPLIANCE-ANSWERS") from error


@command.command("make")
@distro_option
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Put an answer file on the medium, which then installs unattended.",
)
@click.argument("name", required=False)
@pass_context
def make_command(
    context: Context, *, distro_name: str, answers: Path | None, name: str | None
) -> None:
    """Make a medium that starts a distro with the product, and installs it.

    NAME is one of `appliances` in the manifest; the default is the first of them. Its packages
    come from the distro's archives and the repository in dist/DISTRO, signatures verified. The
    image is written to dist/appliance.

    \b
    Example:
      xsbuild appliance --distro debian xenserver-appliance-platform
    """
    project = context.project()
    distro = project.distros.get(distro_name)
    if answers:
        check_answers(answers)
    chosen = name or next(iter(project.manifest.appliances), "")
    echo(str(make_appliance(project, distro, chosen, answers, context.step)))
