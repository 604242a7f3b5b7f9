# SPDX-License-Identifier: Apache-2.0
"""Solving by the host's apt, on archives of a few packages that are written here."""

from pathlib import Path

import pytest

from capabilities.small_archive import fetch_small_archive
from xsbuild.capabilities.solve import Planned, Solver, Unmet
from xsbuild.distros.apt import PrivateApt
from xsbuild.host.process import is_program

pytestmark = pytest.mark.skipif(not is_program("apt-get"), reason="no apt on this machine")

ARCHIVE = {
    "libc6": {},
    "build-essential": {"Depends": "libc6"},
    "libxen-dev": {"Depends": "libxen"},
    "libxen": {"Depends": "libc6"},
    "xl": {"Depends": "libxen"},
    "broken": {"Depends": "broken-part"},
    "broken-part": {"Depends": "gone (>= 2)"},
    "one": {"Conflicts": "other"},
    "other": {},
}


@pytest.fixture(scope="module")
def apt(tmp_path_factory: pytest.TempPathFactory) -> PrivateApt:
    archive, folder = (tmp_path_factory.mktemp(name) for name in ("archive", "apt"))
    return fetch_small_archive(ARCHIVE, archive, folder)


def control(build_depends: str) -> str:
    return (
        f"Source: demo\nMaintainer: A <a@example.org>\nBuild-Depends: {build_depends}\n\n"
        "Package: demo\nArchitecture: any\nDescription: demo\n"
    )


PLANNED = [
    Planned("libours-dev", "2.0-1", {"Depends": "libxen-dev"}),
    Planned("ours", "2.0-1", {"Depends": "libc6, xl", "Provides": "virtual"}),
    Planned("ours-broken", "2.0-1", {"Depends": "broken"}),
    Planned("meta", "1", {"Depends": "gone-here | xl, ours"}),
    Planned("meta-broken", "1", {"Depends": "ours, ours-broken"}),
    Planned("meta-conflict", "1", {"Depends": "one, other"}),
]


OLD = "there in that version,"
NOT_THERE = "which is not there, or excluded by something else that is needed"


@pytest.mark.parametrize(
    ("build_depends", "causes"),
    [
        ("libxen-dev, libours-dev (>= 2)", []),
        ("virtual, gone <!nocheck> | xl", []),
        ("libours-dev (>= 3)", [f"libours-dev (>= 3), {NOT_THERE.replace('there,', OLD)}"]),
        ("nosuch-dev, xl, no-dev", [f"nosuch-dev, {NOT_THERE}", f"no-dev, {NOT_THERE}"]),
        ("broken", [f"broken-part depends on gone (>= 2), {NOT_THERE}"]),
    ],
)
def test_unmet_builds(apt: PrivateApt, build_depends: str, causes: list[str]) -> None:
    solver = Solver(apt, PLANNED)
    found = solver.unmet_builds({"fine": control("xl"), "demo": control(build_depends)})
    assert found == [Unmet("demo", cause) for cause in causes]


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("meta", []),
        ("meta-broken", [f"broken-part depends on gone (>= 2), {NOT_THERE}"]),
        ("meta-conflict", [f"other, {NOT_THERE}"]),
    ],
)
def test_unmet_packages(apt: PrivateApt, name: str, causes: list[str]) -> None:
    assert Solver(apt, PLANNED).unmet_packages(["meta", name]) == [
        Unmet(name, cause) for cause in causes
    ]


def test_builds_need_not_go_together(apt: PrivateApt) -> None:
    assert Solver(apt, []).unmet_builds({"a": control("one"), "b": control("other")}) == []


def test_packages_that_exclude_each_other(apt: PrivateApt) -> None:
    found = Solver(apt, []).unmet_packages(["one", "other"])
    assert [item.wanted for item in found] == ["one, other"]


def test_nothing_of_the_host_is_used(apt: PrivateApt) -> None:
    assert apt.stamp() is not None
    assert Path("/var/lib/dpkg/status") != apt.folder / "var/lib/dpkg/status"
    found = Solver(apt, []).unmet_packages(["bash"])
    assert [unmet.wanted for unmet in found] == ["bash"]
