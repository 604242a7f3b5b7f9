# SPDX-License-Identifier: Apache-2.0
import platform
import re
from pathlib import Path

import pytest

from xsbuild.buildroots.base_chroots import Variant
from xsbuild.buildroots.debbase import DebBaseBuilder, explained
from xsbuild.distros.load import find_distros
from xsbuild.distros.mirrors import mirrors_of
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host import process
from xsbuild.host.scratch import remove_tree
from xsbuild.settings import Folders, Settings

DISTROS = find_distros([Path(__file__).parents[3] / "distros"])
DEB = [distro.name for distro in DISTROS.all() if distro.family is Family.DEB]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config"))


def with_archive(distro: Distro, **values: object) -> Distro:
    archives = tuple(archive.model_copy(update=values) for archive in distro.archives)
    return distro.model_copy(update={"archives": archives})


@pytest.mark.parametrize("name", DEB)
def test_every_deb_distro_has_a_recipe_of_its_own(name: str, settings: Settings) -> None:
    distro = DISTROS.get(name)
    recipe = DebBaseBuilder(distro, Variant.BUILD, settings).recipe()
    assert all(suite in recipe for archive in distro.archives for suite in archive.suites)
    others = [DebBaseBuilder(DISTROS.get(other), Variant.BUILD, settings) for other in DEB]
    assert sum(recipe == other.recipe() for other in others) == 1


@pytest.mark.parametrize(
    ("alias", "name"),
    [("debian", "debian-13"), ("testing", "debian-14"), ("sid", "debian-sid"),
     ("ubuntu", "ubuntu-26.04"), ("noble", "ubuntu-24.04"), ("bullseye", "debian-11")],
)  # fmt: skip
def test_aliases(alias: str, name: str) -> None:
    assert DISTROS.get(alias).name == name


def test_only_a_base_for_building_has_build_tools(settings: Settings) -> None:
    distro = DISTROS.get("debian-13")
    build, install = (DebBaseBuilder(distro, variant, settings).recipe() for variant in Variant)
    assert "--variant=buildd" in build
    assert "--include=debhelper" in build
    assert "--variant=apt" in install
    assert "--include" not in install


def test_a_users_mirror_is_part_of_the_definition(settings: Settings) -> None:
    distro = DISTROS.get("debian-13")
    other = Settings(settings.folders, archives={"debian": ("http://mirror.example/debian",)})
    recipes = {DebBaseBuilder(distro, Variant.BUILD, s).recipe() for s in (settings, other)}
    assert len(recipes) == 2


def test_an_architecture_that_the_distro_lacks(settings: Settings) -> None:
    distro = DISTROS.get("debian-13").model_copy(update={"architectures": {"z80": "z80"}})
    with pytest.raises(InputError, match=f"not defined for {platform.machine()} machines"):
        _ = DebBaseBuilder(distro, Variant.BUILD, settings).architecture


def test_a_missing_keyring_names_the_file(settings: Settings, tmp_path: Path) -> None:
    distro = with_archive(DISTROS.get("debian-13"), keyring="/usr/share/keyrings/gone.gpg")
    with pytest.raises(XsbuildError, match=r"/usr/share/keyrings/gone\.gpg is not there") as caught:
        DebBaseBuilder(distro, Variant.BUILD, settings).make(tmp_path / "base", tmp_path / "log")
    assert "debian-archive-keyring" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("E: cannot write: No space left on device", "xsbuild clean"),
        ("W: GPG error: NO_PUBKEY 6ED0E7B82643E131", "newer keyring package"),
        ("Err:1 Could not resolve 'mirror.example'\nE: apt-get update failed", "config.yaml"),
        ("E: The repository 'x' does not have a Release file. 404  Not Found", "no such suite"),
        ("E: Release file for x is not valid yet", "clock"),
    ],
)
def test_why_a_base_cannot_be_made(output: str, hint: str, tmp_path: Path) -> None:
    failed = process.CommandFailedError(["mmdebstrap"], 25, output, tmp_path / "log")
    error = explained(DISTROS.get("debian-13"), failed)
    assert error.message.startswith("the base chroot of Debian 13 (trixie) cannot be made")
    assert hint in (error.hint or "")
    assert str(tmp_path / "log") in (error.hint or "")


@pytest.mark.chroot
def test_an_unreachable_mirror_is_an_error_that_names_the_setting(
    settings: Settings, tmp_path: Path
) -> None:
    closed = ("http://127.0.0.1:9/debian",)
    nowhere = {"debian": closed, "debian-security": closed}
    place = tmp_path / "base"
    place.mkdir()
    maker = DebBaseBuilder(
        DISTROS.get("debian-13"), Variant.INSTALL, Settings(settings.folders, archives=nowhere)
    )
    with pytest.raises(XsbuildError, match="cannot be made") as caught:
        maker.make(place, tmp_path / "log")
    assert "`archives` in config.yaml" in (caught.value.hint or "")


def test_each_mirror_is_tried_with_the_others_and_alone(settings: Settings) -> None:
    mirrors = {"debian": ("http://a/", "http://b/"), "debian-security": ("http://s/",)}
    several = Settings(settings.folders, archives=mirrors)
    sources = DebBaseBuilder(DISTROS.get("debian-13"), Variant.BUILD, several).sources()
    uris = [re.findall(r"^URIs: (.*)$", text, re.MULTILINE) for text in sources]
    assert uris == [
        ["http://a/ http://b/", "http://s/"],
        ["http://a/", "http://s/"],
        ["http://b/", "http://s/"],
    ]


@pytest.mark.chroot
@pytest.mark.slow
def test_a_base_is_made_of_the_mirror_that_answers(settings: Settings, tmp_path: Path) -> None:
    distro = DISTROS.get("debian-13")
    host = mirrors_of(distro.archives, settings)
    if len(host) < len(distro.archives):
        pytest.skip("the host's apt sources have no mirror of Debian's archives")
    closed = {name: ("http://127.0.0.1:9/debian", *uris) for name, uris in host.items()}
    place = tmp_path / "base"
    place.mkdir()
    several = Settings(settings.folders, archives=closed)
    DebBaseBuilder(distro, Variant.INSTALL, several).make(place, tmp_path / "log")
    assert (place / "root/usr/bin/apt-get").exists()
    remove_tree(place)
