# SPDX-License-Identifier: Apache-2.0
"""A shell in a component's buildroot, typed into by the test."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from upstreams import make_upstreams
from xsbuild import process

_CONTROL = """\
Source: greet-data
Maintainer: Nobody <nobody@example.org>
Build-Depends: debhelper-compat (= 13), no-such-package

Package: greet-data
Architecture: all
Description: sample
"""
_CHANGELOG = """\
greet-data (1:2.0-1) unstable; urgency=medium

  * Sample.

 -- Nobody <nobody@example.org>  Tue, 14 Nov 2023 22:13:20 +0000
"""


@dataclass(frozen=True)
class Person:
    """Someone who types commands."""

    manifest: Path
    home: Path

    def shell(self, component: str, *options: str, typed: str) -> subprocess.CompletedProcess[str]:
        code = "from xsbuild.cli.main import main; main()"
        words = [sys.executable, "-c", code, "--manifest", str(self.manifest), "shell", component]
        return subprocess.run(
            [*words, *options],
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


def failed_build(folder: Path) -> None:
    """What a build leaves whose dependencies cannot be installed."""
    tree = folder / "source/greet-data-2.0"
    for name, text in {
        "control": _CONTROL,
        "changelog": _CHANGELOG,
        "rules": "#!/usr/bin/make -f\n%:\n\tdh $@\n",
        "source/format": "1.0\n",
    }.items():
        (tree / "debian" / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / "debian" / name).write_text(text)
    process.run(["dpkg-source", "--build", tree.name], cwd=tree.parent)


@pytest.mark.chroot
def test_what_the_shell_says_to_type_builds_the_package(person: Person) -> None:
    typed = "dpkg-buildpackage --build=binary --no-sign >&2 && ls ..; touch /left; exit 3"
    done = person.shell("greet-data", "-d", "debian-13", typed=typed)
    assert done.returncode == 3, done.stderr
    assert "greet-data_1.0-1~deb13_all.deb" in done.stdout.splitlines()
    assert "dpkg-buildpackage --build=binary --no-sign" in done.stderr
    assert list((person.home / "cache/work").iterdir()) == []


@pytest.mark.chroot
def test_after_a_failure_it_has_that_builds_source_and_says_what_is_missing(person: Person) -> None:
    failed = person.home / "cache/work/failed/greet-data@debian-13"
    failed_build(failed)
    done = person.shell("greet-data", "-d", "debian-13", typed="pwd; ls debian/rules")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["/build/greet-data-2.0", "debian/rules"]
    assert "failed build of greet-data@debian-13" in done.stderr
    assert "no-such-package" in done.stderr
    assert (failed / "source").is_dir()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gret-data", "-d", "debian-13"), "did you mean greet-data?"),
        (("greet-data", "-d", "fedora-44"), "no shells for RPM"),
        (("libgreet", "-d", "debian-31"), "unknown distro"),
        (("greet-tools", "-d", "debian-13", "--provider", "greet-tools=distro"), "not built for"),
    ],
)
def test_a_shell_that_cannot_be_is_an_error(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    manifest = Path(__file__).parents[1] / "project/components.yaml"
    done = Person(manifest, tmp_path).shell(*words, typed="")
    assert done.returncode == 2
    assert message in done.stderr
