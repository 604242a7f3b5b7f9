# SPDX-License-Identifier: Apache-2.0
"""What texts of the manifest may contain: none of them becomes syntax."""

import pytest
from pydantic import TypeAdapter, ValidationError

from xsbuild import texts
from xsbuild.manifest.model import Build, User
from xsbuild.manifest.package import Summary, Unit

BREAKS = ["a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\x85b", "a\u2028b", "a\x7fb"]


LINES: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(texts.Line),
    "value": TypeAdapter(texts.Value),
    "section": TypeAdapter(texts.Section),
    "comment": TypeAdapter(texts.Gecos),
    "summary": TypeAdapter(Summary),
    "maintainer": TypeAdapter(texts.Maintainer),
}


@pytest.mark.parametrize("value", BREAKS)
@pytest.mark.parametrize("kind", LINES)
def test_one_line_has_no_breaks_and_no_control_characters(kind: str, value: str) -> None:
    given = f"{value} <a@b.c>" if kind == "maintainer" else f"{value} text"
    with pytest.raises(ValidationError):
        LINES[kind].validate_python(given)


@pytest.mark.parametrize("value", ["a\rb", "a\x00b", "a\x1b[31mb", "", " \n "])
def test_paragraphs_have_line_breaks_and_no_other_control_characters(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(texts.Paragraphs).validate_python(value)


@pytest.mark.parametrize("value", ["a\n\n b\tc\n", "100 % größer", "#x", "%post\nrm"])
def test_paragraphs_may_hold_any_text(value: str) -> None:
    assert TypeAdapter(texts.Paragraphs).validate_python(value) == value


@pytest.mark.parametrize("value", ["a:b", "", " a", "a "])
def test_a_comment_of_passwd_has_no_colon(value: str) -> None:
    with pytest.raises(ValidationError):
        User(name="a", comment=value)


@pytest.mark.parametrize("name", ["A B", "1A", "A=B", "A;B", "", "A$"])
def test_a_variable_has_the_name_of_one(name: str) -> None:
    with pytest.raises(ValidationError):
        Build(system="make", environment={name: "x"})


@pytest.mark.parametrize("name", ["x@.service", r"var-lib-my\x2dhello.mount", "x.automount"])
def test_units_have_the_names_that_systemd_knows(name: str) -> None:
    assert Unit(name=name).name == name
