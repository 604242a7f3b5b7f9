# SPDX-License-Identifier: Apache-2.0
"""From the manifest to `dnf install`, for real, by the command, in the test RPM distribution.

The test project is built once as root and once as an ordinary user; the product, as far as its
sources can be had, once. What is built is used for the next question, as building takes time.
"""

import json
from pathlib import Path

import pytest

from both_families import meet
from linters import lint_rpms
from ordinary_user import as_ordinary_user
from rendered import copy_product
from rpmdistro.world import NAME, World
from test_end_to_end import (
    COMPONENTS,
    METAS,
    Bench,
    leftovers,
    results,
    triggers_of_other_packages_ran,
)
from upstreams import make_upstreams
from xsbuild.host import process
from xsbuild.store.history import History
from xsbuild.store.store import Result, Store

pytestmark = [pytest.mark.chroot]
PRODUCT = ("python3-xenapi", "xenserver-core-setup", "xenserver-core-platform")


def make_bench(home: Path, project: Path, distros: Path) -> Bench:
    """A project with its user's own distro."""
    (home / "cache").mkdir()
    (project / "distros").symlink_to(distros)
    return Bench(home, project / "components.yaml", NAME, "dnf")


def test_as_root(
    tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path, run_folder: Path
) -> None:
    project = make_upstreams(tmp_path / "work").manifest.parent
    bench = make_bench(tmp_path, project, rpm_world_with_ocaml.distros)
    (tmp_path / "cache/bases").symlink_to(rpm_bases)
    everything_builds(bench)
    only_binary_packages_count_as_packages(bench)
    lint_rpms(bench.store, bench.repository)
    relations_are_those_of_the_manifest_and_those_that_rpm_finds(bench)
    a_second_run_builds_nothing(bench)
    what_was_published_installs_and_passes_every_check(bench)
    meet(bench, run_folder)


@pytest.mark.slow
def test_as_an_ordinary_user(tmp_path: Path, rpm_world_with_ocaml: World) -> None:
    world = rpm_world_with_ocaml.copy(tmp_path / "world")
    project = make_upstreams(tmp_path / "work").manifest.parent
    bench = make_bench(tmp_path, project, world.distros)
    build = ["--quiet", "build", "-d", NAME, "--builder", "dnf", "-j4", "--json"]
    for words in (["lock", "-d", NAME], build, ["test-install", "-d", NAME]):
        done = as_ordinary_user(bench.command(*words), tmp_path, env=bench.environment)
        assert done.status == 0, done.output
    published = {path.name for path in (project / "dist" / NAME / "Packages").rglob("*.rpm")}
    assert {"salutd-0.9-2.test1.x86_64.rpm", "salutd-debuginfo-0.9-2.test1.x86_64.rpm"} <= published
    assert len({last(bench, component).key for component in COMPONENTS}) == len(COMPONENTS)
    assert leftovers(bench) == []


def everything_builds(bench: Bench) -> None:
    locked = bench.run("lock", "-d", NAME)
    assert locked.returncode == 0, locked.stdout + locked.stderr
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    got = results(done)
    assert got == {**dict.fromkeys(COMPONENTS, "built"), **dict.fromkeys(METAS, "made")}
    assert leftovers(bench) == []


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


def only_binary_packages_count_as_packages(bench: Bench) -> None:
    files = {file.name: file.package for file in last(bench, "salutd").files}
    kept = {name: package.name if package else None for name, package in files.items()}
    assert kept == {
        "build.log": None,
        "salutd-0.9-2.test1.src.rpm": None,
        "files.json": None,
        "salutd-0.9-2.test1.x86_64.rpm": "salutd",
        "salutd-debuginfo-0.9-2.test1.x86_64.rpm": "salutd-debuginfo",
        "salutd-debugsource-0.9-2.test1.x86_64.rpm": "salutd-debugsource",
    }


def relations_are_those_of_the_manifest_and_those_that_rpm_finds(bench: Bench) -> None:
    wanted = query(bench, "salutd", "salutd", "--requires")
    assert {"greet-data", "libgreet.so.1()(64bit)"} <= set(wanted)
    assert query(bench, "salutd", "salutd", "--recommends") == ["/usr/bin/logrotate"]
    assert query(bench, "salutd", "salutd", "--configfiles") == [
        "/etc/logrotate.d/salutd",
        "/etc/salutd/salutd.conf",
    ]


def a_second_run_builds_nothing(bench: Bench) -> None:
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {results(done)[name] for name in COMPONENTS} == {"up to date"}


def what_was_published_installs_and_passes_every_check(bench: Bench) -> None:
    repo = (bench.project / "dist" / NAME / "xsbuild.repo").read_text()
    assert {"gpgcheck=1", "repo_gpgcheck=1"} <= set(repo.splitlines())
    done = bench.run("test-install", "-d", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    triggers_of_other_packages_ran(bench)


@pytest.mark.slow
def test_the_product_builds_and_installs(
    tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path
) -> None:
    """What of it has sources that can be had here, and a meta-package of what the distro has.

    The distro's Xen, kernel, QEMU and libvirt are stand-ins with their names and files.
    """
    project = copy_product(tmp_path / "project")
    bench = make_bench(tmp_path, project, rpm_world_with_ocaml.distros)
    (tmp_path / "cache/bases").symlink_to(rpm_bases)
    locked = bench.run("lock", "-d", NAME)  # it lists what a small world has not
    assert "Traceback" not in locked.stderr
    done = bench.build(*PRODUCT)
    assert done.returncode == 0, done.stdout + done.stderr
    built = dict.fromkeys(("xenapi", "xenserver-core-setup"), "built")
    assert results(done) == {**built, "xenserver-core-platform": "made"}
    lint_rpms(bench.store, bench.repository)
    (meta,) = (project / "dist" / NAME).rglob("xenserver-core-platform-*.rpm")
    assert meta.name.endswith(".noarch.rpm")
    tried = bench.run("test-install", "-d", NAME, "--json", *PRODUCT)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    checks = {row["check"]: row["result"] for row in json.loads(tried.stdout)["checks"]}
    assert set(checks.values()) == {"passed"}
