# SPDX-License-Identifier: Apache-2.0
"""Errors as they are shown: the faulty line, the carets below it, nothing that moves a cursor."""

import time
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.errors import InputError, Problem, ProblemsError
from xsbuild.excerpt import excerpt_of
from xsbuild.host.terminal import printable
from xsbuild.reports.errors import rendered
from xsbuild.strict import Strict
from xsbuild.yamlfile import parse, validate

FILE = Path("some.yaml")


class Palette(Strict):
    """Colours."""

    title: str
    colours: dict[str, int] = {}
    shades: tuple[int, ...] = ()


def shown(text: str) -> list[str]:
    """The lines that a file's only problem gives, without those that are the same for all."""
    _, problems = validate(parse(FILE, text), Palette)
    lines = click.unstyle(rendered(ProblemsError(problems))).splitlines()
    assert lines[0].startswith("error: some.yaml:")
    return lines[1:3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: 3", ["    1 | title: 3", "      |        ^"]),
        ("title:", ["    1 | title:", "      | ^^^^^"]),
        ("title: x\ntitel: y # z", ["    2 | titel: y # z", "      | ^^^^^"]),
        ("title: x\ncolours: {漢字: ä}", ["    2 | colours: {漢字: ä}", f"      | {' ' * 16}^"]),
        ("title: x\ncolours: {é\u0301: äb}", ["    2 | colours: {é\u0301: äb}",
                                              f"      | {' ' * 13}^^"]),
        ("title: x\ncolours: {a:\tb}", ["    2 | colours: {a: b}", f"      | {' ' * 13}^"]),
        ("title:\n  - a\n  - b\n", ["    1 | title:", "      | ^^^^^"]),
        ("title: x\nshades:\n  - {a: b,\n     c: d}\n",
         ["    3 |   - {a: b,", "      |     ^^^^^^"]),
        ('title: x\ncolours: {a: "\u202eb"}', ['    2 | colours: {a: "\\u202eb"}',
                                               f"      | {' ' * 13}{'^' * 9}"]),
        ('title: x\ncolours: {a: "' + "b" * 1000 + '"}', ['    2 | colours: {a: "' + "b" * 86 + "…",
                                                          f"      | {' ' * 13}{'^' * 87}"]),
        ("title: x\ncolours: {" + "b" * 1000 + ": x}", [f"    2 | …{'b' * 58}: x}}",
                                                        f"      | {' ' * 61}^"]),
    ],
)  # fmt: skip
def test_underlines_the_faulty_part(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


def test_shows_code_and_hint() -> None:
    error = InputError("a\x1b[31m fails\nits output", hint="mend\x07 it", code="XSB-A-B")
    assert click.unstyle(rendered(error)) == (
        "error: a\\x1b[31m fails [XSB-A-B]\nits output\n  hint: mend\\x07 it"
    )


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_printed(text: str) -> None:
    assert all(character.isprintable() or character in "\n\t" for character in printable(text))


@given(st.text(max_size=300), st.data())
def test_an_excerpt_is_of_one_line_and_short(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    column = start - text.rfind("\n", 0, start) - 1
    excerpt = excerpt_of(text, column, start, end)
    line = excerpt.before + excerpt.faulty + excerpt.after
    assert "\n" not in excerpt.faulty + excerpt.after
    assert len(line) <= 102
    assert text[start : start + len(excerpt.faulty)] == excerpt.faulty


def test_says_how_many_problems_are_not_shown() -> None:
    problems = [Problem(FILE, None, "", "wrong", "XSB-FILE-VALUE") for _ in range(1234)]
    lines = rendered(ProblemsError(problems)).splitlines()
    assert len(lines) == 21
    assert click.unstyle(lines[-1]) == "error: 1,234 problems; 1,214 of them are not shown"


@pytest.mark.parametrize("separator", ["\n", ", "])
def test_ten_thousand_unknown_keys_take_less_than_a_second(separator: str) -> None:
    pairs = separator.join(f"key{index}: {index}" for index in range(10_000))
    text = f"{{{pairs}}}" if separator == ", " else pairs
    start = time.process_time()
    _, problems = validate(parse(FILE, text), Palette)
    lines = rendered(ProblemsError(problems)).splitlines()
    assert time.process_time() - start < 1
    assert click.unstyle(lines[-1]).startswith("error: 10,001 problems; ")
