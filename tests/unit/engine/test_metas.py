# SPDX-License-Identifier: Apache-2.0
"""Meta-packages of what a manifest names differently in each family, or has alternatives for."""

from pathlib import Path

import pytest

from components import HEAD
from own_settings import settings_in
from xsbuild.engine.metas import make_meta_packages, meta_for_family
from xsbuild.families.family import family_of
from xsbuild.planner.target import Target, target_for
from xsbuild.project import Project

MANIFEST = (
    HEAD
    + """\
  words:
    summary: Words for tests
    description: For tests.
    homepage: https://x.invalid/
    license: MIT
    version: "1.0"
    epoch: 2
    sources: [{local: words}]
    build: {system: none}
    packages:
      words: {provides: [speech = 3]}
      words-devel: {names: {deb: libwords-dev, rpm: libwords-devel}, requires: [words]}
      silence: {}
    changelog: [{version: "2:1.0-1", date: 2026-11-20, changes: [First]}]
meta-packages:
  all:
    summary: Everything there is
    description: All.
    requires: [words-devel >= 1, silence | speech >= 2]
    recommends: ["package(deb: vim, rpm: vim-enhanced) | words < 9"]
"""
)
DISTROS = {"deb": "debian-13", "rpm": "centos-stream-10"}


def target(folder: Path, family: str) -> Target:
    (folder / "words").mkdir()
    (folder / "components.yaml").write_text(MANIFEST)
    project = Project(folder / "components.yaml", settings_in(folder / "home"))
    return target_for(project, project.distros.get(DISTROS[family]))


@pytest.mark.parametrize(
    ("family", "requires", "recommends"),
    [
        (
            "deb",
            ["libwords-dev (>= 2:1)", "silence | speech (>= 2)"],
            ["vim | words (<< 2:9~)"],
        ),
        (
            "rpm",
            ["libwords-devel >= 2:1", "(silence or speech >= 2)"],
            ["(vim-enhanced or words < 2:9)"],
        ),
    ],
)
def test_relations(family: str, requires: list[str], recommends: list[str], tmp_path: Path) -> None:
    planned = target(tmp_path, family)
    meta, names = meta_for_family(planned, "all")
    write = family_of(planned.distro).write_relations
    assert write(meta.requires, names) == requires
    assert write(meta.recommends, names) == recommends


@pytest.mark.parametrize(
    ("present", "problem"),
    [
        ({"libwords-dev", "silence"}, ""),
        ({"libwords-dev", "words"}, ""),
        ({"libwords-dev"}, "not built: silence"),
        ({"words", "silence", "words-devel"}, "not built: libwords-dev"),
    ],
)
def test_what_is_lacking(present: set[str], problem: str, tmp_path: Path) -> None:
    planned = target(tmp_path, "deb")
    outcomes = make_meta_packages(planned, ["all"], frozenset(present), tmp_path / "made")
    assert outcomes["all"].problem == problem
    assert bool(outcomes["all"].package) == (not problem)
