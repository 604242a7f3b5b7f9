# SPDX-License-Identifier: Apache-2.0
"""The rpm section of a distro's file."""

from pathlib import Path

import pytest

from xsbuild.distros.dnf import distro_repositories
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import ProblemsError
from xsbuild.yamlfile import load

SHIPPED = find_distros([Path(__file__).parents[3] / "distros"])

GOOD = """\
name: example-1
title: Example 1
family: rpm
version-suffix: .ex1
architectures: {x86_64: x86_64}
rpm:
  mock: example-1
  buildroot: [rpm-build]
  repositories:
    - {name: main, baseurl: "file:///srv/example", keys: ["file:///srv/example/KEY"]}
"""


@pytest.mark.parametrize(
    ("alias", "name"), [("centos", "centos-stream-10"), ("fedora", "fedora-44")]
)
def test_an_alias_is_the_newest_stable_one(alias: str, name: str) -> None:
    assert SHIPPED.get(alias).name == name


@pytest.mark.parametrize("distro", SHIPPED.all(), ids=lambda distro: distro.name)
def test_every_repository_is_reached_over_https_with_keys(distro: Distro) -> None:
    repositories = distro.rpm.repositories if distro.rpm else ()
    assert bool(repositories) == (distro.family is Family.RPM)
    for repository in repositories:
        addresses = repository.baseurl or (repository.metalink or repository.mirrorlist,)
        assert [a for a in (*addresses, *repository.keys) if not a.startswith("https://")] == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("https://a/x", "https://a/x"),
        ("[https://a/x, https://b/y]", "https://a/x file:///srv/y"),
    ],
)
def test_a_repository_may_have_several_mirrors(tmp_path: Path, value: str, written: str) -> None:
    file = tmp_path / "example-1.yaml"
    file.write_text(GOOD.replace('"file:///srv/example"', value))
    text = distro_repositories(load(file, Distro), {"https://b/": "file:///srv/"})
    assert f"\nbaseurl={written}\n" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("family: rpm", "family: deb", "family rpm requires `rpm`"),
        ('baseurl: "file:///srv/example"', 'baseurl: "a", metalink: "b"', "one of baseurl"),
        ('keys: ["file:///srv/example/KEY"]', "keys: []", "keys"),
        ("mock: example-1", "mok: example-1", "did you mean `mock`?"),
    ],
)
def test_a_wrong_section_is_an_error(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "example-1.yaml"
    file.write_text(GOOD)
    assert load(file, Distro).version_suffix == ".ex1"
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(ProblemsError, match=message):
        load(file, Distro)
