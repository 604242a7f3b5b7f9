# SPDX-License-Identifier: Apache-2.0
"""Read one YAML document in one pass over libyaml's events: its data, and where all of it stands.

Stricter than YAML: no tags, aliases, duplicate keys, keys that are not scalars, second document or
deep nesting. PyYAML's pure parser has the same interface and is used where libyaml is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

MAX_DEPTH = 50

Place = tuple[str | int, ...]

_STR = "tag:yaml.org,2002:str"
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Span(NamedTuple):
    """Position of a text: 1-based line, 0-based column, start and end offset.

    The end of a block is the start of what follows it, as YAML has it.
    """

    line: int
    column: int
    start: int
    end: int


class Rejected(NamedTuple):
    """A part of the text that is rejected.

    Attributes:
        code: the error's code.
        place: its place in the data.
        span: its position in the text; None if unknown.
        message: the problem.
        hint: the remedy.
    """

    code: str
    place: Place
    span: Span | None
    message: str
    hint: str | None = None


class RejectedError(Exception):
    """The rest of the text cannot be read.

    Attributes:
        reason: the rejected part.
    """

    def __init__(self, reason: Rejected) -> None:
        super().__init__(reason.message)
        self.reason = reason


@dataclass(slots=True)
class Content:
    """Content of a YAML text.

    Attributes:
        data: dicts, tuples and scalars.
        values: the span of each value, by the keys and indexes that lead to it.
        keys: the span of each key of a mapping, by the place of its value.
        rejected: parts omitted from the data.
    """

    data: object = None
    values: dict[Place, Span] = field(default_factory=dict)
    keys: dict[Place, Span] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


def read_text(text: str) -> Content:
    """Read the one document of a text; an empty one has no data.

    Raises:
        RejectedError: it is not YAML, has a tag or a second document, or is nested too deeply.
    """
    try:
        reader = _Reader(_Loader(text))
        try:
            reader.read()
        finally:
            reader.loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(mark.line + 1, mark.column, mark.index, mark.index) if mark else None
        raise _not_yaml(str(error.problem), span) from error
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
        span = Span(line, column, len(before), len(before) + 1)
        raise _not_yaml(error.reason, span) from error
    except yaml.YAMLError as error:
        raise _not_yaml(str(error), None) from error
    return reader.content


def _not_yaml(problem: str, span: Span | None) -> RejectedError:
    hint = "check indentation and quotes"
    return RejectedError(Rejected("XSB-FILE-SYNTAX", (), span, f"invalid YAML: {problem}", hint))


def _span(first: yaml.Event, last: yaml.Event) -> Span:
    start, end = first.start_mark, last.end_mark
    assert start is not None
    assert end is not None
    return Span(start.line + 1, start.column, start.index, end.index)


class _Reader:
    """A reader that makes values of events."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.loader = loader
        self.content = Content()
        # PyYAML's stubs do not type these.
        self._next: Callable[[], yaml.Event] = loader.get_event
        self._resolve: Callable[[type[yaml.Node], str, tuple[bool, bool]], str] = loader.resolve
        self._scalars: dict[str, object] = {}

    def read(self) -> None:
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return
        self.content.data = self._value(self._next(), (), 0)
        self._next()  # the end of the document
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise RejectedError(_unsupported(event, (), "a second document; a file holds only one"))

    def _value(self, event: yaml.Event, place: Place, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            self.content.values[place] = _span(event, event)
            self.content.rejected.append(_unsupported(event, place, _ALIAS))
            return None
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        _refuse_tag(event, place)
        if isinstance(event, yaml.ScalarEvent):
            self.content.values[place] = _span(event, event)
            return self._scalar(event, place)
        # Each level is a recursive call.
        if depth >= MAX_DEPTH:
            raise RejectedError(
                _unsupported(event, place, f"nested more than {MAX_DEPTH} levels deep")
            )
        self.content.values[place] = _span(event, event)  # before those inside it
        read = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence
        value, end = read(place, depth + 1)
        self.content.values[place] = _span(event, end)
        return value

    def _mapping(self, place: Place, depth: int) -> tuple[dict[str, object], yaml.Event]:
        found: dict[str, object] = {}
        keys, get_event = self.content.keys, self._next
        while not isinstance(event := get_event(), yaml.MappingEndEvent):
            if isinstance(event, yaml.ScalarEvent):
                _refuse_tag(event, place)
                inner, span = (*place, event.value), _span(event, event)
                if event.value not in found:
                    keys[inner] = span
                    found[event.value] = self._value(get_event(), inner, depth)
                    continue
                message = f"duplicate key; first on line {keys[inner].line}"
                wrong = Rejected("XSB-FILE-DUPLICATE-KEY", inner, span, message)
            else:
                is_alias = isinstance(event, yaml.AliasEvent)
                wrong = _unsupported(event, place, _ALIAS if is_alias else "expected text as key")
            self.content.rejected.append(wrong)
            self._skip(event)
            self._skip(get_event())
        return found, event

    def _sequence(self, place: Place, depth: int) -> tuple[tuple[object, ...], yaml.Event]:
        found: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event, (*place, len(found)), depth))
        return tuple(found), event

    def _skip(self, event: yaml.Event) -> None:
        """Skip the rest of a value whose first event was read."""
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if not depth:
                return
            event = self._next()

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> object:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text not in self._scalars:
            try:
                tag = self._resolve(yaml.ScalarNode, text, (True, False))
                node = yaml.ScalarNode(tag, text)
                self._scalars[text] = text if tag == _STR else self.loader.construct_object(node)
            except (ValueError, yaml.constructor.ConstructorError):
                # As 2026-02-30, or a single `=`, which has a meaning in YAML.
                message, hint = "not a valid date, number or word", "put text in quotes"
                span = self.content.values[place]
                wrong = Rejected("XSB-FILE-VALUE", place, span, message, hint)
                self.content.rejected.append(wrong)
                return None
        return self._scalars[text]


_ALIAS = "aliases are not supported; write the value out"


def _refuse_tag(event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
    if event.tag is not None:
        message = f"tags are not supported: {event.tag}"
        raise RejectedError(_unsupported(event, place, message))


def _unsupported(event: yaml.Event, place: Place, message: str) -> Rejected:
    span = _span(event, event)
    return Rejected("XSB-FILE-YAML-FEATURE", place, span, message)
