# SPDX-License-Identifier: Apache-2.0
"""docs/recipes.md names every variable and every block that a template can use."""

import dataclasses
import re
from pathlib import Path

import pytest

from xsbuild.recipes import debian, debian_files, licenses, rpm, rpm_package
from xsbuild.shipped import shipped

DOCUMENT = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text()
FAMILIES = dict(zip(("debian", "specs"), DOCUMENT.split("\n## RPM\n"), strict=True))
VIEWS = [
    *(("debian", view) for view in (debian.SourceView, debian.BuildView, debian.Entry)),
    *(("debian", view) for view in (debian_files.Binary, debian_files.UnitGroup)),
    ("debian", licenses.License),
    *(("specs", view) for view in (rpm.SpecView, rpm.SpecBuild, rpm.SpecEntry, rpm.SourceFile)),
    ("specs", rpm_package.RpmPackage),
]


@pytest.mark.parametrize(("family", "view"), VIEWS)
def test_every_variable(family: str, view: type) -> None:
    names = [field.name for field in dataclasses.fields(view)]
    assert [name for name in names if f"`{name}`" not in FAMILIES[family]] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_block(family: str) -> None:
    own = {"debian": "rules.j2", "specs": "spec.j2"}[family]
    templates = [
        *shipped(family).glob("_base*/**/*.j2"),
        *shipped(family).glob("_base*.j2"),
        *shipped("systems").glob(f"*/{own}"),
    ]
    blocks = {
        name for file in templates for name in re.findall(r"{% block (\w+)", file.read_text())
    }
    assert blocks
    assert [name for name in sorted(blocks) if f"`{name}`" not in FAMILIES[family]] == []
