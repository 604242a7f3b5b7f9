# SPDX-License-Identifier: Apache-2.0
"""`xsbuild build --check-reproducible`: the test project passes; what names its host does not."""

import os
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_end_to_end import COMPONENTS, Bench, leftovers, make_bench
from test_rpm_end_to_end import make_bench as make_rpm_bench
from upstreams import make_upstreams

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]


def test_all_of_the_test_project_is_reproducible_as_deb(tmp_path: Path, bases: Path) -> None:
    check(make_bench("debian-13", "pbuilder", tmp_path, bases))


def test_all_of_the_test_project_is_reproducible_as_rpm(
    tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path
) -> None:
    project = make_upstreams(tmp_path / "work").manifest.parent
    bench = make_rpm_bench(tmp_path, project, rpm_world_with_ocaml.distros)
    (tmp_path / "cache/bases").symlink_to(rpm_bases)
    assert bench.run("lock", "-d", NAME).returncode == 0
    check(bench)


def check(bench: Bench) -> None:
    words = ("build", "-d", bench.distro, "--builder", bench.builder, "--check-reproducible")
    done = bench.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = done.stderr.splitlines()[-1].removeprefix("reproducible: ")
    assert set(verdict.split(", ")) == COMPONENTS
    assert leftovers(bench) == []


def test_what_tells_where_it_was_built_is_named_and_fails(tmp_path: Path, bases: Path) -> None:
    bench = make_bench("debian-13", "pbuilder", tmp_path, bases)
    rules = bench.project / "debian/greet-data/rules.j2"
    rules.parent.mkdir(parents=True, exist_ok=True)
    rules.write_text(TELLS)
    done = bench.run("build", "-d", bench.distro, "--check-reproducible", "greet-data")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "greet-data is not reproducible: greet-data_1.0-" in done.stderr
    assert "usr/share/greet/host" in done.stderr
    assert "elsewhere" in done.stderr


TELLS = """\
{% extends "_base/rules.j2" %}
{% block targets %}

execute_after_dh_install:
\thostname > debian/greet-data/usr/share/greet/host
{% endblock %}
"""
