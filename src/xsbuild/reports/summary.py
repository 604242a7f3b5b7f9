# SPDX-License-Identifier: Apache-2.0
"""The summary of a build, as plain data: results, failures, use of the repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xsbuild.host.terminal import echo, printable
from xsbuild.reports.table import Row, hanging, print_json, show, terminal_width


@dataclass(frozen=True, slots=True)
class Failure:
    """A component that was not built.

    Attributes:
        component: its name.
        message: why.
        code: the error's.
        hint: what to do; None where nothing is known.
        log: of the build, where it came that far.
        shell: the command that opens a shell where it is built, where it came that far.
        needed_by: the components that wait for it.
    """

    component: str
    message: str
    code: str
    hint: str | None = None
    log: str | None = None
    shell: str | None = None
    needed_by: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a build.

    Attributes:
        distro: its name.
        targets: a row for each component and meta-package that was asked for.
        failures: those that were not built, but for what only waits for them.
        repository: its folder; None where nothing is published.
        changed: the repository was switched to a new version.
        instructions: the commands that use it.
        failed: something that was asked for is not there.
    """

    distro: str
    targets: Sequence[Row]
    failures: Sequence[Failure] = ()
    repository: str | None = None
    changed: bool = False
    instructions: Sequence[str] = ()
    failed: bool = False


def print_summary(summary: Summary, verbosity: int) -> None:
    """Print the summary as text: failures on standard error, the rest on standard output.

    Args:
        verbosity: -1 for what failed alone.
    """
    if verbosity >= 0:
        show(summary.targets, ["target", "result", "seconds", "packages"], as_json=False)
    for failure in summary.failures:
        echo("\n".join(["", *failure_lines(failure)]), err=True)
    if verbosity >= 0:
        _print_repository(summary)


def failure_lines(failure: Failure) -> Iterator[str]:
    """Yield a failure with its hint, log and shell, in lines no wider than the terminal."""
    room = terminal_width()
    first, *others = printable(failure.message).split("\n")
    yield from hanging(f"{failure.component}  ", f"{first} [{failure.code}]", room)
    for line in others:
        yield from hanging("    ", line.strip(), room)
    facts = {
        "hint": failure.hint,
        "log": failure.log,
        "shell": failure.shell,
        "needed by": ", ".join(failure.needed_by),
    }
    for name, text in facts.items():
        if text:
            yield from hanging(f"  {name}: ", printable(text), room)


def _print_repository(summary: Summary) -> None:
    if summary.repository is None:
        return
    state = "published" if summary.changed else "unchanged"
    incomplete = ", incomplete" if summary.failed else ""
    echo(f"\nrepository {state}{incomplete}: {summary.repository}")
    if not summary.failed:
        echo("\n  ".join(["to use it, as root:", *summary.instructions]))


def print_summary_json(summary: Summary) -> None:
    """Print it for programs."""
    print_json(
        {
            "distro": summary.distro,
            "targets": summary.targets,
            "errors": {
                failure.component: {
                    "message": failure.message,
                    "code": failure.code,
                    "hint": failure.hint,
                    "log": failure.log,
                    "shell": failure.shell,
                    "needed by": list(failure.needed_by),
                }
                for failure in summary.failures
            },
            "repository": summary.repository,
        }
    )
