# SPDX-License-Identifier: Apache-2.0
"""Files of two packages, and directories that become links, in lists of made and real packages."""

import os
from pathlib import Path

import pytest
import yaml

from planted import Deb
from recipes.test_hostile_text import SAMPLE, request_of
from xsbuild.distros.load import find_distros
from xsbuild.engine.accept import accept_files
from xsbuild.engine.file_lists import FileLists, former_lists, keep_lists, list_files, lists_of
from xsbuild.engine.owners import shared_files
from xsbuild.errors import BuildError
from xsbuild.families import deb, rpm
from xsbuild.host import process
from xsbuild.host.process import is_program
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Manifest
from xsbuild.shipped import shipped
from xsbuild.store.store import Package, Result, StoredFile

FILE = {"/usr/share": "d", "/usr/share/x": "f"}


def manifest(folder: Path, packages: dict[str, dict[str, object]]) -> Manifest:
    data = yaml.safe_load(SAMPLE)
    component = data["components"]["greet"]
    component |= {"version": "2.0", "packages": {"greet": {}, **packages}}
    component["changelog"][0]["version"] = "2.0-1"
    (folder / "src").mkdir()
    file = folder / "components.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_manifest(file)


def refusal(made: Manifest, lists: FileLists, former: FileLists | None = None) -> BuildError:
    with pytest.raises(BuildError) as caught:
        accept_files(request_of(made, "debian", "debian-13"), lists, former or {})
    return caught.value


@pytest.mark.parametrize("distro", ["debian-13", "centos-stream-10"])
@pytest.mark.parametrize(
    ("one", "other", "kinds", "shared"),
    [
        ({}, {}, ("f", "f"), True),
        ({}, {}, ("d", "d"), False),
        ({}, {}, ("d", "l"), True),
        ({}, {}, ("l", "l"), True),
        ({"conflicts": ["bb"]}, {}, ("f", "f"), False),
        ({}, {"conflicts": ["aa"]}, ("f", "f"), False),
        ({"conflicts": ["cc"]}, {}, ("f", "f"), True),
        ({"replaces": ["bb"]}, {}, ("f", "f"), False),
        # only an older one gives its file away
        ({"replaces": ["bb < 2.0"]}, {}, ("f", "f"), True),
        ({"replaces": ["bb < 3"]}, {}, ("f", "f"), False),
        ({"conflicts": ["mail-agent"]}, {"provides": ["mail-agent"]}, ("f", "f"), False),
        ({"conflicts": ["bin(sendmail)"]}, {"offers": ["bin(sendmail)"]}, ("f", "f"), False),
    ],
)
def test_who_may_share(
    one: dict[str, object], other: dict[str, object], kinds: tuple[str, str], shared: bool,
    distro: str, tmp_path: Path,
) -> None:  # fmt: skip
    made = manifest(tmp_path, {"aa": one, "bb": other})
    lists = {"aa": {"/usr/x": kinds[0]}, "bb": {"/usr/x": kinds[1]}}
    components = dict.fromkeys(("aa", "bb"), made.components["greet"])
    found = shared_files(lists, components, find_distros([shipped("distros")]).get(distro))
    assert [*found] == (["aa and bb both have /usr/x"] if shared else [])


def test_all_pairs_are_named_with_some_of_their_files(tmp_path: Path) -> None:
    many = {f"/usr/share/{number}": "f" for number in range(5)}
    made = manifest(tmp_path, {"aa": {}, "bb": {}})
    error = refusal(made, {"greet": FILE, "aa": {**FILE, **many}, "bb": many})
    assert error.code == "XSB-BUILD-SHARED-FILE"
    assert str(error).splitlines()[1:3] == [
        "  aa and bb both have /usr/share/0, /usr/share/1, /usr/share/2 and 2 more",
        "  aa and greet both have /usr/share/x",
    ]


def test_a_merged_usr_is_one_place(tmp_path: Path) -> None:
    made = manifest(tmp_path, {"aa": {}})
    error = refusal(made, {"greet": {"/lib/x.so": "f"}, "aa": {"/usr/lib/x.so": "f"}})
    assert "aa and greet both have /usr/lib/x.so" in str(error)


@pytest.mark.parametrize(
    ("before", "after", "stated", "said"),
    [
        ("d", "l", [], "`dir-to-symlink: /usr/share/x`, `since: 2.0-1`"),
        ("l", "d", [], "`symlink-to-dir: /usr/share/x`, `since: 2.0-1`"),
        ("d", "l", [{"dir-to-symlink": "{datadir}/x", "to": "y", "since": "2.0-1"}], ""),
        ("l", "d", [{"symlink-to-dir": "/usr/share/x", "to": "y", "since": "2.0-1"}], ""),
        ("d", "l", [{"dir-to-symlink": "{datadir}/xx", "to": "y", "since": "2.0-1"}],
         "dir-to-symlink"),
        ("f", "l", [], ""),
        ("d", "d", [], ""),
        ("l", "l", [], ""),
    ],
)  # fmt: skip
def test_a_change_of_kind_is_stated(
    before: str, after: str, stated: list[object], said: str, tmp_path: Path
) -> None:
    made = manifest(tmp_path, {"aa": {"upgrades": stated}})
    now, former = {"aa": {"/usr/share/x": after}}, {"aa": {"/usr/share/x": before}}
    if said:
        error = refusal(made, now, former)
        assert error.code == "XSB-BUILD-UPGRADE"
        assert said in str(error)
    else:
        accept_files(request_of(made, "debian", "debian-13"), now, former)


def test_a_result_keeps_its_lists(tmp_path: Path) -> None:
    made = manifest(tmp_path, {})
    package = Deb("greet", files={"/usr/share/my file -> here": "x"})
    file = package.make(tmp_path)
    packages = {
        file.name: Package("greet", "1", "all"),
        "symbols": Package("greet-dbgsym", "1", "all"),
    }
    lists = list_files(tmp_path, packages, made.components["greet"], deb.read_files)
    expected = {"/": "d", "/usr": "d", "/usr/share": "d", "/usr/share/my file -> here": "f"}
    assert lists == {"greet": expected}
    stored = tuple(StoredFile(name, 0, "", item) for name, item in packages.items())
    result = Result("k", "d", stored, tmp_path, {}, "b", 0.0)
    # made by a version that kept no lists
    assert lists_of(result, made.components["greet"], deb.read_files) == lists
    file.unlink()
    keep_lists(tmp_path, lists)
    assert lists_of(result, made.components["greet"], deb.read_files) == lists


SPEC = """Name: greet
Version: 1
Release: 1
Summary: Sample
License: MIT
BuildArch: noarch
%description
Sample.
%install
mkdir -p %{buildroot}/usr/share/greet %{buildroot}/var/log
ln -s greet %{buildroot}/usr/share/link
echo > "%{buildroot}/usr/share/greet/my file"
%files
/usr/share/greet
/usr/share/link
%ghost /var/log/greet.log
"""


@pytest.mark.skipif(not is_program("rpmbuild"), reason="no rpmbuild on this machine")
def test_files_of_an_rpm(tmp_path: Path) -> None:
    spec = tmp_path / "greet.spec"
    spec.write_text(SPEC)
    define = ("--define", f"_topdir {tmp_path}", "--define", f"_rpmdir {tmp_path}")
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    process.run(["rpmbuild", *define, "-bb", spec], env=env)
    [file] = tmp_path.glob("**/*.noarch.rpm")
    assert rpm.read_files(file) == {
        "/usr/share/greet": "d",
        "/usr/share/greet/my file": "f",
        "/usr/share/link": "l",
    }


@pytest.mark.parametrize(
    ("version", "counts"), [("1.9-1~deb13", True), ("2.0-1~deb13", False), ("2.1-1~deb13", False)]
)
def test_only_an_earlier_version_is_upgraded(version: str, counts: bool, tmp_path: Path) -> None:
    made = manifest(tmp_path, {})
    stored = (StoredFile("p", 0, "", Package("greet", version, "all")),)
    keep_lists(tmp_path, {"greet": {"/x": "d"}})
    result = Result("k", "d", stored, tmp_path, {}, "b", 0.0)
    former = former_lists(request_of(made, "debian", "debian-13"), result, deb.read_files)
    assert bool(former) is counts
