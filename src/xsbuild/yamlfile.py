# SPDX-License-Identifier: Apache-2.0
"""YAML input files: read strictly, with the place of every value kept for errors."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xsbuild import plainfile
from xsbuild.errors import Nearest, Problem, ProblemsError
from xsbuild.excerpt import excerpt_of
from xsbuild.strict import Strict, known_keys
from xsbuild.yamlreader import MAX_DEPTH, Place, Rejected, RejectedError, Span, read_text

__all__ = ["MAX_DEPTH", "Document", "Place", "Span", "dotted", "load", "nearest", "parse", "read"]

Model = TypeVar("Model", bound=Strict)


@dataclass(slots=True)
class Document:
    """A YAML file as plain data, with the place of every key and value.

    Attributes:
        file: the file.
        text: its content.
        data: its content as dicts, tuples and scalars.
        spans: the span of each value, by the keys and indexes that lead to it.
        keys: the span of each key of a mapping, by the place of its value.
        problems: valid YAML that xsbuild rejects: duplicate keys, aliases.
    """

    file: Path
    text: str
    data: object = None
    spans: dict[Place, Span] = field(default_factory=dict)
    keys: dict[Place, Span] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self,
        place: Place,
        message: str,
        hint: str | Nearest | None = None,
        *,
        code: str,
        at_key: bool = False,
    ) -> Problem:
        """Return a problem at a place, or at the nearest enclosing place in the file.

        Args:
            place: the place of the value.
            message: the problem.
            hint: the remedy.
            code: the kind of error.
            at_key: the key is wrong, not its value.
        """
        known = place
        while known and known not in self.spans:
            known = known[:-1]
        if place and not known:
            return self.problem_in(None, place, message, code, hint)
        span, key = self.spans.get(known), self.keys.get(known)
        # A value on another line than its key is a block, or lacks a key: its key is shown.
        if key and (at_key or span is None or known != place or not self._is_beside(key, span)):
            span = key
        return self.problem_in(span, place, message, code, hint)

    def _is_beside(self, key: Span, value: Span) -> bool:
        text = self.text[value.start : value.end].rstrip()
        return key.line == value.line and bool(text) and "\n" not in text

    def problem_in(
        self,
        span: Span | None,
        place: Place,
        message: str,
        code: str,
        hint: str | Nearest | None = None,
    ) -> Problem:
        """Return a problem of the value at a place."""
        key = dotted(place)
        if span is None:
            return Problem(self.file, None, key, message, code, hint)
        excerpt = excerpt_of(self.text, span.column, span.start, span.end)
        return Problem(self.file, span.line, key, message, code, hint, excerpt)


def dotted(place: Place) -> str:
    """Format a place: ``components.xha.sources[0].git``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known word nearest to an unknown one."""
    return str(Nearest(word, list(known))) or None


def read(file: Path, within: Path | None = None) -> Document:
    """Read a YAML file.

    Args:
        file: its path.
        within: the folder that it must be in; see `plainfile.read_bytes`.

    Raises:
        InputError: it cannot be read.
        ProblemsError: it is not YAML.
    """
    return parse(file, plainfile.read_text(file, within))


def parse(file: Path, text: str) -> Document:
    """Parse text as the content of a YAML file, written or not.

    Raises:
        ProblemsError: it is not YAML.
    """
    document = Document(file, text)
    try:
        content = read_text(text)
    except RejectedError as error:
        raise ProblemsError([_rejected(document, error.reason)]) from error
    document.data, document.spans, document.keys = content.data, content.values, content.keys
    document.problems = [_rejected(document, item) for item in content.rejected]
    return document


def _rejected(document: Document, item: Rejected) -> Problem:
    return document.problem_in(item.span, item.place, item.message, item.code, item.hint)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Make a typed model of a document; on failure list every problem."""
    problems = list(document.problems)
    try:
        return model.model_validate(document.data), problems
    except ValidationError as error:
        # A rejected value was replaced by None, which is not reported again.
        known = {problem.key for problem in problems}
        translated = [_translate(document, item, model) for item in error.errors()]
        return None, problems + [item for item in translated if item.key not in known]


def load(
    file: Path, model: type[Model], *, empty: Model | None = None, within: Path | None = None
) -> Model:
    """Read a YAML file as a typed model.

    Args:
        empty: the value of a file with nothing but comments; None: report a problem.
        within: the folder that it must be in; see `plainfile.read_bytes`.

    Raises:
        ProblemsError: with all of its problems.
    """
    document = read(file, within)
    if document.data is None and not document.problems and empty is not None:
        return empty
    value, problems = validate(document, model)
    if problems or value is None:
        raise ProblemsError(problems)
    return value


# Messages for pydantic's types of errors.
_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}


def _translate(document: Document, item: ErrorDetails, model: type[Strict]) -> Problem:
    location, kind, value = item["loc"], item["type"], item["input"]
    place = _place(document, location)
    if kind == "extra_forbidden":
        known = known_keys(model, location[:-1])
        hint = Nearest(str(location[-1]), known, f"known keys: {', '.join(known)}")
        code = "XSB-FILE-UNKNOWN-KEY"
        return document.problem(place, "unknown key", hint, code=code, at_key=True)
    if kind == "missing":
        return document.problem((*place, location[-1]), "missing", code="XSB-FILE-MISSING-KEY")
    if kind in _EXPECTED:
        is_scalar = value is not None and not isinstance(value, dict | tuple)
        quotes = "put it in quotes" if kind == "string_type" and is_scalar else None
        message = f"expected {_EXPECTED[kind]}, not {_type_of(value)}"
        return document.problem(place, message, quotes, code="XSB-FILE-TYPE")
    if kind in ("enum", "literal_error"):
        words = re.findall(r"'([^']*)'", item["msg"])
        message = f"expected one of {', '.join(words)}"
        return document.problem(place, message, Nearest(str(value), words), code="XSB-FILE-VALUE")
    return document.problem(place, _value_error(item), code="XSB-FILE-VALUE")


def _value_error(item: ErrorDetails) -> str:
    limits = item.get("ctx", {})
    match item["type"]:
        case "greater_than_equal":
            return f"expected a number of at least {limits['ge']}"
        case "less_than":
            return f"expected a number less than {limits['lt']}"
        case "too_short":
            return f"expected a list or mapping with at least {limits['min_length']} entry"
        case "string_too_short":
            return f"expected at least {limits['min_length']} characters"
        case "string_pattern_mismatch":
            return f"expected text that matches {limits['pattern']}"
        case _:
            return item["msg"].removeprefix("Value error, ")


# Descriptions of a value of the wrong type; the first that fits.
_TYPES: tuple[tuple[type, str], ...] = (
    (dict, "a mapping"),
    (tuple, "a list"),
    (bool, "a truth value"),
    (int, "a number"),
    (float, "a number"),
    (datetime.date, "a date"),
    (str, "text"),
)


def _type_of(value: object) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "nothing")


def _place(document: Document, location: tuple[str | int, ...]) -> Place:
    # pydantic puts the names of union members into locations; the file does not contain them.
    place: Place = ()
    value = document.data
    for index, part in enumerate(location):
        inner = _inner(value, part)
        is_member = isinstance(part, str) and index < len(location) - 1
        if is_member and not isinstance(inner, dict | tuple):
            continue
        if (*place, part) in document.spans:
            place, value = (*place, part), inner
    return place


def _inner(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, tuple) and isinstance(part, int):
        return value[part]
    return None
