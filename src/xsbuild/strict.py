# SPDX-License-Identifier: Apache-2.0
"""Models of what people write: no unknown keys, no guessed types, errors in words."""

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Strict(BaseModel):
    """Base of everything read from a file a person wrote: no unknown keys, no guessed types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        defer_build=True,  # most are only parts of another model, which builds them again
    )


class Documented(Strict):
    """One whose attributes are described by docstrings, which takes long to find out."""

    model_config = ConfigDict(use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Like:
    """Says what a text must look like, in words: ``Annotated[str, Like(r"[a-z]+", "a word")]``.

    Attributes:
        pattern: a regular expression for all of the text.
        expected: what it is called in an error.
        kind: what it is called in the JSON Schema and the reference; "" for plain text.
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
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$", **kind}
