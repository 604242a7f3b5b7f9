# SPDX-License-Identifier: Apache-2.0
"""Solving by the host's dnf, on a repository of a few packages that is written here."""

import datetime
from collections.abc import Iterator

import createrepo_c  # type: ignore[import-untyped]
import pytest

from capabilities.test_rpm import add
from xsbuild.capabilities.fetch_index import open_dnf
from xsbuild.capabilities.rpmsolve import PlannedRpm, RpmSolver
from xsbuild.capabilities.solve import Unmet
from xsbuild.checks.rpm import read_spec
from xsbuild.distros.dnf_output import parse_problems
from xsbuild.distros.model import Distro, Family, Rpm, YumRepository
from xsbuild.errors import InputError
from xsbuild.host.process import is_program
from xsbuild.settings import Folders, Settings

pytestmark = pytest.mark.skipif(not is_program("dnf"), reason="no dnf on this machine")

PLANNED = [
    PlannedRpm("ours-libs", "2.0-1", ("glibc",)),
    PlannedRpm("ours-devel", "2.0-1", ("ours-libs(x86-64) = 2.0-1", "zlib-devel >= 1.3")),
    PlannedRpm("ours-broken", "2.0-1", ("broken",)),
    PlannedRpm("ours-next", "2:1.0-1", ("glibc",), ("speech", "words = 2")),
    PlannedRpm("meta", "1", ("(gone-here or glibc)", "ours-devel")),
    PlannedRpm("meta-broken", "1", ("ours-libs", "ours-broken")),
]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Distro:
    folder = tmp_path_factory.mktemp("repository")
    writer = createrepo_c.RepositoryWriter(str(folder), changelog_limit=0)
    writer.set_num_of_pkgs(3)
    add(writer, "glibc 0 2.40 1 x86_64", "", provides="glibc 2.40")
    zlib = "zlib-devel 1.3,pkgconfig(zlib) 1.3"
    add(writer, "zlib-devel 0 1.3 1 x86_64", "", provides=zlib, requires="glibc")
    add(writer, "broken 0 1 1 x86_64", "", provides="broken 1", requires="gone")
    writer.finish()
    repository = YumRepository(name="test", baseurl=(folder.as_uri(),), keys=(folder.as_uri(),))
    return Distro(
        name="test-1",
        title="Test 1",
        family=Family.RPM,
        version_suffix=".t1",
        architectures={"x86_64": "x86_64"},
        rpm=Rpm(mock="test-1", buildroot=("glibc",), repositories=(repository,)),
    )


@pytest.fixture(scope="module")
def solver(target: Distro, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RpmSolver]:
    cache = tmp_path_factory.mktemp("cache")
    folders = Folders(cache, cache, cache)
    with (
        pytest.raises(InputError, match="nothing is known of its archives"),
        open_dnf(target, Settings(folders, offline=True), datetime.date.min, lambda _text: None),
    ):
        pass
    with open_dnf(target, Settings(folders), datetime.date.min, lambda _text: None) as dnf:
        yield RpmSolver(dnf, PLANNED)


@pytest.mark.parametrize(
    ("requires", "causes"),
    [
        (("ours-devel", "pkgconfig(zlib) >= 1.2"), []),
        (("nosuch", "glibc", "no-devel > 3"), ["no-devel > 3, which nothing provides"]),
        (("broken",), ["broken-1-1.x86_64 depends on gone, which nothing provides"]),
        (("ours-libs >= 3",), ["ours-libs >= 3, which nothing provides"]),
        (("ours-next = 2:1.0-1", "speech", "words > 1"), []),
        (("ours-next < 2:1",), ["ours-next < 2:1, which nothing provides"]),
        (("words >= 3",), ["words >= 3, which nothing provides"]),
    ],
)
def test_unmet_builds(solver: RpmSolver, requires: tuple[str, ...], causes: list[str]) -> None:
    found = solver.unmet_builds({"fine": ("glibc",), "demo": requires})
    assert {item.wanted for item in found} <= {"demo"}
    assert set(causes) <= {item.cause for item in found}
    assert bool(found) == bool(causes)


def test_unmet_packages(solver: RpmSolver) -> None:
    assert solver.unmet_packages(["meta"]) == []
    cause = "broken-1-1.x86_64 depends on gone, which nothing provides"
    assert solver.unmet_packages(["meta", "meta-broken"]) == [Unmet("meta-broken", cause)]


def test_parse_problems() -> None:
    output = """\
Error: \n Problem 1: conflicting requests
  - nothing provides gone needed by demo-1-1.noarch from xsbuild-planned
 Problem 2: package a-1-1.noarch requires b, but none of the providers can be installed
  - nothing provides c >= 2 needed by b-1-1.x86_64 from test
(try to add '--skip-broken' to skip uninstallable packages)
"""
    assert parse_problems(output, "demo") == [
        "gone, which nothing provides",
        "b-1-1.x86_64 depends on c >= 2, which nothing provides",
    ]
    conflict = " Problem: package a-1 conflicts with b provided by b-1\n"
    assert parse_problems(conflict, "a") == ["package a-1 conflicts with b provided by b-1"]


@pytest.mark.skipif(not is_program("rpmspec"), reason="no rpmspec on this machine")
def test_read_spec(target: Distro) -> None:
    spec = """\
Name: demo
Epoch: 3
Version: 1.0
Release: 1%{?dist}
Summary: Demo
License: MIT
BuildRequires: gcc, pkgconfig(zlib) >= 1.2
Requires: %{name}-libs = 3:%{version}-%{release}
Provides: speech = 2
%description
%package libs
Summary: Libraries
Requires: (a or b)
Requires: demo-%{not_defined_anywhere}
%description libs
%files
%files libs
"""
    facts = read_spec(spec, target)
    assert facts.build_requires == ("gcc", "pkgconfig(zlib) >= 1.2")
    assert facts.packages == (
        PlannedRpm("demo", "3:1.0-1.t1", ("demo-libs = 3:1.0-1.t1",), ("speech = 2",)),
        PlannedRpm("demo-libs", "3:1.0-1.t1", ("(a or b)",)),
    )
