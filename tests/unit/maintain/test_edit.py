# SPDX-License-Identifier: Apache-2.0
import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from xsbuild.errors import InputError, ProblemsError
from xsbuild.maintain.edit import Item, prepend, save, set_value
from xsbuild.yamlfile import Place, parse, read

FILE = Path("x.yaml")


def after(text: str, place: Place, value: str | int) -> str:
    return set_value(parse(FILE, text), place, value).text


@pytest.mark.parametrize(
    ("text", "place", "value", "expected"),
    [
        ("a: 1 # why\nb: 2\n", ("a",), 3, "a: 3 # why\nb: 2\n"),
        ('a: "1"\n', ("a",), "2", 'a: "2"\n'),
        ("a: '1'\n", ("a",), "it's", "a: 'it''s'\n"),
        ("a: 1.0.0\n", ("a",), "1.1", "a: '1.1'\n"),
        ("a: 1.0.0\n", ("a",), "1.1.0", "a: 1.1.0\n"),
        ("a:\nb: 1\n", ("a",), "x", "a: x\nb: 1\n"),
        ("ü: é # ö\na: b\n", ("a",), "ñ", "ü: é # ö\na: ñ\n"),
        ("a: [x, {b: c, d: e}]\n", ("a", 1, "b"), "f", "a: [x, {b: f, d: e}]\n"),
        ("a: |\n  long\n  text\nb: 1\n", ("a",), "x", "a: x\nb: 1\n"),
        # Keys that are not there yet
        ("a: 1\n", ("b",), "x", "a: 1\nb: x\n"),
        ("a: 1", ("b",), "x", "a: 1\nb: x"),
        ("a: 1 # why\n\n# about b\n", ("b",), "x", "a: 1 # why\nb: x\n\n# about b\n"),
        ("s:\n  - g: x # y\n  # z\n  - h: i\n", ("s", 0, "c"), "v",
         "s:\n  - g: x # y\n    c: v\n  # z\n  - h: i\n"),
        ("s:\n- {g: x}\n", ("s", 0, "c"), "v", "s:\n- {g: x, c: v}\n"),
        ("s: [{g: x, }]\n", ("s", 0, "c"), "v", "s: [{g: x, c: v, }]\n"),
        ("s: {\n  g: x # y\n}\n", ("s", "c"), "v", "s: {\n  g: x, c: v # y\n}\n"),
        ("s: {}\n", ("s", "c"), "v", "s: {c: v}\n"),
        ("s:\n  g: |\n    long\n\nt: 1\n", ("s", "c"), "v",
         "s:\n  g: |\n    long\n  c: v\n\nt: 1\n"),
        ("s:\n  g:\n    - [1, 2]\n    # end\nt: 1\n", ("s", "c"), "v",
         "s:\n  g:\n    - [1, 2]\n  c: v\n    # end\nt: 1\n"),
    ],
)  # fmt: skip
def test_set_value(text: str, place: Place, value: str | int, expected: str) -> None:
    assert after(text, place, value) == expected


def test_what_cannot_be_changed_is_left_alone() -> None:
    with pytest.raises(ProblemsError) as error:
        after("a: &x {b: 1}\nc: 2\n", ("a", "new"), "v")
    [problem] = error.value.problems
    assert (problem.line, problem.key, problem.hint) == (1, "a.new", "change it by hand")


ITEM: Item = {"version": "1.1-1", "date": datetime.date(2026, 11, 23), "changes": ["New: 'x'"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "log:\n  # newest first\n  - version: 1.0-1 # x\n    date: 2026-11-22\nend: 1\n",
            "log:\n  # newest first\n"
            "  - version: 1.1-1\n    date: 2026-11-23\n    changes: ['New: ''x''']\n"
            "  - version: 1.0-1 # x\n    date: 2026-11-22\nend: 1\n",
        ),
        (
            "log:\n- {version: 1.0-1}\n",
            "log:\n- version: 1.1-1\n  date: 2026-11-23\n  changes: ['New: ''x''']\n"
            "- {version: 1.0-1}\n",
        ),
        (
            "log: [{version: 1.0-1}]\n",
            "log: [{version: 1.1-1, date: 2026-11-23, changes: ['New: ''x''']}, "
            "{version: 1.0-1}]\n",
        ),
        ("log: []\n", "log: [{version: 1.1-1, date: 2026-11-23, changes: ['New: ''x''']}]\n"),
    ],
)
def test_prepend(text: str, expected: str) -> None:
    assert prepend(parse(FILE, text), ("log",), ITEM).text == expected


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
TREES = st.recursive(
    VALUES | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["k", "l", "m"]), TREES, min_size=1),
    st.sampled_from([True, False, None]),
    st.sampled_from(["k", "l", "m", "new"]),
    VALUES,
)
def test_exactly_one_value_changes(
    data: dict[str, object], flow: bool | None, key: str, value: str
) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    try:
        new = set_value(parse(FILE, text), (key,), value)
    except InputError:
        event("refused")
        return
    assert yaml.safe_load(new.text) == {**data, key: value}


def test_save_keeps_the_mode_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\n")
    file.chmod(0o640)
    old = read(file)
    save(old, set_value(old, ("a",), 2))
    assert file.read_text() == "a: 2\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"a: 3\n", b"a: 1\r\n"])
def test_a_file_that_is_not_as_it_was_read_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(content if b"\r" in content else b"a: 1\n")
    old = read(file)
    file.write_bytes(content)
    with pytest.raises(InputError, match="was changed by another program"):
        save(old, set_value(old, ("a",), 2))
    assert file.read_bytes() == content
