# SPDX-License-Identifier: Apache-2.0
"""Read opam files as far as vendoring needs them: depends, url, checksum.

No library on PyPI reads them. Source: opam's manual, "File formats", on the general syntax, on
package formulas and on filters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from xsbuild.errors import Problem, ProblemsError

_TOKEN = re.compile(
    r'(?P<space>\s+|#[^\n]*|\(\*.*?\*\))|(?P<long>"""(?:\\.|[^\\])*?""")|(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<operator>!=|<=|>=|[=<>~!?&|])|(?P<mark>[\[\](){}:])|(?P<word>[\w+-]+(?::[\w+-]+)*)",
    re.DOTALL,
)
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "~"})


@dataclass(frozen=True, slots=True)
class Word:
    """A variable, true, false or a number."""

    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operator with its operands; a comparison may have but a right one."""

    sign: str
    operands: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A value with filters or a version formula in braces."""

    value: "Value"
    filters: tuple["Value", ...]


Value: TypeAlias = "str | Word | Op | Option | tuple[Value, ...]"


@dataclass(slots=True)
class OpamFile:
    """An opam file.

    Attributes:
        file: for errors.
        fields: name → value; a section's are ``section.name``.
        lines: name → 1-based line.
    """

    file: Path
    fields: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is a text or a list of texts; empty where it is left out.

        Raises:
            ProblemsError: it is something else.
        """
        value = self.fields.get(name, ())
        items = value if isinstance(value, tuple) else (value,)
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items):
            raise self.wrong(name, "expected texts")
        return texts

    def formula(self, name: str) -> tuple[Value, ...]:
        """Return a field that is a list; empty where it is left out."""
        value = self.fields.get(name, ())
        return value if isinstance(value, tuple) else (value,)

    def wrong(self, name: str, message: str) -> ProblemsError:
        """Return an error about a field."""
        return ProblemsError(
            [Problem(self.file, self.lines.get(name), name, message, "XSB-VENDOR-OPAM")]
        )


def parse_opam(file: Path, text: str) -> OpamFile:
    """Parse the content of an opam file.

    Args:
        file: for errors.
        text: its content.

    Raises:
        ProblemsError: it is none, with the line.
    """
    try:
        return _Parser(file, list(_tokens(file, text))).whole()
    except RecursionError:
        problem = Problem(file, None, "", "it is nested too deep", "XSB-VENDOR-OPAM")
        raise ProblemsError([problem]) from None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def _tokens(file: Path, text: str) -> Iterator[_Token]:
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            message = f"cannot be read: {text[position : position + 20].splitlines()[0]!r}"
            raise ProblemsError([Problem(file, line, "", message, "XSB-VENDOR-OPAM")])
        if match.lastgroup != "space":
            yield _Token(match.lastgroup, match[0], line)
        line += match[0].count("\n")
        position = match.end()
    yield _Token("end", "the end of the file", line)


@dataclass(slots=True)
class _Parser:
    file: Path
    tokens: list[_Token]
    next: int = 0

    def whole(self) -> OpamFile:
        found = OpamFile(self.file)
        self._fields(found, "", "end")
        return found

    def _fields(self, found: OpamFile, prefix: str, end: str) -> None:
        while not self._is(end):
            name = self._expect("word")
            key = prefix + name.text
            if self._is(":"):
                self._take()
                found.fields[key], found.lines[key] = self._value(), name.line
                continue
            if self.tokens[self.next].kind == "text":
                self._take()
            self._expect("{")
            self._fields(found, f"{key}.", "}")
            self._take()

    def _value(self) -> Value:
        left = self._conjunction()
        while self._is("|"):
            self._take()
            left = Op("|", (left, self._conjunction()))
        return left

    def _conjunction(self) -> Value:
        left = self._comparison()
        while self._is("&"):
            self._take()
            left = Op("&", (left, self._comparison()))
        return left

    def _comparison(self) -> Value:
        token = self.tokens[self.next]
        if token.text in {"!", "?"}:
            return Op(self._take().text, (self._comparison(),))
        if token.kind == "operator" and token.text in _COMPARISONS:
            return Op(self._take().text, (self._atom(),))
        left = self._atom()
        token = self.tokens[self.next]
        if token.kind == "operator" and token.text in _COMPARISONS:
            return Op(self._take().text, (left, self._atom()))
        return left

    def _atom(self) -> Value:
        token = self._take()
        value: Value
        if token.kind in {"text", "long"}:
            quotes = 3 if token.kind == "long" else 1
            value = re.sub(r"\\(.)", r"\1", token.text[quotes:-quotes], flags=re.DOTALL)
        elif token.kind == "word":
            value = Word(token.text)
        elif token.text == "[":
            value = tuple(self._until("]"))
        elif token.text == "(":
            value = self._value()
            self._expect(")")
        else:
            raise self._unexpected(token, "a value")
        if self._is("{"):
            self._take()
            value = Option(value, tuple(self._until("}")))
        return value

    def _until(self, end: str) -> Iterator[Value]:
        while not self._is(end):
            yield self._value()
        self._take()

    def _is(self, what: str) -> bool:
        token = self.tokens[self.next]
        return what in (token.kind, token.text) and token.kind not in {"text", "long"}

    def _take(self) -> _Token:
        token = self.tokens[self.next]
        if token.kind == "end":
            raise self._unexpected(token, "more")
        self.next += 1
        return token

    def _expect(self, what: str) -> _Token:
        if not self._is(what):
            raise self._unexpected(self.tokens[self.next], what)
        return self._take()

    def _unexpected(self, token: _Token, expected: str) -> ProblemsError:
        names = {"word": "the name of a field"}
        message = f"expected {names.get(expected, expected)}, not {token.text}"
        return ProblemsError([Problem(self.file, token.line, "", message, "XSB-VENDOR-OPAM")])
