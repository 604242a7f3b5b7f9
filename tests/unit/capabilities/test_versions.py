# SPDX-License-Identifier: Apache-2.0
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsbuild.capabilities import rpm
from xsbuild.capabilities.family import capabilities_of
from xsbuild.capabilities.versions import (
    differ_in_numbers_only,
    has_version,
    satisfies,
    without_version,
)
from xsbuild.distros.model import Family
from xsbuild.host import process
from xsbuild.manifest.requirement import parse_constraints

VERSIONS = st.text("0123456789ab.~^", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("version", "family", "expected"),
    [
        ("1:2.9.14+dfsg-1.3~deb12u6", Family.DEB, "2.9.14"),
        ("1:0.15.1+really0.15.0-2+b1", Family.DEB, "0.15.0"),
        ("4.17.7+13-g2445b30a44-0+deb12u1", Family.DEB, "4.17.7+13-g2445b30a44"),
        ("2022.02.11", Family.DEB, "2022.02.11"),
        ("2:4.20.1-3.el10", Family.RPM, "4.20.1"),
        ("4.20.1", Family.RPM, "4.20.1"),
    ],
)
def test_upstream(version: str, family: Family, expected: str) -> None:
    assert capabilities_of(family).upstream(version) == expected


@pytest.mark.parametrize(
    ("version", "bounds", "expected"),
    [
        ("4.20.0-1", ">= 4.20, < 4.21", True),
        ("4.21.0-1", ">= 4.20, < 4.21", False),
        ("4.21.0~rc1-1", ">= 4.20, < 4.21", False),
        ("4.21~rc1-1", ">= 4.20, < 4.21", True),
        ("3:5.68-2", ">= 5.55", True),
        ("1:1.9-1", ">= 1.10", False),
        ("1.2+dfsg-1", "<= 1.2", True),
        ("1.2-1", "= 1.2", True),
        ("1.2-1", "> 1.2", False),
        ("1.2-1", "", True),
    ],
)
@pytest.mark.parametrize("family", Family)
def test_satisfies(version: str, bounds: str, family: Family, *, expected: bool) -> None:
    if family is Family.RPM and "dfsg" in version:
        pytest.skip("Debian's alone")
    assert satisfies(version, parse_constraints(bounds), family) is expected


@pytest.mark.parametrize(
    ("one", "other", "family", "expected"),
    [
        ("1:1.0-1", "2.0-1", Family.DEB, True),
        ("1.0-1+b1", "1.0-1", Family.DEB, True),
        ("1.0-1", "1.0-1", Family.DEB, False),
        ("1:1.0-1", "2.0-1", Family.RPM, True),
        ("1.0-2.fc44", "1.0-10.fc44", Family.RPM, False),
        ("1.0-1", "1.0-1", Family.RPM, False),
    ],
)
def test_newer(one: str, other: str, family: Family, *, expected: bool) -> None:
    assert capabilities_of(family).newer(one, other) is expected


@pytest.mark.skipif(shutil.which("rpm") is None, reason="the program rpm is not installed")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(VERSIONS, VERSIONS), min_size=20, max_size=20))
def test_compares_as_rpm_does(pairs: list[tuple[str, str]]) -> None:
    calls = ",".join(f"rpm.vercmp('{one}','{other}')" for one, other in pairs)
    output = process.run(["rpm", "--eval", f"%{{lua:print({calls})}}"]).output
    assert [rpm.compare(one, other) for one, other in pairs] == list(map(int, output.split()))


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("xen-hypervisor-4.17-amd64", "4.17.7+13-g2445b30a44-0+deb12u1", True),
        ("libxen4.17", "4.17.7", True),
        ("libpython3.11-dev", "3.11.2-6", True),
        ("libxml2.9-dev", "2.12.7+dfsg+really2.9.14-2", True),
        ("libxml2-dev", "2.9.14", False),
        ("libglib2.0-dev", "2.74.6-2", False),
        ("xen-system-amd64", "4.17.7", False),
    ],
)
def test_has_version(name: str, version: str, *, expected: bool) -> None:
    assert has_version(name, version) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("libpython3.11-dev", ["libpython3-dev", "libpython-dev"]),
        ("gcc-12", ["gcc"]),
        ("libboost1.74-dev", ["libboost1-dev", "libboost-dev"]),
        ("make", []),
    ],
)
def test_without_version(name: str, expected: list[str]) -> None:
    assert list(without_version(name)) == expected


def test_differ_in_numbers_only() -> None:
    names = ["libxen4.17", "xl", "libxen4.20", "libxml2"]
    assert differ_in_numbers_only(names) == ["libxen4.17", "libxen4.20"]
