# SPDX-License-Identifier: Apache-2.0
"""A builder builds for one family, and a shell is for the builder that built."""

from pathlib import Path

import pytest

from fakebuilds import DISTRO, FakeBuilder, make_shop
from xsbuild.buildroots.family import builder_for
from xsbuild.engine.shell import builder_of_shell
from xsbuild.errors import InputError
from xsbuild.planner.target import target_for
from xsbuild.project import Project
from xsbuild.settings import load_settings

ROOT = Path(__file__).parents[3]
FAMILIES = {"debian-13": ["pbuilder", "sbuild"], "centos-stream-10": ["mock", "dnf"]}
BUILDERS = [(distro, name) for distro, names in FAMILIES.items() for name in names]


@pytest.mark.parametrize(("family", "name"), BUILDERS)
@pytest.mark.parametrize("distro", FAMILIES)
def test_a_builder_is_for_its_family(distro: str, family: str, name: str) -> None:
    known = Project(ROOT / "components.yaml", load_settings()).distros.get(distro)
    if family == distro:
        assert builder_for(name, known) == name
        return
    with pytest.raises(InputError) as raised:
        builder_for(name, known)
    assert name in raised.value.message
    assert ", ".join(FAMILIES[distro]) in str(raised.value.hint)


def test_a_shell_is_for_the_builder_that_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    builders = {"pbuilder": FakeBuilder, "sbuild": FakeBuilder}
    monkeypatch.setattr("xsbuild.buildroots.deb.builders", builders)
    assert shop.build("base", "--builder", "sbuild").exit_code == 0
    target = target_for(shop.project, shop.project.distros.get(DISTRO))
    assert builder_of_shell(target, "base") == "sbuild"
    assert builder_of_shell(target, "user") == "sbuild"  # needs base
    assert builder_of_shell(target, "other") == "pbuilder"
