# SPDX-License-Identifier: Apache-2.0
"""YAML that people write: what is read, where it stands, and what is refused."""

import datetime
import re
from pathlib import Path
from typing import Annotated

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field

from xsbuild.errors import InputError, ProblemsError, XsbuildError
from xsbuild.manifest.model import Manifest
from xsbuild.strict import Like, Strict
from xsbuild.yamlfile import (
    dotted,
    load,
    nearest,
    parse,
    read,
    validate,
)

FILE = Path("some.yaml")


class Colour(Strict):
    """A colour."""

    name: Annotated[str, Like(r"[a-z]+", "a word")]
    shades: tuple[str, ...] = ()
    is_dark: bool = False


class Palette(Strict):
    """Colours."""

    title: str
    count: Annotated[int, Field(ge=1)] = 1
    colours: dict[str, Colour] = {}


def messages(text: str) -> list[str]:
    _, problems = validate(parse(FILE, text), Palette)
    return [
        f"{item.line}: {item.key}: {item.message}" + (f" ({item.hint})" if item.hint else "")
        for item in problems
    ]


def test_reads_plain_data() -> None:
    document = parse(FILE, "a: [1, x, {b: 2026-11-22}]\non: yes\nc:\n")
    assert document.data == {
        "a": (1, "x", {"b": datetime.date(2026, 11, 22)}),
        "on": True,
        "c": None,
    }
    assert not document.problems


@pytest.mark.parametrize(
    ("place", "line", "text"),
    [
        (("title",), 1, '"Grün & más"'),
        (("colours",), 3, "red: {name: red, shades: [röt, 'b c']}\n  blue:\n    name: blue\n"),
        (("colours", "red", "shades", 1), 3, "'b c'"),
        (("colours", "blue"), 5, "name: blue\n"),
        (("colours", "blue", "name"), 5, "blue"),
    ],
)
def test_knows_where_values_stand(place: tuple[str | int, ...], line: int, text: str) -> None:
    source = (
        'title: "Grün & más"\n'
        "colours:\n"
        "  red: {name: red, shades: [röt, 'b c']}\n"
        "  blue:\n"
        "    name: blue\n"
    )
    span = parse(FILE, source).spans[place]
    assert span.line == line
    assert source[span.start : span.end].strip() == text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: x\ntitle: y\n", ["2: title: duplicate key; first on line 1"]),
        ("title: x\n? [a]\n: y\n", ["2: : expected text as key"]),
        ("title: *t", ["1: title: aliases are not supported; write the value out"]),
        ("title: &t x\n*t : y", ["2: : aliases are not supported; write the value out"]),
        ("title: x\n? {a: [b]}\n: [y]\n", ["2: : expected text as key"]),
        (
            "title: &t x\ncolours: {red: {name: *t}}",
            ["2: colours.red.name: aliases are not supported; write the value out"],
        ),
        ("title: 3", ["1: title: expected text, not a number (put it in quotes)"]),
        ("title: yes", ["1: title: expected text, not a truth value (put it in quotes)"]),
        ("title:", ["1: title: expected text, not nothing"]),
        ("title: [x]", ["1: title: expected text, not a list"]),
        ("title: x\ncount: many", ["2: count: expected a whole number, not text"]),
        ("title: x\ncount: 0", ["2: count: expected a number of at least 1"]),
        ("count: 1", ["None: title: missing"]),
        ("[a, b]", ["1: : expected a mapping, not a list"]),
        (
            "title: x\ncolours:\n  red: {name: Red}",
            ["3: colours.red.name: expected a word, not 'Red'"],
        ),
        (
            "title: x\ncolours:\n  red: {name: red, is-drak: true}",
            ["3: colours.red.is-drak: unknown key (did you mean `is-dark`?)"],
        ),
        (
            "title: x\ncolours:\n  red: {name: red, shades: red}",
            ["3: colours.red.shades: expected a list, not text"],
        ),
        (
            "tilte: x\ncolours: {red: {name: red, xyz: 1, is-dark: 1}}",
            [
                "None: title: missing",
                "2: colours.red.is-dark: expected true or false, not a number",
                "2: colours.red.xyz: unknown key (known keys: is-dark, name, shades)",
                "1: tilte: unknown key (did you mean `title`?)",
            ],
        ),
    ],
)
def test_says_what_is_wrong(text: str, expected: list[str]) -> None:
    assert sorted(messages(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1", "some.yaml:2:1: invalid YAML: "),
        ("a: b: c", "some.yaml:1:5: invalid YAML: "),
        ("a: x\n  b: y", "some.yaml:2:4: invalid YAML: "),
        ("a: 1\n---\nb: 2", "some.yaml:2:1: a second document; "),
        (
            "a: !!python/name:os.system",
            "some.yaml:1:4: a: tags are not supported: tag:yaml.org,2002:python/name:os.system",
        ),
        ("? !!str a\n: 1", "some.yaml:1:3: tags are not supported: "),
        ("ä:\n  a: \x00", "some.yaml:2:6: invalid YAML: "),
        ("a:\n " + "[" * 60, "some.yaml:2:51: a[0][0]"),
        ("a:\n " + "[" * 50_000, "some.yaml:2:"),
    ],
)
def test_refuses_what_is_no_yaml(text: str, expected: str) -> None:
    with pytest.raises(ProblemsError) as error:
        parse(FILE, text)
    assert expected in str(error.value)


@pytest.mark.parametrize("value", ["2026-02-31", "9" * 5000])
def test_a_value_that_cannot_be_read_is_one_problem(value: str) -> None:
    [message] = messages(f"title: {value}")
    assert message.startswith("1: title: not a valid date, number or word")


def test_a_file_has_to_be_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read(file)
    with pytest.raises(InputError, match="cannot read"):
        read(tmp_path)


def test_loads_a_model(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("title: x\ncolours: {red: {name: red, is-dark: true}}\n")
    assert load(file, Palette) == Palette(
        title="x", colours={"red": Colour(name="red", is_dark=True)}
    )
    file.write_text("title: x\ntitle: y\ncount: 0\n")
    with pytest.raises(ProblemsError, match="2 problems found"):
        load(file, Palette)


@pytest.mark.parametrize(
    ("place", "text"),
    [((), ""), (("a", "b"), "a.b"), (("a", 0, "b"), "a[0].b"), ((1,), "[1]")],
)
def test_a_place_is_written_as_people_do(place: tuple[str | int, ...], text: str) -> None:
    assert dotted(place) == text


@pytest.mark.parametrize(
    ("word", "hint"), [("gren", "did you mean `green`?"), ("xyz", None), ("", None)]
)
def test_names_the_nearest_word(word: str, hint: str | None) -> None:
    assert nearest(word, ["green", "red"]) == hint


# Text that is nearly YAML finds more than text that is not.
pieces = st.sampled_from(
    ["a", "b:", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "!!int ", "!!set ",
     "!t ", "'", '"', "#", "|", ">", "? ", "<<: ", "2026-02-30", "0x", "1e999", "~", "---\n",
     "...\n", "%YAML 1.1\n", "!!binary ", "!!timestamp ", "components:\n  ", "1:2:3", "\t",
     "=", "\ufeff"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(pieces, max_size=30).map("".join)))
@example("? {a: b}\n: c")
@example("a: !!timestamp x")
@example("a: =")
def test_reading_raises_nothing_else(text: str) -> None:
    try:
        document = parse(FILE, text)
        value, problems = validate(document, Manifest)
    except XsbuildError:
        return
    assert value is None
    assert problems


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


@given(plain, st.sampled_from([True, False, None]), st.booleans())
@example({"a": [1, "0x1f", 1.5, "yes", None, "2026-11-22", "c\nd\n"]}, False, True)
@example("9:30", None, False)
def test_reads_plain_documents_as_pyyaml_does(
    data: object, flow: bool | None, unicode: bool
) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=unicode)
    document = parse(FILE, text)
    assert repr(document.data) == repr(as_read(yaml.safe_load(text)))
    assert not document.problems


def as_read(value: object) -> object:
    """What PyYAML reads, with tuples for lists; keys are text whatever they look like."""
    if isinstance(value, list):
        return tuple(as_read(item) for item in value)
    if isinstance(value, dict):
        return {key: as_read(item) for key, item in value.items()}
    return value


@given(plain)
def test_the_span_of_a_value_reads_as_the_value(data: object) -> None:
    text = yaml.safe_dump({"a": [data]}, default_flow_style=True, width=1000, allow_unicode=True)
    document = parse(FILE, text)
    for place, span in document.spans.items():
        part = text[span.start : span.end]
        assert repr(parse(FILE, part).data) == repr(value_at(document.data, place))
        before = re.split("\r\n|[\n\r\x85\u2028\u2029]", text[: span.start])
        assert (span.line, span.column) == (len(before), len(before[-1]))


def value_at(data: object, place: tuple[str | int, ...]) -> object:
    for part in place:
        assert isinstance(data, dict | tuple)
        data = data[part]  # type: ignore[index]
    return data
