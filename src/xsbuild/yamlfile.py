# SPDX-License-Identifier: Apache-2.0
"""YAML files that people write: read strictly, with the line of every value kept for errors."""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import ErrorDetails

from xsbuild.errors import InputError, Problem, ProblemsError
from xsbuild.strict import Strict
from xsbuild.yamlquick import NotPlainError, plain_data

MAX_DEPTH = 50

Place = tuple[str | int, ...]
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        data: its content as dicts, tuples and scalars.
        problems: what YAML itself lets pass and we do not: duplicate keys, aliases.
    """

    file: Path
    text: str
    data: object = None
    problems: list[Problem] = field(default_factory=list)
    _spans: dict[Place, Span] | None = None

    @property
    def spans(self) -> dict[Place, Span]:
        """The value at each place, a place being the keys and indexes that lead to it."""
        if self._spans is None:
            # Most files are read without a word on any place in them.
            self._spans = with_places(self.file, self.text).spans
        return self._spans

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


def nearest(word: str, known: Iterable[str]) -> str | None:
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
    try:
        return Document(file, text, plain_data(text, _Loader, MAX_DEPTH))
    except NotPlainError:
        return with_places(file, text)


def with_places(file: Path, text: str) -> Document:
    """As `parse`, with the place of everything found at once; says what only places can show.

    Raises:
        ProblemsError: it is not YAML.
    """
    document = Document(file, text, _spans={})
    loader = _Loader(text)
    try:
        _check_events(file, text)
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


def _check_events(file: Path, text: str) -> None:
    """Refuses what PyYAML would stumble over while it makes values of the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise ProblemsError([Problem(file, line, "", f"a tag, {tag}; write the value plainly")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        # libyaml's composer recurses in C: text nested deeply enough would end the process.
        if depth > MAX_DEPTH:
            raise ProblemsError([Problem(file, line, "", f"nested more than {MAX_DEPTH} deep")])


def _plain(
    loader: yaml.SafeLoader, node: yaml.Node, place: Place, document: Document, seen: set[int]
) -> object:
    if id(node) in seen:
        # An alias is the node it stands for; where it stands itself is not known here.
        document.problems.append(document.problem(place, "an alias; write the value out"))
        return None
    seen.add(id(node))
    start, end = node.start_mark, node.end_mark
    line = document.spans[place].line if place in document.spans else start.line + 1
    document.spans[place] = Span(line, start.index, end.index)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, place, document, seen)
    if isinstance(node, yaml.SequenceNode):
        return tuple(
            _plain(loader, item, (*place, index), document, seen)
            for index, item in enumerate(node.value)
        )
    try:
        value: object = loader.construct_object(node)
    except ValueError as error:  # a date or a number that looks like one and is none
        problem = document.problem(place, f"cannot be read: {error}", "put text in quotes")
        document.problems.append(problem)
        return None
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
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problem = Problem(document.file, line, dotted(place), "expected a word as key")
            document.problems.append(problem)
            continue
        key = str(key_node.value)
        inner = (*place, key)
        if key in result:
            first = document.spans[inner].line
            document.problems.append(
                Problem(document.file, line, dotted(inner), f"duplicate; first on line {first}")
            )
            continue
        # The line of a value is that of its key.
        document.spans[inner] = Span(line, value_node.start_mark.index, value_node.end_mark.index)
        result[key] = _plain(loader, value_node, inner, document, seen)
    return result


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Makes a typed model of a document; lists every problem where that fails."""
    problems = list(document.problems)
    try:
        return model.model_validate(document.data), problems
    except ValidationError as error:
        # A value that could not be read was replaced by nothing, which is no problem of its own.
        known = {problem.key for problem in problems}
        translated = [_translate(document, item, model) for item in error.errors()]
        return None, problems + [item for item in translated if item.key not in known]


def load(file: Path, model: type[Model]) -> Model:
    """Reads a YAML file as a typed model.

    Raises:
        ProblemsError: with all of its problems.
    """
    value, problems = validate(read(file), model)
    if problems or value is None:
        raise ProblemsError(problems)
    return value


# What pydantic's types of errors are called here.
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
        known = sorted(_known_keys(model.model_json_schema(), location[:-1]))
        word = str(location[-1])
        near = nearest(word, known) or f"known here: {', '.join(known)}"
        return document.problem(place, "unknown key", near)
    if kind == "missing":
        return document.problem((*place, location[-1]), "missing")
    if kind in _EXPECTED:
        is_scalar = value is not None and not isinstance(value, dict | tuple)
        hint = "put it in quotes" if kind == "string_type" and is_scalar else None
        message = f"expected {_EXPECTED[kind]}, not {_described(value)}"
        return document.problem(place, message, hint)
    if kind in ("enum", "literal_error"):
        known = re.findall(r"'([^']*)'", item["msg"])
        message = f"expected one of {', '.join(known)}, not {_described(value)}"
        return document.problem(place, message, nearest(str(value), known))
    message = item["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return document.problem(place, message)


def _described(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    return "nothing" if value is None else str(value)


def _place(document: Document, location: tuple[str | int, ...]) -> Place:
    # pydantic puts the names of union members into locations; the file does not have those.
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


def _known_keys(schema: JsonSchemaValue, location: tuple[str | int, ...]) -> set[str]:
    """The keys that a JSON Schema knows for the mapping at a location."""
    nodes = [schema]
    for part in location:
        nodes = [inner for node in _options(schema, nodes) for inner in _inside(node, part)]
    return {key for node in _options(schema, nodes) for key in node.get("properties", ())}


def _options(
    schema: JsonSchemaValue, nodes: Iterable[JsonSchemaValue]
) -> Iterator[JsonSchemaValue]:
    for item in nodes:
        node = schema["$defs"][item["$ref"].rpartition("/")[2]] if "$ref" in item else item
        inner = [*node.get("anyOf", ()), *node.get("oneOf", ())]
        yield from _options(schema, inner) if inner else (node,)


def _inside(node: JsonSchemaValue, part: str | int) -> Iterator[JsonSchemaValue]:
    properties, others = node.get("properties", {}), node.get("additionalProperties")
    others = next(iter(node.get("patternProperties", {}).values()), others)
    if isinstance(part, int):
        yield from (node["items"],) if "items" in node else ()
    elif part in properties:
        # Nothing is inside a text: then this names a member of a union, by a key of it.
        yield node if properties[part].get("type") == "string" else properties[part]
    elif isinstance(others, dict):
        yield others
