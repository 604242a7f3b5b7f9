# SPDX-License-Identifier: Apache-2.0
"""Tables fit the terminal, and no word or command is broken for that."""

import pytest

from xsbuild.reports.table import Row, drawn, show, wrap

ROWS = [
    ["xapi", "build", "recipe: README.Debian is new: read more of it in the manual"],
    ["xenopsd-of-some-length", "blocked", "run `xsbuild lock --distro debian-13` first"],
]


@pytest.mark.parametrize("room", [60, 80, 200])
def test_a_table_fits(room: int) -> None:
    lines = drawn(["component", "state", "reason"], ROWS, room)
    assert max(map(len, lines)) <= room
    words = {word for row in ROWS for text in row for word in text.split()}
    assert words <= set(" ".join(lines).split())
    assert any("`xsbuild lock --distro debian-13`" in line for line in lines)


def test_in_a_pipe_a_row_is_a_line() -> None:
    assert len(drawn(["component", "state", "reason"], ROWS, None)) == 3


def test_what_cannot_be_so_narrow_becomes_paragraphs() -> None:
    path = "/a/path/of/more/than/thirty/characters"
    assert drawn(["name", "path", "because", "why"], [["xha", path, "-", "it is long"]], 30) == [
        "xha",
        f"  PATH     {path}",
        "  WHY      it is long",
    ]


def test_a_column_without_values_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [{"a": "x", "b": None, "c": (), "d": 0}, {"a": "y", "d": 0}]
    show(rows, ["a", "b", "c", "d"], as_json=False)
    assert capsys.readouterr().out == "A  D\nx  0\ny  0\n"


def test_what_would_move_the_cursor_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"a": "x\x1b[2J\ny"}], ["a"], as_json=False)
    assert capsys.readouterr().out == "A\nx\\x1b[2J y\n"


def test_only_a_command_is_kept_in_one_line() -> None:
    assert wrap("run `a b c` or d e", 8) == ["run", "`a b c`", "or d e"]


def test_a_long_last_word_sticks_out() -> None:
    address = "https://example.org/" + "x" * 80
    lines = drawn(["name", "source"], [["xha", f"at {address} now"]], 60)
    assert lines == ["NAME  SOURCE", "xha   at", f"      {address}", "      now"]
