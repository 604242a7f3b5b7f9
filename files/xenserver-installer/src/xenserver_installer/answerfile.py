# SPDX-License-Identifier: Apache-2.0
"""Reads answer files; each problem has its line and key."""

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xenserver_installer.answers import Answers

Place = tuple[str | int, ...]
MAX_SIZE = 1 << 20
_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}


@dataclass(frozen=True)
class Problem:
    """A problem of an answer file.

    Attributes:
        line: 1-based.
        key: dotted path of the value; "" for the whole file.
        message: the problem, without a full stop.
    """

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: " + (f"{self.key}: " if self.key else "") + self.message


class AnswersError(Exception):
    """An answer file is wrong.

    Attributes:
        problems: all of its problems, by line.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def read_answers(text: str) -> Answers:
    """Read the text of an answer file.

    Raises:
        AnswersError: with all problems.
    """
    reader = _Reader()
    try:
        if len(text) > MAX_SIZE:
            raise AnswersError([Problem(1, "", "larger than 1 MiB")])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = reader.value(node) if node else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"invalid YAML: {error.problem}".replace(": but found", ": found")
        raise AnswersError([Problem(mark.line + 1 if mark else 1, "", reason)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise AnswersError([Problem(1, "", "not a YAML file")]) from error
    try:
        answers = Answers.model_validate(data)
    except ValidationError as error:
        raise AnswersError([*reader.problems, *_translated(error, reader.lines)]) from error
    if reader.problems:
        raise AnswersError(reader.problems)
    return answers


@dataclass
class _Reader:
    """Makes plain data of YAML nodes, and notes the line of each value."""

    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: yaml.Node, place: Place = ()) -> object:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return tuple(
                self.value(item, (*place, number)) for number, item in enumerate(node.value)
            )
        try:
            return yaml.SafeLoader("").construct_object(node)
        except ValueError:  # as 2026-02-30
            return node.value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(line, _dotted(place), "expected text as key"))
                continue
            inner = (*place, key.value)
            if key.value in found:
                self.problems.append(Problem(line, _dotted(inner), "duplicate key"))
            self.lines[inner] = line
            found[key.value] = self.value(value, inner)
        return found


def _translated(error: ValidationError, lines: Mapping[Place, int]) -> Iterator[Problem]:
    """Return one problem for each place: of the alternatives of a union only the nearest."""
    found: dict[Place, ErrorDetails] = {}
    for item in sorted(error.errors(), key=_is_vague):
        found.setdefault(_known(item["loc"], lines), item)
    for place, item in found.items():
        # a mapping where a word is possible as well is judged as a mapping
        is_inside = any(other != place == other[: len(place)] for other in found)
        if not (item["type"] in ("literal_error", "string_type") and is_inside):
            yield Problem(lines[place], _dotted(place), _message(item))


def _is_vague(item: ErrorDetails) -> bool:
    """Return whether another problem of the same value says more, as one of a mapping's keys."""
    is_mapping = isinstance(item["input"], dict)
    return item["type"] in _EXPECTED or (item["type"] == "literal_error" and is_mapping)


def _known(location: tuple[int | str, ...], lines: Mapping[Place, int]) -> Place:
    """Return the place in the file; pydantic also names the members of unions."""
    place: Place = ()
    for part in location:
        if (*place, part) in lines:
            place = (*place, part)
    return place


def _message(item: ErrorDetails) -> str:
    kind, given = item["type"], item["input"]
    if kind == "missing":
        return f"`{item['loc'][-1]}` is missing"
    if kind == "extra_forbidden":
        known = _keys_at(item["loc"][:-1])
        close = get_close_matches(str(item["loc"][-1]), known, n=1)
        return "unknown key; " + (
            f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
        )
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, not {_shown(given)}"
    if kind == "value_error":
        return str(item["ctx"]["error"])
    if kind == "literal_error":
        expected = item["ctx"]["expected"]
    elif kind == "less_than_equal":
        expected = f"at most {item['ctx']['le']}"
    else:
        expected = f"at least {item['ctx']['ge']}"
    return f"expected {expected}, not {_shown(given)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, tuple) else reprlib.repr(value)


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """Return the known keys of the mapping at a location of pydantic."""
    # a member of a union is named by its model, as function-after[check(), StaticIpv4]
    words = re.findall(r"[\w-]+", str(location[-1])) if location else [""]
    model = _models(Answers, "")[words[-1]]
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _models(model: type[BaseModel], key: str) -> dict[str, type[BaseModel]]:
    """Return a model and those within it, by key and, for members of unions, by name."""
    found = {key: model, model.__name__: model}
    for name, info in model.model_fields.items():
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= _models(kind, info.alias or name)
    return found


def _dotted(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
