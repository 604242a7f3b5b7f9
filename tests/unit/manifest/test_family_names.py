# SPDX-License-Identifier: Apache-2.0
"""The names that packages have in one family only."""

from pathlib import Path

import pytest

from manifest.test_load import GOOD, PATCH, PRODUCT, problems_of
from own_settings import settings_in
from xsbuild.distros.model import Family
from xsbuild.errors import InputError
from xsbuild.manifest.family_names import family_names, named_for
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Manifest
from xsbuild.planner.graph import select
from xsbuild.planner.target import Target, target_for
from xsbuild.project import Project

DEVEL = """\
      words-devel:
        names: {deb: libwords-dev, rpm: libwords-devel}
        requires: [words]
        files: ["{includedir}/words.h"]
"""
ALSO = """\
        requires: [words-devel]
        conflicts: [words-devel < 1]
        provides: [words-devel]
"""
LAST = "    changelog:\n      - {version: 1.0-1"
MANIFEST = (
    (PRODUCT + GOOD)
    .replace(LAST, f"{DEVEL}{LAST}")
    .replace("requires: [bin(gcc), words]", "requires: [header(words.h), words-devel >= 1]")
    .replace('        requires: [words]\n        files: ["{b', f'{ALSO}        files: ["{{b')
    .replace("requires: [greet, bin(sh)]", "requires: [greet, words-devel]")
)
NAMES = {"deb": "libwords-dev", "rpm": "libwords-devel"}
DISTROS = {"deb": "debian-13", "rpm": "centos-stream-10"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "extra").mkdir()
    (tmp_path / "patches/greet").mkdir(parents=True)
    (tmp_path / "patches/greet/polite.patch").write_text(PATCH)
    (tmp_path / "components.yaml").write_text(MANIFEST)
    return tmp_path


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    return load_manifest(folder / "components.yaml")


@pytest.mark.parametrize("family", Family)
def test_relations_follow(manifest: Manifest, family: Family) -> None:
    own = NAMES[family]
    assert family_names(manifest, family) == {"words-devel": own}
    named = named_for(manifest, family)
    assert list(named.components["words"].packages) == ["words", own]
    greet = named.components["greet"]
    assert greet.build
    assert [*map(str, greet.build.requires)] == ["header(words.h)", f"{own} >= 1"]
    package = greet.packages["greet"]
    assert [*map(str, package.requires)] == [own]
    assert [*map(str, package.conflicts)] == [f"{own} < 1"]
    assert [*map(str, package.provides)] == ["words-devel"]  # a virtual package, not a relation
    assert [*map(str, named.meta_packages["all"].requires)] == ["greet", own]


def test_without_other_names_a_manifest_stays(manifest: Manifest) -> None:
    words = manifest.components["words"]
    packages = {"words": words.packages["words"]}
    plain = manifest.model_copy(
        update={"components": {"words": words.model_copy(update={"packages": packages})}}
    )
    assert named_for(plain, Family.DEB) is plain


def target(folder: Path, family: str) -> Target:
    project = Project(folder / "components.yaml", settings_in(folder / "home"))
    return target_for(project, project.distros.get(DISTROS[family]), {"greet": "build"})


@pytest.mark.parametrize("family", NAMES)
def test_a_component_is_planned_and_rendered_with_them(folder: Path, family: str) -> None:
    planned = target(folder, family)
    assert planned.graph.needs("greet") == {"words"}
    assert planned.graph.owners[NAMES[family]] == "words"
    for name in ("words-devel", NAMES[family]):
        targets = select(planned.graph, planned.own_names([name]))
        assert targets.components == {"words"}
    request = planned.request("greet")
    assert {NAMES[family]} == {
        name for names in request.names.values() for name in names if "words" in name
    }


def test_names_of_the_other_family_are_unknown(folder: Path) -> None:
    planned = target(folder, "deb")
    with pytest.raises(InputError, match="libwords-devel"):
        select(planned.graph, planned.own_names(["libwords-devel"]))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{deb: greet}", "names.deb: duplicate package; greet has this name in deb"),
        ("{rpm: all}", "names.rpm: duplicate package; all has this name in rpm"),
        ("{deb: Greet}", "names.deb: expected a name in lower-case letters, digits and +.-, not"),
        ("{rpm: a/b}", "names.rpm: expected a package's name, not 'a/b'"),
        ("{dnf: x}", "names.dnf: unknown key"),
    ],
)
def test_wrong_names(folder: Path, names: str, expected: str) -> None:
    text = MANIFEST.replace("{deb: libwords-dev, rpm: libwords-devel}", names)
    (problem,) = problems_of(folder, text)
    assert f"components.words.packages.words-devel.{expected}" in problem
