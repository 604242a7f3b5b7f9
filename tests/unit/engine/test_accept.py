# SPDX-License-Identifier: Apache-2.0
"""Which results of a build are accepted."""

from pathlib import Path

import pytest

from components import project_of
from xsbuild.distros.load import find_distros
from xsbuild.engine.accept import accepted
from xsbuild.errors import BuildError
from xsbuild.recipes.model import RecipeRequest
from xsbuild.settings import Folders, Settings
from xsbuild.store.store import Package

VERSIONS = {"debian-13": "1.0.0-1~deb13", "centos-stream-10": "1.0.0-1.el10"}


@pytest.fixture(params=VERSIONS)
def request_(request: pytest.FixtureRequest, tmp_path: Path) -> RecipeRequest:
    (tmp_path / "data").mkdir()
    settings = Settings(Folders(*(tmp_path / name for name in ("cache", "data", "config"))))
    project = project_of(tmp_path, settings, {"greet": "[{local: data}]"})
    distro = find_distros([Path(__file__).parents[3] / "distros"]).get(request.param)
    component = project.manifest.components["greet"]
    product = project.manifest.product
    return RecipeRequest("greet", component, product, distro, (), tmp_path, project.systems, {})


def refusal(request: RecipeRequest, folder: Path, packages: dict[str, Package]) -> str:
    with pytest.raises(BuildError) as caught:
        accepted(request, folder, lambda _folder: packages)
    assert caught.value.component == "greet"
    return str(caught.value)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


def good(request: RecipeRequest, name: str = "greet", architecture: str = "") -> Package:
    machine = request.distro.architectures["x86_64"]
    return Package(name, VERSIONS[request.distro.name], architecture or machine, "greet")


@pytest.mark.parametrize("name", ["greet", "greet-dbgsym", "greet-debuginfo", "greet-debugsource"])
def test_declared_packages_and_their_symbols_are_accepted(
    name: str, request_: RecipeRequest, results: Path
) -> None:
    for file in ("p", "greet_1.buildinfo", "greet-1.src.rpm"):
        (results / file).touch()
    packages = {"p": good(request_, name)}
    assert accepted(request_, results, lambda _folder: packages) == packages


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (Package("openssl", "", "all", "greet"), "no package openssl is declared"),
        (Package("greet-doc", "", "all", "greet"), "no package greet-doc is declared"),
        (Package("openssl-dbgsym", "", "all", "greet"), "no package openssl-dbgsym is declared"),
        (Package("greet", "", "all", "glibc"), "its source is glibc, not greet"),
        (Package("greet", "99:1", "all", "greet"), "its version is 99:1, not 1.0.0-1"),
        (Package("greet", "", "s390x", "greet"), "its architecture is s390x"),
    ],
)
def test_other_packages_are_refused(
    package: Package, said: str, request_: RecipeRequest, results: Path
) -> None:
    version = package.version or VERSIONS[request_.distro.name]
    other = Package(package.name, version, package.architecture, package.source)
    (results / "p").touch()
    assert f"p: {said}" in refusal(request_, results, {"p": other})


def test_all_that_is_wrong_is_named_at_once(request_: RecipeRequest, results: Path) -> None:
    (results / "id_rsa").touch()
    changes = results / "greet_1_amd64.changes"
    changes.write_text("Files:\n 0 1 misc optional ../../etc/shadow\n 0 1 misc optional p\n")
    text = refusal(request_, results, {"p": good(request_), "q": good(request_, "q")})
    for said in ("id_rsa: no package", "../../etc/shadow: listed", "q: no package q"):
        assert said in text
    assert "\n  p: " not in text
