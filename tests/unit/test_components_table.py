# SPDX-License-Identifier: Apache-2.0
"""The table of components that README.md has."""

import ast

import pytest
from tools.components_table import NOT_BUILT, component_table, read_states, with_table

from rendered import ROOT, product

INSTALLED = "built and installed here"
STAND_IN = "built here from stand-ins"
STATES = read_states()
SHOWN = [(name, test) for shown in STATES.values() for name, test in shown.items()]


def test_the_committed_table_is_current() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(page, component_table(product())) == page, "run `make docs`"
    for name in product().manifest.components:
        assert f"\n| {name} |" in page


def test_each_component_has_one_of_three_states() -> None:
    assert list(STATES) == [INSTALLED, STAND_IN]
    assert STATES[INSTALLED].keys().isdisjoint(STATES[STAND_IN])
    rest = product().manifest.components.keys() - {name for name, _test in SHOWN}
    assert {name for name, _test in SHOWN} <= product().manifest.components.keys()
    assert component_table(product()).count(f"| {NOT_BUILT} |") == len(rest)


@pytest.mark.parametrize(("name", "test"), SHOWN)
def test_the_test_that_shows_it_exists(name: str, test: str) -> None:
    file, _, function = test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}, name


def test_only_the_miniature_internet_has_stand_ins() -> None:
    at = {state: {"test_internet" in test for test in STATES[state].values()} for state in STATES}
    assert at == {INSTALLED: {False}, STAND_IN: {True}}


def test_only_what_is_between_the_markers_changes() -> None:
    page = "a\n<!-- components -->\nold\n<!-- end of components -->\nb | c\n"
    table = "| \\1 |\n"
    expected = "a\n<!-- components -->\n\n| \\1 |\n\n<!-- end of components -->\nb | c\n"
    assert with_table(page, table) == expected
    assert with_table(expected, table) == expected
