# SPDX-License-Identifier: Apache-2.0
"""YAML files that people write: read strictly, with the line of every value kept for errors."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from xsbuild.errors import InputError, Problem, ProblemsError

Place = tuple[str | int, ...]
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Strict(BaseModel):
    """Base of everything read from a file a person wrote: no unknown keys, no guessed types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        use_attribute_docstrings=True,
        regex_engine="python-re",  # for lookahead
    )


Model = TypeVar("Model", bound=Strict)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands in its file: 1-based line, character offsets of its text."""

    line: int
    start: int
    end: int


@dataclass(slots=True)
class Document:
    """A YAML file as plain data, with the place of every key and value.

    Attributes:
        file: the file.
        text: its content.
        data: its content as dicts, lists and scalars.
        spans: the value at each place, a place being the keys and indexes that lead to it.
        problems: what YAML itself lets pass and we do not: duplicate keys, aliases.
    """

    file: Path
    text: str
    data: object = None
    spans: dict[Place, Span] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, message: str, hint: str | None = None) -> Problem:
        """A problem at a place, or at the nearest place around it that the file has."""
        known = place
        while known and known not in self.spans:
            known = known[:-1]
        span = self.spans.get(known)
        return Problem(self.file, span.line if span else None, dotted(place), message, hint)


def dotted(place: Place) -> str:
    """Writes a place as people do: ``components.xha.sources[0].git``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def nearest(word: str, known: Iterator[str] | Mapping[str, object] | list[str]) -> str | None:
    """A hint that names the known word nearest to one that is not known."""
    close = get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else None


def read(file: Path) -> Document:
    """Reads a YAML file.

    Raises:
        InputError: it cannot be read.
        ProblemsError: it is not YAML.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from error
    return parse(file, text)


def parse(file: Path, text: str) -> Document:
    """Parses text that is, or is to be, the content of a YAML file.

    Raises:
        ProblemsError: it is not YAML.
    """
    document = Document(file, text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        seen: set[int] = set()
        document.data = _plain(loader, node, (), document, seen) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        raise ProblemsError(
            [Problem(file, line, "", f"not YAML: {error.problem}", "check indentation and quotes")]
        ) from error
    except yaml.YAMLError as error:
        raise ProblemsError([Problem(file, None, "", f"not YAML: {error}")]) from error
    finally:
        loader.dispose()
    return document


def _plain(
    loader: yaml.SafeLoader, node: yaml.Node, place: Place, document: Document, seen: set[int]
) -> object:
    start, end = node.start_mark, node.end_mark
    document.spans[place] = Span(start.line + 1, start.index, end.index)
    if id(node) in seen:
        document.problems.append(document.problem(place, "an alias; write the value out"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, place, document, seen)
    if isinstance(node, yaml.SequenceNode):
        return tuple(
            _plain(loader, item, (*place, index), document, seen)
            for index, item in enumerate(node.value)
        )
    value: object = loader.construct_object(node)
    return value


def _mapping(
    loader: yaml.SafeLoader,
    node: yaml.MappingNode,
    place: Place,
    document: Document,
    seen: set[int],
) -> dict[Hashable, object]:
    result: dict[Hashable, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
        inner = (*place, key)
        if key in result:
            line = key_node.start_mark.line + 1
            first = document.spans[inner].line
            document.problems.append(
                Problem(document.file, line, dotted(inner), f"duplicate; first on line {first}")
            )
            continue
        result[key] = _plain(loader, value_node, inner, document, seen)
        mark = key_node.start_mark
        span = document.spans[inner]
        document.spans[inner] = Span(mark.line + 1, span.start, span.end)
    return result


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Makes a typed model of a document; lists every problem where that fails."""
    problems = list(document.problems)
    try:
        return model.model_validate(document.data), problems
    except ValidationError as error:
        words = _Vocabulary(model)
        problems += [_translate(document, item, words) for item in error.errors()]
        return None, problems


def load(file: Path, model: type[Model]) -> Model:
    """Reads a YAML file as a typed model.

    Raises:
        ProblemsError: with all of its problems.
    """
    value, problems = validate(read(file), model)
    if problems or value is None:
        raise ProblemsError(problems)
    return value


class _Vocabulary:
    """The keys each kind of mapping knows, to find the nearest to an unknown one."""

    def __init__(self, model: type[Strict]) -> None:
        schema = model.model_json_schema()
        kinds = [schema, *schema.get("$defs", {}).values()]
        self._kinds = [set(kind.get("properties", ())) for kind in kinds]

    def nearest(self, word: str, siblings: set[str]) -> str | None:
        known = max(self._kinds, key=lambda kind: len(kind & siblings) - len(siblings - kind) / 100)
        return nearest(word, sorted(known)) or f"known here: {', '.join(sorted(known))}"


def _translate(document: Document, item: ErrorDetails, words: _Vocabulary) -> Problem:
    place = _place(document, item["loc"])
    kind = item["type"]
    if kind == "extra_forbidden":
        hint = words.nearest(str(place[-1]), _siblings(document, place))
        return document.problem(place, "unknown key", hint)
    if kind == "missing":
        return document.problem((*place, item["loc"][-1]), "missing")
    if kind == "string_type" and isinstance(item["input"], int | float):
        return document.problem(place, f"expected text, not {item['input']}", "put it in quotes")
    message = item["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return document.problem(place, message)


def _place(document: Document, location: tuple[str | int, ...]) -> Place:
    # pydantic puts the names of union members into locations; the file does not have those.
    place: Place = ()
    for part in location:
        if (*place, part) in document.spans:
            place = (*place, part)
    return place


def _siblings(document: Document, place: Place) -> set[str]:
    value: object = document.data
    for part in place[:-1]:
        if isinstance(value, dict) or (isinstance(value, tuple) and isinstance(part, int)):
            value = value[part]
    return {str(key) for key in value} - {str(place[-1])} if isinstance(value, dict) else set()
