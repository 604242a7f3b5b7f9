# SPDX-License-Identifier: Apache-2.0
"""SPDX expressions become DEP-5 paragraphs."""

import pytest

from xsbuild.errors import RecipeError
from xsbuild.recipes.licenses import dep5_expression, joined, license_paragraphs


@pytest.mark.parametrize(
    ("spdx", "dep5"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("MIT", "Expat"),
        ("GPL-2.0-only", "GPL-2"),
        ("GPL-2.0-or-later", "GPL-2+"),
        ("LGPL-2.1-or-later", "LGPL-2.1+"),
        ("AGPL-3.0-only", "AGPL-3"),
        ("GPL-2.0-only AND BSD-3-Clause", "GPL-2 and BSD-3-clause"),
        ("MIT OR ISC", "Expat or ISC"),
        (
            "LGPL-2.1-only WITH OCaml-LGPL-linking-exception",
            "LGPL-2.1 with OCaml-LGPL-linking exception",
        ),
    ],
)
def test_short_names(spdx: str, dep5: str) -> None:
    assert dep5_expression(spdx) == dep5


def test_parentheses_cannot_be_expressed() -> None:
    with pytest.raises(RecipeError) as caught:
        dep5_expression("MIT AND (ISC OR Apache-2.0)")
    assert "copyright.j2" in str(caught.value.hint)


def test_each_licence_has_one_paragraph_with_its_text() -> None:
    found = license_paragraphs(
        "MIT AND GPL-2.0-or-later WITH Some-exception AND MIT", lambda name: f"Text of {name}\n\nx"
    )
    assert [item.name for item in found] == ["Expat", "GPL-2+ with Some exception"]
    assert found[0].text == " Text of MIT\n .\n x"
    assert "/usr/share/common-licenses/GPL-2." in found[1].text
    assert found[1].text.endswith("\n .\n Text of Some-exception\n .\n x")


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (["MIT OR ISC"], "MIT OR ISC"),
        (["MIT", "ISC", "MIT"], "MIT AND ISC"),
        (["MIT OR ISC", "Apache-2.0", "MIT OR ISC"], "(MIT OR ISC) AND Apache-2.0"),
        (["MIT AND ISC", "GPL-2.0-only WITH x"], "MIT AND ISC AND GPL-2.0-only WITH x"),
    ],
)
def test_licences_that_all_apply(expressions: list[str], expected: str) -> None:
    assert joined(expressions) == expected
