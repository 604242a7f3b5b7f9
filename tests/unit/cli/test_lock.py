# SPDX-License-Identifier: Apache-2.0
"""`xsbuild lock`, `resolve`, `providers` and `check --locked`, offline on an index made here."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from capabilities.conftest import DATA
from xsbuild.capabilities.index import write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.records import PackageRecord
from xsbuild.cli.main import cli
from xsbuild.distros.apt import make_private_apt
from xsbuild.distros.model import Family
from xsbuild.errors import InputError

RELEASE = "Date: Sat, 21 Nov 2026 10:00:00 UTC\nSuite: stable\n"
PACKAGES = {
    "xen-utils": ("4.20.1-1", "xen"),
    "libxen-dev": ("4.20.1-1+b1", "xen"),
    "make": ("4.4.1-2", "make-dfsg"),
    "gles": ("5-1", "q"),
    "gl": ("5-1", "q"),
}
FILES = {
    "usr/sbin/xl": ["xen-utils"],
    "usr/lib/x86_64-linux-gnu/pkgconfig/xencontrol.pc": ["libxen-dev"],
    "usr/bin/q": ["gles", "other-gl", "gl"],
    "usr/lib/x86_64-linux-gnu/libq.so": ["gles", "libxen-dev", "make"],
    "etc/gone": ["make", "gl", "libxen-dev"],
}


def index_at(folder: Path, files: Mapping[str, Sequence[str]] = FILES) -> None:
    """An index as a run that was not offline would have left it."""
    apt = make_private_apt(folder / "apt", "amd64")
    (apt.folder / "var/lib/apt/lists/test_InRelease").write_text(RELEASE, encoding="utf-8")
    stamp = apt.stamp()
    assert stamp is not None
    write_index(
        folder / "index.sqlite",
        made_of=(),
        stamp=stamp,
        family=Family.DEB,
        patterns=Patterns("x86_64"),
        packages=[
            PackageRecord(name, version, source, version.partition("+b")[0])
            for name, (version, source) in PACKAGES.items()
        ],
        files=files.items(),
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XSBUILD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    text = (DATA / "components.yaml").read_text(encoding="utf-8")
    (tmp_path / "components.yaml").write_text(text, encoding="utf-8")
    index_at(tmp_path / "cache/indexes/debian-13-x86_64")
    return tmp_path


def run(project: Path, *args: str) -> Result:
    manifest = str(project / "components.yaml")
    return CliRunner().invoke(cli, ["--offline", "--manifest", manifest, *args])


def test_lock(project: Path) -> None:
    refused = run(project, "lock", "--distro", "debian-13")
    assert refused.exit_code == 1
    assert refused.stdout.splitlines() == [
        "debian-13 (2026-11-21): 2 capabilities found, 1 not there",
        "  + bin(xl): xen-utils 4.20.1-1",
        "  + pkgconfig(xencontrol): libxen-dev 4.20.1-1+b1",
        "  ! file(/etc/gone): not in debian-13",
        "  ~ provider make: not looked at → not there",
        "  ~ provider ocaml: not looked at → not there",
        "  ~ provider xen: not looked at → 4.20.1-1",
        "  error: file(/etc/gone) is one of gl, libxen-dev, make: choose under `names` of the "
        "distro, or write `package(deb: …, rpm: …)` (for everything)",
    ]
    text = (project / "components.yaml").read_text(encoding="utf-8")
    without = text.replace(", file(/etc/gone)", "")
    (project / "components.yaml").write_text(without, encoding="utf-8")
    accepted = run(project, "lock", "--all")
    assert accepted.exit_code == 0
    assert accepted.stdout.splitlines() == [
        "debian-13 (2026-11-21): 2 capabilities found, 0 not there",
        "  + file(/etc/gone): no longer missing",
    ]
    assert run(project, "check", "--locked").exit_code == 0
    (project / "components.yaml").write_text(text, encoding="utf-8")
    stale = run(project, "check", "--locked")
    assert stale.exit_code == 1
    assert "file(/etc/gone); `xsbuild lock --distro debian-13` looks it up" in stale.stdout


def test_lock_what() -> None:
    result = CliRunner().invoke(cli, ["lock"])
    assert isinstance(result.exception, InputError)
    assert result.exception.hint == "name some with --distro"


def test_providers(project: Path) -> None:
    assert (
        "debian-13 has no lock that says whether it has a suitable one"
        in run(project, "providers", "--distro", "debian-13").stdout
    )
    run(project, "lock", "--distro", "debian-13")
    args = ("providers", "--distro", "trixie", "--provider", "make=distro", "--json")
    rows = {row["component"]: row for row in json.loads(run(project, *args).stdout)}
    assert {name: (row["from"], row["version"]) for name, row in rows.items()} == {
        "xen": ("debian-13", "4.20.1"),
        "ocaml": ("built", "4.21.2"),
        "make": ("debian-13", None),
    }
    assert rows["make"]["why"] == "asked for on the command line"


def test_resolve(project: Path) -> None:
    wanted = ["bin(xl) >= 4.20", "bin(xl) >= 4.21", "bin(xll)", "bin(q)"]
    result = run(project, "resolve", *wanted, "-d", "debian-13", "--json")
    assert result.exit_code == 1
    rows = json.loads(result.stdout)
    assert [(row["capability"], row["package"], row["problem"]) for row in rows] == [
        ("bin(xl) >= 4.20", "xen-utils", None),
        ("bin(xl) >= 4.21", "xen-utils", "not >= 4.21"),
        ("bin(xll)", None, "bin(xll) is not there; there is bin(xl)"),
        ("bin(q)", "gl", None),
    ]
    explained = run(project, "resolve", "bin(q)", "-d", "debian-13", "--explain")
    assert (explained.exit_code, explained.stdout.splitlines()) == (
        0,
        [
            "bin(q) on debian-13: gl 5-1",
            "  gl has usr/bin/q",
            "  gles has usr/bin/q",
            "  gl preferred: the others' names begin with it",
        ],
    )


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("resolve", "bin(xl)"), "no distro to look at"),
        (("resolve", "xl", "-d", "debian-13"), "'xl' is no capability"),
        (("resolve", "bim(xl)", "-d", "debian-13"), "unknown kind 'bim'"),
        (("resolve", "bin(xl)", "-d", "debian-12"), "nothing is known of its archives"),
        (("lock", "-d", "debian-99"), "unknown distro 'debian-99'"),
    ],
)
def test_wrong_use(project: Path, args: tuple[str, ...], text: str) -> None:
    error = run(project, *args).exception
    assert isinstance(error, InputError)
    assert text in str(error)


LOCK = """\
distro: debian-13
index: {{date: 2026-11-21, hash: {}}}
capabilities:
  bin(cmake): {{package: cmake, version: 3.31.6-2}}
"""


def test_a_lock_answers_without_an_index(project: Path) -> None:
    lock = project / "locks/debian-13.yaml"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text(LOCK.format("a" * 64))
    shutil.rmtree(project / "cache")
    locked = run(project, "resolve", "bin(cmake)", "bin(cmake) >= 4", "-d", "debian-13", "--json")
    assert locked.exit_code == 1
    rows = json.loads(locked.stdout)
    assert [row["package"] for row in rows] == ["cmake", "cmake"]
    assert [row["problem"] for row in rows] == [None, "not >= 4"]
    # what it lacks, and --refresh, need an index
    for words in (("bin(xl)",), ("bin(cmake)", "--refresh")):
        refused = run(project, "resolve", *words, "-d", "debian-13")
        assert isinstance(refused.exception, InputError)
