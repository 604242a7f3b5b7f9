# SPDX-License-Identifier: Apache-2.0
"""The one family of exceptions: what failed, where, the likely cause, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


class XsbuildError(Exception):
    """Base of every error that a user can cause or must see.

    Args:
        message: what failed and where, one sentence without a full stop.
        hint: what to do about it, in one or two lines; None where nothing useful is known.
    """

    exit_status = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

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
    """What the user wrote or typed is wrong; nothing was started."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that a person wrote.

    Attributes:
        file: the file.
        line: 1-based; None where the whole file is meant.
        key: the dotted path of the value, as ``components.xha.version``.
        message: what is wrong and what was expected.
        hint: the nearest known word, or what to do.
    """

    file: Path
    line: int | None
    key: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        key = f"{self.key}: " if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {key}{self.message}{hint}"


class ProblemsError(InputError):
    """A file has problems; all of them are listed at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} found\n{lines}")
        self.problems = tuple(problems)


class MissingToolError(XsbuildError):
    """A host program that a step needs is not installed."""

    exit_status = 2


class SourceError(XsbuildError):
    """A source could not be fetched or is not what its pin says."""


class RecipeError(InputError):
    """A template is wrong: unknown variable, bad syntax, forbidden access."""


class BuildError(XsbuildError):
    """A component did not build.

    Attributes:
        component: its name.
        step: which step failed, as ``install build dependencies``.
        log: the whole log, where there is one.
        command: what failed inside the buildroot; empty where it is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        component: str,
        step: str,
        log: Path | None = None,
        hint: str | None = None,
        command: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.component = component
        self.step = step
        self.log = log
        self.command = command


@dataclass(slots=True)
class ProblemList:
    """Collects problems so that a check can report all of them."""

    items: list[Problem] = field(default_factory=list)

    def raise_if_any(self) -> None:
        """Raises ProblemsError where something was collected."""
        if self.items:
            raise ProblemsError(sorted(self.items, key=lambda p: (str(p.file), p.line or 0)))
