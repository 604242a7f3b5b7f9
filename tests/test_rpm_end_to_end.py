# SPDX-License-Identifier: Apache-2.0
"""From the manifest to `dnf install`, for real: the test project, in the test RPM distribution.

The tests that build as root share a project and a cache, in the order they stand here.
"""

import os
from pathlib import Path

import pytest

from ordinary_user import as_ordinary_user
from rpmdistro.world import NAME, World
from test_end_to_end import COMPONENTS, METAS, Bench, leftovers, results
from upstreams import make_upstreams
from xsbuild import process
from xsbuild.engine.history import History
from xsbuild.engine.store import Result, Store

pytestmark = [pytest.mark.chroot, pytest.mark.xdist_group("rpm-end-to-end")]


def make_bench(home: Path, distros: Path) -> Bench:
    """A project with its user's own distro."""
    project = make_upstreams(home / "work").manifest.parent
    (home / "cache").mkdir()
    (project / "distros").symlink_to(distros)
    return Bench(project, home, NAME, "dnf")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, rpm_world_with_ocaml: World) -> Bench:
    if os.geteuid() != 0:
        pytest.skip("builds as root; the other test does not")
    return make_bench(tmp_path_factory.mktemp("rpm"), rpm_world_with_ocaml.distros)


def last(bench: Bench, component: str) -> Result:
    found = History(Store(bench.home / "cache/store")).last(f"{component}@{NAME}")
    assert found is not None
    return found


def query(bench: Bench, component: str, package: str, *what: str) -> list[str]:
    """What rpm says of a package that was built."""
    (file,) = (
        path for path in last(bench, component).packages if path.name.startswith(f"{package}-0")
    )
    env = {"HOME": str(bench.home)}
    return process.run(["rpm", "--query", *what, "--package", file], env=env).output.splitlines()


def test_the_whole_project_builds(bench: Bench) -> None:
    locked = bench.run("lock", "-d", NAME)
    assert locked.returncode == 0, locked.stdout + locked.stderr
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    got = results(done)
    assert got == {**dict.fromkeys(COMPONENTS, "built"), **dict.fromkeys(METAS, "made")}
    assert leftovers(bench) == []


def test_only_binary_packages_count_as_packages(bench: Bench) -> None:
    files = {file.name: file.package for file in last(bench, "salutd").files}
    kept = {name: package.name if package else None for name, package in files.items()}
    assert kept == {
        "build.log": None,
        "salutd-0.9-2.test1.src.rpm": None,
        "salutd-0.9-2.test1.x86_64.rpm": "salutd",
        "salutd-debuginfo-0.9-2.test1.x86_64.rpm": "salutd-debuginfo",
        "salutd-debugsource-0.9-2.test1.x86_64.rpm": "salutd-debugsource",
    }


def test_relations_are_those_of_the_manifest_and_those_that_rpm_finds(bench: Bench) -> None:
    wanted = query(bench, "salutd", "salutd", "--requires")
    assert {"greet-data", "libgreet.so.1()(64bit)"} <= set(wanted)
    assert query(bench, "salutd", "salutd", "--recommends") == ["/usr/bin/logrotate"]
    assert query(bench, "salutd", "salutd", "--configfiles") == [
        "/etc/logrotate.d/salutd",
        "/etc/salutd/salutd.conf",
    ]


def test_a_second_run_builds_nothing(bench: Bench) -> None:
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {results(done)[name] for name in COMPONENTS} == {"up to date"}


def test_what_was_published_installs_and_passes_every_check(bench: Bench) -> None:
    repo = (bench.project / "dist" / NAME / "xsbuild.repo").read_text()
    assert {"gpgcheck=1", "repo_gpgcheck=1"} <= set(repo.splitlines())
    # Nothing of the test distribution owns the directory of Python's modules.
    done = bench.run("test-install", "-d", NAME, "greeting-runtime", "greet-tools", "ogreet")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_ordinary_user_builds(
    tmp_path_factory: pytest.TempPathFactory, rpm_world: World
) -> None:
    home = tmp_path_factory.mktemp("rpm-user")
    world = rpm_world.copy(home / "world")
    bench = make_bench(home, world.distros)
    for words in (["lock", "-d", NAME], ["--quiet", "build", "-d", NAME, "greet-data"]):
        done = as_ordinary_user(bench.command(*words), home, env=bench.environment)
        assert done.status == 0, done.output
    published = bench.project / "dist" / NAME / "Packages/g/greet-data-1.0-1.test1.noarch.rpm"
    assert published.is_file()
