# SPDX-License-Identifier: Apache-2.0
"""Print errors: the message, the source line with the faulty part underlined, the hint."""

from collections.abc import Iterator

import click
from rich.cells import cell_len

from xsbuild.errors import MAX_SHOWN, Problem, ProblemsError, XsbuildError
from xsbuild.host.terminal import printable


def rendered(error: XsbuildError) -> str:
    """Return an error formatted for a terminal, with styles, without trailing line break."""
    if isinstance(error, ProblemsError):
        return "\n".join(_problems(error))
    return "\n".join([_headline(error.message, error.code), *_hint(error.hint)])


def _problems(error: ProblemsError) -> Iterator[str]:
    for problem in error.problems[:MAX_SHOWN]:
        yield _headline(f"{problem.location}{problem.text}", problem.code)
        yield from _excerpt(problem)
        yield from _hint(problem.hint)
    total, hidden = len(error.problems), len(error.problems) - MAX_SHOWN
    if hidden > 0:
        yield _headline(f"{total:,} problems; {hidden:,} of them are not shown", "")
    elif total > 1:
        yield _headline(f"{total} problems", "")


def _headline(message: str, code: str) -> str:
    first, *others = printable(message).split("\n")
    suffix = f" [{code}]" if code else ""
    return click.style("error: ", fg="red", bold=True) + "\n".join([first + suffix, *others])


def _hint(hint: object) -> Iterator[str]:
    if text := str(hint or ""):
        yield click.style("  hint: ", bold=True) + printable(text)


def _excerpt(problem: Problem) -> Iterator[str]:
    if problem.excerpt is None:
        return
    before, faulty, after = (
        printable(part.replace("\t", " "))
        for part in (problem.excerpt.before, problem.excerpt.faulty, problem.excerpt.after)
    )
    number = f"{problem.line:>5}"
    margin = " " * len(number)
    carets = click.style("^" * max(cell_len(faulty), 1), fg="red", bold=True)
    yield f"{number} | {before}{faulty}{after}".rstrip()
    yield f"{margin} | {' ' * cell_len(before)}{carets}"
