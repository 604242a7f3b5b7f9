# SPDX-License-Identifier: Apache-2.0
"""The `xsbuild` command. Each subcommand is a module of this folder, imported when it is used."""

import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from pathlib import Path

import click

from xsbuild.cli.context import Context
from xsbuild.errors import XsbuildError
from xsbuild.host.terminal import echo

# Subcommand → what `--help` says of it, so that help imports none of them.
COMMANDS = {
    "build": "Build packages and publish them in a signed repository",
    "plan": "Show what a build would do, in which order, and why",
    "why": "Explain why a component is rebuilt, or required",
    "test-install": "Install published packages in a clean chroot and check the result",
    "appliance": "Make a medium that starts and installs the product",
    "fetch": "Download and verify sources",
    "render": "Write the packaging of components, without building",
    "graph": "Print the dependency graph",
    "check": "Check the manifest and all files that it names",
    "patches": "List carried patches and their upstream status",
    "bump": "Update a component to a new version and pin its sources",
    "vendor": "Refresh the lock of vendored OCaml libraries from opam",
    "lock": "Resolve dependencies to package names and write locks/DISTRO.yaml",
    "resolve": "Show the package of a distro that offers a capability",
    "providers": "Show which components a distro provides, and why",
    "matrix": "Print the CI jobs that a change requires",
    "distros": "List the distros for which packages can be built",
    "logs": "Print the log of a component's last build",
    "shell": "Open a shell in a component's buildroot",
    "explain": "Explain an error by its code",
    "doctor": "Check this machine for missing programs and features",
    "clean": "Remove leftovers of builds, or caches",
}
_STANDARD_ERROR = 2
_OUTPUT_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
CRASHED = 70  # sysexits.h, EX_SOFTWARE


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"xsbuild.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The manifest; default: components.yaml here or in a folder above.",
)
@click.option("--offline", is_flag=True, help="Use the caches and no network.")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors and results.")
@click.option("-v", "--verbose", is_flag=True, help="Print every build step.")
@click.version_option(package_name="xsbuild", prog_name="xsbuild")
@click.pass_context
def cli(
    ctx: click.Context, manifest: Path | None, offline: bool, quiet: bool, verbose: bool
) -> None:
    """Build the XenServer core as RPM and DEB packages for any distribution.

    \b
    Example:
      xsbuild build --distro debian xenserver-core-platform
    """
    ctx.obj = Context(manifest, offline, verbosity=int(verbose) - int(quiet))


def main() -> None:
    """Run the command; the one place where errors become text and an exit status."""
    _open_streams()
    signal.signal(signal.SIGTERM, _interrupt)
    # A manifest of thousands of components is millions of objects that all stay.
    gc.set_threshold(1_000_000)
    status = run(sys.argv[1:])
    # All of it goes now: Python need not look for what is garbage first.
    gc.freeze()
    sys.exit(status)


def run(args: Sequence[str]) -> int:
    """Run a command line; return its exit status."""
    try:
        status: int = cli(list(args), prog_name="xsbuild", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        status = error.exit_code
        text = StringIO()
        error.show(text)
        with _if_readable():
            echo(text.getvalue(), err=True, nl=False)
    except XsbuildError as error:
        status = error.exit_status
        with _if_readable():
            complain(error)
    except (KeyboardInterrupt, click.Abort):
        status = 128 + signal.SIGINT
        with _if_readable():
            echo("interrupted", err=True)
    except BrokenPipeError:
        # What reads our output has gone, as `head` does; Python would complain again at exit.
        _discard_output()
        status = 128 + signal.SIGPIPE
    except Exception as error:  # noqa: BLE001 - the last resort
        with _if_readable():
            _explain_unexpected(error)
        status = 1 if _is_output_failure(error) else CRASHED
    return status


@contextmanager
def _if_readable() -> Iterator[None]:
    """Print a message on standard error; whether that is possible does not change the status."""
    try:
        yield
    except OSError:
        _discard_output()


def _discard_output() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nothing, stream.fileno())


def _is_output_failure(error: Exception) -> bool:
    """Return whether standard output cannot be written, as when the disk behind it is full."""
    return isinstance(error, OSError) and error.errno in _OUTPUT_FAILURES and error.filename is None


def _explain_unexpected(error: Exception) -> None:
    if isinstance(error, OSError) and _is_output_failure(error):
        echo(f"error: standard output cannot be written: {error.strerror}", err=True)
        _discard_output()
        return
    echo("".join(traceback.format_exception(error)), err=True)
    echo("xsbuild: this is a fault in xsbuild; please report the text above", err=True)


def _open_streams() -> None:
    """Open the standard streams that the caller has closed, as a service manager may.

    Otherwise the next file that is opened becomes standard output.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        pass
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(_STANDARD_ERROR, "w")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def complain(error: XsbuildError) -> None:
    """Print an error and its hint on standard error."""
    from xsbuild.reports.errors import rendered  # noqa: PLC0415 - only an error needs it

    click.echo(rendered(error), err=True)  # noqa: TID251 - its parts are printable
