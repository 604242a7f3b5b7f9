# SPDX-License-Identifier: Apache-2.0
"""Names in braces, and what they stand for on a distro."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.manifest.places import (
    PLACES,
    expand,
    has_other_braces,
    names_in,
    places_of,
    same_everywhere,
)

DISTROS = find_distros([Path(__file__).parents[3] / "distros"]).all()
DEB = Distro(name="d", title="D", family=Family.DEB, version_suffix="~d", architectures={})
RPM = DEB.model_copy(update={"family": Family.RPM})


@pytest.mark.parametrize("distro", DISTROS, ids=lambda distro: distro.name)
def test_every_distro_has_every_place(distro: Distro) -> None:
    assert set(places_of(distro)) == PLACES


@pytest.mark.parametrize(
    ("text", "deb", "rpm"),
    [
        ("{bindir}/xe", "/usr/bin/xe", "%{_bindir}/xe"),
        ("{libdir}/libx.so", "/usr/lib/*/libx.so", "%{_libdir}/libx.so"),
        ("{python3_sitelib}", "/usr/lib/python3/dist-packages", "%{python3_sitelib}"),
        ("{python3_sitearch}", "/usr/lib/python3/dist-packages", "%{python3_sitearch}"),
        ("/opt/{unitdir}", "/opt//usr/lib/systemd/system", "/opt/%{_unitdir}"),
        ("no place", "no place", "no place"),
        ("${HOME} {} {a b}", "${HOME} {} {a b}", "${HOME} {} {a b}"),
    ],
)
def test_expands(text: str, deb: str, rpm: str) -> None:
    assert expand(text, places_of(DEB)) == deb
    assert expand(text, places_of(RPM)) == rpm


def test_a_distro_overrides_its_family() -> None:
    distro = DEB.model_copy(update={"places": {"unitdir": "/lib/systemd/system"}})
    assert expand("{unitdir}/x", places_of(distro)) == "/lib/systemd/system/x"


def test_an_unknown_place_gets_the_nearest() -> None:
    with pytest.raises(InputError) as error:
        expand("{sysconfdri}/x", places_of(DEB))
    assert error.value.message == "unknown place {sysconfdri} in '{sysconfdri}/x'"
    assert error.value.hint == "did you mean `sysconfdir`?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{datadir}/greet", "/usr/share/greet"),
        ("/opt/greet", "/opt/greet"),
        ("{sbindir}/greetd", None),
        ("{libdir}/x", None),
        ("{nowhere}/x", None),
    ],
)
def test_some_places_are_the_same_everywhere(text: str, expected: str | None) -> None:
    assert same_everywhere(text) == expected


@pytest.mark.parametrize("distro", DISTROS, ids=lambda distro: distro.name)
def test_the_same_everywhere_means_everywhere(distro: Distro) -> None:
    moved = {name for name in distro.places if same_everywhere(f"{{{name}}}")}
    assert not moved


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{bindir}/x", False),
        ("/x", False),
        ("{Bindir}/x", True),
        ("{bindir/x", True),
        ("{}/x", True),
    ],
)
def test_finds_braces_around_no_name(text: str, expected: bool) -> None:
    assert has_other_braces(text) is expected


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z]+", fullmatch=True), st.text()))
def test_expanding_knows_every_name_or_says_so(text: str, values: dict[str, str]) -> None:
    unknown = [name for name in names_in(text) if name not in values]
    if unknown:
        with pytest.raises(InputError):
            expand(text, values)
    else:
        expand(text, values)
