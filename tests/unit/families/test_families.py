# SPDX-License-Identifier: Apache-2.0
"""Each layer has a module for every family of packages."""

from pathlib import Path

import click
import pytest

from xsbuild.buildroots.family import buildroots_of
from xsbuild.capabilities.family import capabilities_of
from xsbuild.checks.installable import SOLVERS
from xsbuild.cli.options import builder_option
from xsbuild.distros.model import Family
from xsbuild.families.family import family_of
from xsbuild.installtest.family import manager_family
from xsbuild.manifest.places import PLACES, family_places
from xsbuild.project import Project
from xsbuild.settings import load_settings

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("family", Family)
def test_each_layer_knows_the_family(family: Family) -> None:
    project = Project(ROOT / "components.yaml", load_settings())
    assert capabilities_of(family).upstream("1.0-1") == "1.0"
    assert buildroots_of(family).default_builder() in buildroots_of(family).builders
    assert family_places(family).keys() == PLACES
    assert callable(manager_family(family).packages_in)
    assert family in SOLVERS
    distro = next(one for one in project.distros.all() if one.family is family)
    assert any(folder.is_dir() for folder in project.recipe_folders(family_of(distro).recipes))


def test_the_command_line_offers_the_builders_of_all_families() -> None:
    @click.command()
    @builder_option("any")
    def command(builder: str | None) -> None:
        """Take a builder."""

    [option] = command.params
    assert isinstance(option.type, click.Choice)
    assert set(option.type.choices) == {
        name for family in Family for name in buildroots_of(family).builders
    }
