# SPDX-License-Identifier: Apache-2.0
"""Exceptions: what failed, where, the likely cause, and a hint.

Each has a code, which errors.yaml explains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from xsbuild.excerpt import Excerpt

MAX_SHOWN = 20  # problems printed in full


class XsbuildError(Exception):
    """Base class of every error shown to the user.

    Args:
        message: what failed and where, one sentence without a full stop.
        hint: the remedy, in one or two lines; None if there is none.
        code: the kind of error, as ``XSB-SOURCE-CHECKSUM``; errors.yaml lists all.
    """

    exit_status = 1

    def __init__(self, message: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel from a task's process to the engine's; keyword-only arguments need help.
        return (_rebuild, (type(self), self.__dict__.copy(), self.args))

    def __str__(self) -> str:
        return self.message


def _rebuild(
    kind: type[XsbuildError], state: dict[str, object], args: tuple[object, ...]
) -> XsbuildError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class InputError(XsbuildError):
    """Invalid input; nothing was started."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Nearest:
    """A hint that names the known word nearest to an unknown one.

    The search is done when the hint is shown, as a file may have thousands of problems.

    Attributes:
        word: the unknown word.
        known: the known words.
        otherwise: the hint if none is near.
    """

    word: str
    known: Sequence[str]
    otherwise: str = ""

    def __str__(self) -> str:
        close = get_close_matches(self.word, self.known, n=1)
        return f"did you mean `{close[0]}`?" if close else self.otherwise


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in an input file.

    Attributes:
        file: the file.
        line: 1-based; None for the whole file.
        key: the dotted path of the value, as ``components.xha.version``.
        message: the problem and the expected value.
        code: the kind of error; see `XsbuildError`.
        hint: the nearest known word, or the remedy.
        excerpt: the faulty part of the line; None for the whole file.
    """

    file: Path
    line: int | None
    key: str
    message: str
    code: str
    hint: str | Nearest | None = None
    excerpt: Excerpt | None = None

    @property
    def location(self) -> str:
        """File, line and column in the format of compilers: ``components.yaml:12:9: ``."""
        parts = [str(shown_path(self.file))]
        if self.line:
            parts.append(str(self.line))
            if self.excerpt:
                parts.append(str(self.excerpt.column))
        return ":".join(parts) + ": "

    @property
    def text(self) -> str:
        """Key and message."""
        return f"{self.key}: {self.message}" if self.key else self.message

    def __str__(self) -> str:
        hint = str(self.hint or "")
        return f"{self.location}{self.text}" + (f" ({hint})" if hint else "")


def shown_path(file: Path) -> Path:
    """Return a path relative to the current folder where it is below that."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


class ProblemsError(InputError):
    """A file has problems; all of them are listed at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "\n".join(f"  {problem}" for problem in problems[:MAX_SHOWN])
        code = problems[0].code if problems else "XSB-FILE-VALUE"
        super().__init__(f"{count} found\n{lines}", code=code)
        self.problems = tuple(problems)


class MissingToolError(XsbuildError):
    """A host program that a step needs is not installed."""

    exit_status = 2


class SourceError(XsbuildError):
    """A source could not be fetched or does not match its pin."""


class RecipeError(InputError):
    """A template is wrong: unknown variable, bad syntax, forbidden access."""


class BuildError(XsbuildError):
    """A component did not build.

    Attributes:
        component: its name.
        step: the failed step, as ``install build dependencies``.
        log: the log, if there is one.
        command: the failed command in the buildroot; empty if unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        component: str,
        step: str,
        log: Path | None = None,
        code: str,
        hint: str | None = None,
        command: str = "",
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.component = component
        self.step = step
        self.log = log
        self.command = command


@dataclass(slots=True)
class ProblemList:
    """A list of problems, so that a check can report all of them."""

    items: list[Problem] = field(default_factory=list)

    def raise_if_any(self) -> None:
        """Raise ProblemsError if the list is not empty."""
        if self.items:
            raise ProblemsError(sorted(self.items, key=lambda p: (str(p.file), p.line or 0)))
