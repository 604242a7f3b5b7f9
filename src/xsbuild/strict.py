# SPDX-License-Identifier: Apache-2.0
"""Strict models of input files: no unknown keys, no guessed types, readable errors."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Strict(BaseModel):
    """Base of models of input files: no unknown keys, no guessed types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        defer_build=True,  # most are only parts of another model, which builds them again
    )


class Documented(Strict):
    """A strict model that reads descriptions of attributes from docstrings, which is slow."""

    model_config = ConfigDict(use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Like:
    """Constraint on a text, with a description: ``Annotated[str, Like(r"[a-z]+", "a word")]``.

    Attributes:
        pattern: a regular expression for the whole text.
        expected: its description in errors.
        kind: its name in the JSON Schema and the reference; "" for plain text.
    """

    pattern: str
    expected: str
    kind: str = ""

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        matches = re.compile(self.pattern).fullmatch

        def check(text: str) -> str:
            if matches(text) is None:
                raise ValueError(f"expected {self.expected}, not {text!r}")
            return text

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        kind = {"format": self.kind} if self.kind else {}
        base = handler(schema)
        both = f"(?={base['pattern']})" if "pattern" in base else ""
        return {**base, "pattern": f"^{both}(?:{self.pattern})$", **kind}


@cache
def known_keys(model: type[Strict], location: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the known keys of the mapping at a location, sorted."""
    schema = _schema(model)
    nodes = [schema]
    for part in location:
        nodes = [inner for node in _options(schema, nodes) for inner in _inside(node, part)]
    keys = {key for node in _options(schema, nodes) for key in node.get("properties", ())}
    return tuple(sorted(keys))


@cache
def _schema(model: type[Strict]) -> JsonSchemaValue:
    return model.model_json_schema()


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


Duration = Annotated[str, Like(r"[1-9][0-9]{0,6} (s|min|h|d)", "a time such as 90 min", "time")]
Size = Annotated[str, Like(r"[1-9][0-9]{0,6} [KMG]iB", "a size such as 8 GiB", "size")]
_UNITS = {
    "s": 1, "min": 60, "h": 3600, "d": 24 * 3600, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}  # fmt: skip


def amount_of(text: str) -> int:
    """Return a `Duration` in seconds, or a `Size` in bytes."""
    number, unit = text.split()
    return int(number) * _UNITS[unit]
