# SPDX-License-Identifier: Apache-2.0
"""The table of components that README.md has."""

import pytest

from rendered import ROOT, product
from xsbuild.manifest.model import (
    DebianPoolSource,
    GitSource,
    LocalSource,
    PypiSource,
    Source,
    Todo,
    UrlSource,
)
from xsbuild.reports.components import component_table, state, with_table

PIN = "0" * 64


def test_the_committed_table_is_current() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(page, component_table(product())) == page, "run `make docs`"
    for name in product().manifest.components:
        assert f"\n| {name} |" in page


@pytest.mark.parametrize(
    ("sources", "todo", "built"),
    [
        ((PypiSource(pypi="x", sha256=PIN),), (), True),
        ((LocalSource(local="x"), DebianPoolSource(debian_pool="pool/x", sha256=PIN)), (), True),
        ((PypiSource(pypi="x", sha256=PIN),), (Todo(text="a build"),), False),
        ((UrlSource(url="https://x.example/x.tar.gz", sha256=PIN),), (), False),
        ((LocalSource(local="x"), GitSource(git="https://x.example/x.git")), (), False),
    ],
)
def test_state(sources: tuple[Source, ...], todo: tuple[Todo, ...], built: bool) -> None:
    component = product().manifest.components["xenapi"]
    component = component.model_copy(update={"sources": sources, "todo": todo})
    expected = "built by CI" if built else "checked, not yet built"
    assert state(component) == expected


def test_only_what_is_between_the_markers_changes() -> None:
    page = "a\n<!-- components -->\nold\n<!-- end of components -->\nb | c\n"
    table = "| \\1 |\n"
    expected = "a\n<!-- components -->\n\n| \\1 |\n\n<!-- end of components -->\nb | c\n"
    assert with_table(page, table) == expected
    assert with_table(expected, table) == expected
