# SPDX-License-Identifier: Apache-2.0
"""Rust and Go with vendored dependencies: built twice for real, compared and installed.

Slow, as the compilers take long to install.
"""

import os
import subprocess
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_end_to_end import Bench, leftovers
from upstreams import TOOLCHAINS, make_upstreams

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]
PROGRAMS = ("greet-go", "greet-rust")


def make_bench(home: Path, distro: str, builder: str) -> Bench:
    manifest = make_upstreams(home / "work", name=TOOLCHAINS).manifest
    (home / "cache").mkdir()
    return Bench(home, manifest, distro, builder)


def test_on_debian(tmp_path: Path, bases: Path) -> None:
    bench = make_bench(tmp_path, "debian-13", "pbuilder")
    (tmp_path / "cache/bases").symlink_to(bases)
    builds_and_installs(bench)
    names = {path.name.partition("_")[0] for path in published(bench, "*.deb")}
    assert names == {*PROGRAMS, *(f"{name}-dbgsym" for name in PROGRAMS)}
    for program in PROGRAMS:
        (package,) = published(bench, f"{program}_*.deb")
        subprocess.run(["/usr/bin/dpkg-deb", "--extract", package, tmp_path / "tree"], check=True)
        no_path_of_the_build_is_in(tmp_path / "tree/usr/bin" / program)


def test_in_the_test_rpm_distribution(tmp_path: Path, rpm_world_with_toolchains: World) -> None:
    bench = make_bench(tmp_path, NAME, "dnf")
    (bench.project / "distros").symlink_to(rpm_world_with_toolchains.distros)
    builds_and_installs(bench)
    names = {path.name.rpartition("-0.1.0-")[0] for path in published(bench, "*.rpm")}
    assert names == {*PROGRAMS, *(f"{name}-debuginfo" for name in PROGRAMS)}


def builds_and_installs(bench: Bench) -> None:
    words = ("build", "-d", bench.distro, "--builder", bench.builder, "--check-reproducible")
    done = bench.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = done.stderr.splitlines()[-1].removeprefix("reproducible: ")
    assert set(verdict.split(", ")) == set(PROGRAMS)
    assert leftovers(bench) == []
    done = bench.run("test-install", "-d", bench.distro, *PROGRAMS)
    assert done.returncode == 0, done.stdout + done.stderr


def published(bench: Bench, pattern: str) -> list[Path]:
    folder = (bench.project / "dist" / bench.distro).resolve()
    return [path for path in folder.rglob(pattern) if ".src." not in path.name]


def no_path_of_the_build_is_in(program: Path) -> None:
    content = program.read_bytes()
    assert b"/build/" not in content
