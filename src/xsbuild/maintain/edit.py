# SPDX-License-Identifier: Apache-2.0
"""Edit a YAML file in place, preserving comments and layout.

Each change is checked by reading the text again: exactly the intended value differs, or it is an
error.
"""

import datetime
import shutil
from collections.abc import Mapping

import yaml

from xsbuild.errors import InputError, ProblemsError
from xsbuild.host.files import replacing, sync
from xsbuild.yamlfile import Document, Place, Span, parse

Scalar = str | int | datetime.date
Item = Mapping[str, Scalar | list[str]]


def set_value(document: Document, place: Place, value: Scalar) -> Document:
    """Set a key of a mapping, replacing its value or appending the key.

    Args:
        document: has the mapping.
        place: the key's.
        value: one that is a single word or line.

    Raises:
        InputError: it cannot be done without disturbing something else.
    """
    text = _replaced(document, place, value) if place in document.spans else None
    return _checked(
        document,
        text if text is not None else _inserted(document, place, value),
        place,
        _with(document.data, place, value),
    )


def prepend(document: Document, place: Place, item: Item) -> Document:
    """Put a mapping before the others of a list.

    Raises:
        InputError: it cannot be done without disturbing something else.
    """
    start = document.spans[place].start
    flow = document.text[start] == "["
    if flow:
        empty = (*place, 0) not in document.spans
        new, at = _inline(dict(item)) + ("" if empty else ", "), start + 1
    else:
        margin = "\n" + " " * _column(document.text, start)
        lines = [f"{key}: {_inline(value)}" for key, value in item.items()]
        new, at = f"- {f'{margin}  '.join(lines)}{margin}", start
    text = document.text[:at] + new + document.text[at:]
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
    before = _at(document.data, place)
    assert isinstance(before, tuple)
    return _checked(document, text, place, _with(document.data, place, (plain, *before)))


def save(old: Document, new: Document) -> None:
    """Write a changed document over the one it was made of, all or nothing.

    Raises:
        InputError: the file is not as it was read.
    """
    file = old.file.resolve()
    if file.read_bytes() != old.text.encode():
        raise InputError(
            f"{file} was changed by another program; nothing was written",
            hint="run the command again; convert CR LF line ends to LF",
            code="XSB-FILE-CHANGED",
        )
    with replacing(file) as draft:
        draft.write_bytes(new.text.encode())
        sync(draft)
        shutil.copymode(file, draft)


def _replaced(document: Document, place: Place, value: Scalar) -> str:
    span, text = document.spans[place], document.text
    quote = text[span.start : span.start + 1]
    new = _inline(value, quote if quote in {"'", '"'} and isinstance(value, str) else None)
    if span.start == span.end:
        new = f" {new}"  # the key stands alone
    return text[: span.start] + new + text[_trimmed(text, span) :]


def _inserted(document: Document, place: Place, value: Scalar) -> str:
    *above, key = place
    text, start = document.text, document.spans[tuple(above)].start
    new = f"{key}: {_inline(value)}"
    ends = [_end(document, inner) for inner in _children(document, tuple(above))]
    if text[start] == "{":
        at = max(ends, default=start + 1)
        new = f", {new}" if ends else new
    else:
        last = text.find("\n", max(ends))
        at = last if last >= 0 else len(text)
        new = f"\n{' ' * _column(text, start)}{new}"
    return text[:at] + new + text[at:]


def _children(document: Document, place: Place) -> list[Place]:
    size = len(place)
    return [inner for inner in document.spans if len(inner) == size + 1 and inner[:size] == place]


def _end(document: Document, place: Place) -> int:
    """Return the end of a value's text, before the trailing comments and blank lines."""
    span = document.spans[place]
    inner = _children(document, place)
    if inner and document.text[span.start] not in "[{":
        return max(_end(document, child) for child in inner)
    return _trimmed(document.text, span)


def _trimmed(text: str, span: Span) -> int:
    return span.start + len(text[span.start : span.end].rstrip())


def _column(text: str, index: int) -> int:
    return index - text.rfind("\n", 0, index) - 1


def _inline(value: object, quote: str | None = None) -> str:
    """Write a value so that it may stand anywhere, as in ``{key: value}``."""
    text: str = yaml.safe_dump(
        [value],
        default_flow_style=True,
        default_style=quote,
        allow_unicode=True,
        sort_keys=False,
        width=1 << 30,
    )
    return text.rstrip("\n")[1:-1]


def _at(data: object, place: Place) -> object:
    for part in place:
        assert isinstance(data, dict | tuple)
        data = data[part]  # type: ignore[index]
    return data


def _with(data: object, place: Place, value: object) -> object:
    if not place:
        return value
    first, *rest = place
    if isinstance(data, tuple):
        assert isinstance(first, int)
        changed = _with(data[first], tuple(rest), value)
        return (*data[:first], changed, *data[first + 1 :])
    assert isinstance(data, dict)
    return {**data, first: _with(data.get(first), tuple(rest), value)}


def _checked(document: Document, text: str, place: Place, expected: object) -> Document:
    try:
        new = parse(document.file, text)
    except ProblemsError:
        new = Document(document.file, text)
    # By their text, as 1, 1.0 and True are equal.
    if repr(new.data) != repr(expected) or len(new.problems) != len(document.problems):
        message = "cannot be changed without changing its surroundings"
        hint = "change it by hand"
        raise ProblemsError([document.problem(place, message, hint, code="XSB-FILE-EDIT")])
    return new
