# SPDX-License-Identifier: Apache-2.0
"""The data of a plain YAML text, five times as fast as with the places of everything in it."""

from collections.abc import Callable

import yaml

_STR = "tag:yaml.org,2002:str"


class NotPlainError(Exception):
    """The text has something that only a reader who knows places can judge."""


def plain_data(text: str, loader_class: type[yaml.SafeLoader], max_depth: int) -> object:
    """Reads the one document of a text: dicts, tuples and scalars.

    Raises:
        NotPlainError: it has tags, anchors, aliases, duplicate keys, keys that are no words, values
            that cannot be read, several documents or deep nesting, or is not YAML.
    """
    try:
        return _Reader(loader_class(text), max_depth).read()
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlainError from error


class _Reader:
    """Makes values of libyaml's events."""

    def __init__(self, loader: yaml.SafeLoader, max_depth: int) -> None:
        self._loader = loader
        # PyYAML's types say nothing of what these take and give.
        self._next: Callable[[], yaml.Event] = loader.get_event
        self._resolve: Callable[[type[yaml.Node], str, tuple[bool, bool]], str] = loader.resolve
        self._max_depth = max_depth
        self._scalars: dict[str, object] = {}

    def read(self) -> object:
        loader = self._loader
        try:
            self._next()  # of the stream
            if not loader.check_event(yaml.DocumentStartEvent):
                return None
            self._next()
            value = self._value(self._next(), 0)
            self._next()
            if not loader.check_event(yaml.StreamEndEvent):
                raise NotPlainError
            return value
        finally:
            loader.dispose()

    def _value(self, event: yaml.Event, depth: int) -> object:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if not isinstance(event, yaml.CollectionStartEvent) or depth >= self._max_depth:
            raise NotPlainError
        if event.tag is not None or event.anchor is not None:
            raise NotPlainError
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth + 1)
        return self._sequence(depth + 1)

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        get_event = self._next
        while True:
            key = get_event()
            if not isinstance(key, yaml.ScalarEvent):
                if isinstance(key, yaml.MappingEndEvent):
                    return found
                raise NotPlainError
            if key.tag is not None or key.anchor is not None or key.value in found:
                raise NotPlainError
            found[key.value] = self._value(get_event(), depth)

    def _sequence(self, depth: int) -> tuple[object, ...]:
        found = []
        get_event = self._next
        while not isinstance(event := get_event(), yaml.SequenceEndEvent):
            found.append(self._value(event, depth))
        return tuple(found)

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        if event.tag is not None or event.anchor is not None:
            raise NotPlainError
        text = event.value
        if not event.implicit[0]:
            return text
        if text not in self._scalars:
            tag = self._resolve(yaml.ScalarNode, text, (True, False))
            node = yaml.ScalarNode(tag, text)
            self._scalars[text] = text if tag == _STR else self._loader.construct_object(node)
        return self._scalars[text]
