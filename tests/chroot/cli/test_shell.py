# SPDX-License-Identifier: Apache-2.0
"""A shell in a component's buildroot, typed into by the test."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from upstreams import make_upstreams


@dataclass(frozen=True)
class Person:
    """Someone who types commands."""

    manifest: Path
    home: Path

    def shell(self, *words: str, typed: str) -> subprocess.CompletedProcess[str]:
        return self.run("shell", *words, typed=typed)

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        code = "from xsbuild.cli.main import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, "--manifest", str(self.manifest), *words],
            input=typed,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "XSBUILD_CACHE": str(self.home / "cache"),
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def person(tmp_path: Path, bases: Path) -> Person:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/bases").symlink_to(bases)
    return Person(make_upstreams(tmp_path / "made").manifest, tmp_path)


@pytest.mark.chroot
def test_what_the_shell_says_to_type_builds_the_package(person: Person) -> None:
    typed = "dpkg-buildpackage --build=binary --no-sign >&2 && ls ..; exit 3"
    done = person.shell("greet-data", "-d", "debian-13", typed=typed)
    assert done.returncode == 3, done.stderr
    assert "greet-data_1.0-1~deb13_all.deb" in done.stdout.splitlines()
    assert "dpkg-buildpackage --build=binary --no-sign" in done.stderr
    assert "as pbuilder, without a network" in done.stderr
    assert list((person.home / "cache/work").iterdir()) == []


@pytest.mark.chroot
def test_where_dependencies_cannot_be_installed_one_is_root_with_the_source(person: Person) -> None:
    text = person.manifest.read_text()
    needs = "system: none, requires: ['package(deb: no-such-package)']"
    person.manifest.write_text(text.replace("system: none", needs, 1))
    failed = person.run("build", "-d", "debian-13", "greet-data")
    assert failed.returncode == 1
    assert "no-such-package" in failed.stderr
    typed = "pwd; id -un; ls debian/rules; apt-get build-dep --simulate . 2>&1 | tail -n1"
    done = person.shell("greet-data", "-d", "debian-13", typed=typed)
    assert done.stdout.splitlines()[:3] == ["/build/greet-data-1.0", "root", "debian/rules"]
    assert "E: " in done.stdout
    assert "the last build of greet-data@debian-13 failed" in done.stderr
    assert re.search("could not be installed: .*no-such-package", done.stderr)
    again = person.run("-v", "build", "-d", "debian-13", "greet-data")
    assert again.returncode == 1
    assert "install build dependencies" in again.stderr  # a failure is no answer to keep


_FAILS = """\
{% extends "_base.spec.j2" %}
{% block check %}
%check
touch %{_builddir}/left
false
{% endblock %}
"""


@pytest.mark.chroot
def test_an_rpm_build_is_entered_ready_to_compile_or_as_its_failure_left_it(
    tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/bases").symlink_to(rpm_bases)
    person = Person(make_upstreams(tmp_path / "made").manifest, tmp_path)
    project = person.manifest.parent
    (project / "distros").symlink_to(rpm_world_with_ocaml.distros)
    where = ("greet-data", "-d", NAME)
    done = person.shell(*where, typed="id -un; rpmbuild -bb SPECS/*.spec >&2 && ls RPMS/noarch")
    assert done.stdout.split() == ["mockbuild", "greet-data-1.0-1.test1.noarch.rpm"], done.stderr
    (project / "specs").mkdir()
    (project / "specs/greet-data.spec.j2").write_text(_FAILS)
    failed = person.run("build", "-d", NAME, "--builder", "dnf", "greet-data")
    assert failed.returncode == 1
    assert "xsbuild shell greet-data" in failed.stderr
    done = person.shell(*where, typed="pwd; ls BUILD/left; exit 3")
    assert done.returncode == 3, done.stderr
    assert done.stdout.split() == ["/builddir/build", "BUILD/left"]
    assert "the last build of greet-data@testdistro-1 failed" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gret-data", "-d", "debian-13"), "did you mean `greet-data`?"),
        (("libgreet", "-d", "debian-31"), "unknown distro"),
        (("greet-tools", "-d", "debian-13", "--provider", "greet-tools=distro"), "not built for"),
    ],
)
def test_a_shell_that_cannot_be_is_an_error(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    manifest = Path(__file__).parents[2] / "support/project/components.yaml"
    done = Person(manifest, tmp_path).shell(*words, typed="")
    assert done.returncode == 2
    assert message in done.stderr
