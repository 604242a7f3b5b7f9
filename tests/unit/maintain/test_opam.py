# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.errors import ProblemsError
from xsbuild.maintain.opam import parse_opam
from xsbuild.maintain.opam_depends import dependencies_of

FILE = Path("opam")


def depends(text: str, *known: str) -> list[str]:
    opam = parse_opam(FILE, f"depends: {text}")
    return [
        " ".join([one.name, ", ".join(map(str, one.constraints)), "(build)" * one.build]).strip()
        for one in dependencies_of(opam, known)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('["a" "b"]', ["a", "b"]),
        ('"a"', ["a"]),
        ('["a" {>= "1.0" & < "2.0"}]', ["a >= 1.0, < 2.0"]),
        ('["a" {>= "v0.17"}]', ["a >= 0.17"]),
        ('["a" {!= "1.1" & >= "1"}]', ["a >= 1"]),
        ('["a" {with-test} "b" {with-doc & >= "1"} "c" {dev}]', []),
        ('["a" {build & >= "3"}]', ["a >= 3 (build)"]),
        ('["a" {os = "linux"} "b" {os != "linux"} "c" {os = "win32" | with-test}]', ["a"]),
        ('["a" {post}]', []),
        ('[("x" | "y") "c"]', ["x", "c"]),
        ('[("x" | "b" {>= "1"})]', ["b >= 1"]),
        ('[("a" & "c") {with-test}]', []),
        ('["a" {!with-test}]', ["a"]),
        ('["a" {= version}]', ["a"]),
    ],
)
def test_reads_what_a_build_on_linux_needs(text: str, expected: list[str]) -> None:
    assert depends(text, "b") == expected


WHOLE = """\
opam-version: "2.0" # a comment
synopsis: "a \\"quoted\\" word"
description: \"\"\"
[several { lines ] of " text\"\"\"
(* another comment: [ *)
build: [["dune" "build" "-p" name "-j" jobs {os != "x"}]]
url {
  src: "https://x.invalid/a.tbz"
  checksum: ["sha256=00" "md5=11"]
}
"""


def test_reads_fields_and_sections_with_their_lines() -> None:
    opam = parse_opam(FILE, WHOLE)
    assert opam.texts("url.src") == ("https://x.invalid/a.tbz",)
    assert opam.texts("url.checksum") == ("sha256=00", "md5=11")
    assert opam.fields["synopsis"] == 'a "quoted" word'
    assert opam.lines["url.checksum"] == 9
    assert opam.texts("nothing") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a: ["b"\nc: 1', "opam:2: expected a value, not :"),
        ("a: [", "opam:1: expected more, not the end of the file"),
        ('a: "b', "opam:1: cannot be read: '\"b'"),
        ("\n\na: }", "opam:3: expected a value, not }"),
        ("a {\n b: 1\n", "opam:3: expected the name of a field, not the end of the file"),
    ],
)
def test_says_where_a_file_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_opam(FILE, text)
    assert [str(item) for item in caught.value.problems] == [problem]


def test_says_which_field_is_not_what_it_must_be() -> None:
    opam = parse_opam(FILE, "\nurl { src: name }\ndepends: [true]")
    with pytest.raises(ProblemsError, match=r"opam:2: url.src: expected texts"):
        opam.texts("url.src")
    with pytest.raises(ProblemsError, match=r"opam:3: depends: expected a package"):
        list(dependencies_of(opam, ()))


@given(st.text(alphabet='ab"[](){}:&|!=<>~?# \n\\', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    lines = text.count("\n") + 1
    try:
        opam = parse_opam(FILE, text)
    except ProblemsError as error:
        where = error.problems[0].line
    else:
        where = max(opam.lines.values(), default=1)
    assert where in range(1, lines + 1)
