# SPDX-License-Identifier: Apache-2.0
"""Apt repositories, read by the real apt with its checks on."""

import gzip
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from debian.deb822 import Deb822, Packages, Release
from hypothesis import given
from hypothesis import strategies as st

from debs import PrivateApt, make_deb
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.repos.apt import apt_instructions, read_control, write_apt_repository
from xsbuild.repos.signing import SigningKey

EPOCH = 1_767_225_600  # 2026-01-01
SUITE = "debian-13"


def write(target: Path, packages: Sequence[Path], key: SigningKey, *, epoch: int = EPOCH) -> Path:
    """A repository that is used where it lies."""
    target.mkdir()
    write_apt_repository(
        target,
        packages,
        suite=SUITE,
        title="XenServer core for Debian 13",
        architectures=["amd64", "arm64"],
        key=key,
        epoch=epoch,
        location=target.as_uri(),
        signed_by=str(target / "key.asc"),
    )
    return target


def index(repository: Path, architecture: str) -> list[Deb822]:
    """The paragraphs of a Packages file."""
    file = repository / f"dists/{SUITE}/main/binary-{architecture}/Packages"
    return list(Packages.iter_paragraphs(file.read_text(), use_apt_pkg=False))


@pytest.fixture
def packages(tmp_path: Path) -> list[Path]:
    """One package of each kind that matters."""
    return [
        make_deb(tmp_path, "xapi-core", "1:26.1.0-1~deb13", source="xapi (26.1.0-1~deb13)"),
        make_deb(tmp_path, "libxha0", "25.2.0-1", source="libxha"),
        make_deb(tmp_path, "sm", "4.0-1", "all", compression="zstd"),
        make_deb(tmp_path, "xha", "25.2.0-1", "arm64", compression="xz"),
    ]


@pytest.fixture
def repository(tmp_path: Path, packages: list[Path], key: SigningKey) -> Path:
    """A repository of them."""
    return write(tmp_path / "repository", packages, key)


def test_pool_and_indexes_are_what_debian_has(repository: Path) -> None:
    pool = sorted(str(p.relative_to(repository)) for p in (repository / "pool").rglob("*.deb"))
    assert pool == [
        "pool/main/libx/libxha/libxha0_25.2.0-1_amd64.deb",
        "pool/main/s/sm/sm_4.0-1_all.deb",
        "pool/main/x/xapi/xapi-core_26.1.0-1~deb13_amd64.deb",
        "pool/main/x/xha/xha_25.2.0-1_arm64.deb",
    ]
    names = {a: [p["Package"] for p in index(repository, a)] for a in ("amd64", "arm64")}
    assert names == {"amd64": ["libxha0", "sm", "xapi-core"], "arm64": ["sm", "xha"]}
    for paragraph in index(repository, "amd64"):
        data = (repository / paragraph["Filename"]).read_bytes()
        assert paragraph["SHA256"] == sha256(data).hexdigest()
        assert paragraph["Size"] == str(len(data))
        assert paragraph["Description"] == "für einen Test\n more\n .\n of it"


def test_release_lists_every_index_and_its_hash_finds_it(repository: Path) -> None:
    dist = repository / "dists" / SUITE
    release = Release((dist / "Release").read_text())
    assert release["Date"] == "Thu, 01 Jan 2026 00:00:00 UTC"
    assert release["Acquire-By-Hash"] == "yes"
    assert (release["Suite"], release["Codename"]) == (SUITE, SUITE)
    assert (release["Origin"], release["Label"]) == ("xsbuild", "xsbuild")
    assert release["Architectures"] == "amd64 arm64"
    assert len(release["SHA256"]) == 4
    for entry in release["SHA256"]:
        file = dist / entry["name"]
        assert file.stat().st_size == int(entry["size"])
        by_hash = file.parent / "by-hash" / "SHA256" / entry["sha256"]
        assert by_hash.read_bytes() == file.read_bytes()
    packages = dist / "main/binary-amd64/Packages"
    assert gzip.decompress(packages.with_suffix(".gz").read_bytes()) == packages.read_bytes()


def test_apt_installs_from_it(tmp_path: Path, repository: Path) -> None:
    apt = PrivateApt.using(repository, tmp_path / "apt")
    updated = apt.update()
    assert updated.status == 0, updated.output
    assert not re.search(r"^[WEN]:", updated.output, re.MULTILINE), updated.output
    assert apt.version("xapi-core") == "1:26.1.0-1~deb13"
    planned = apt.run("install", "--simulate", "sm", "libxha0")
    assert "Inst sm (4.0-1 xsbuild:debian-13 [all])" in planned.output
    fetched = apt.run("download", "sm", "xapi-core")
    assert fetched.status == 0, fetched.output
    assert len(list(apt.root.glob("*.deb"))) == 2


def append(file: Path) -> None:
    """Changes a file, which may be a link to another's."""
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data + b"\nPackage: evil\nVersion: 1\n")


def change_packages(repository: Path) -> None:
    """Changes every copy of an index."""
    for file in (repository / f"dists/{SUITE}/main/binary-amd64").rglob("*"):
        if file.is_file():
            append(file)


def change_release(repository: Path) -> None:
    """Changes what is signed."""
    file = repository / f"dists/{SUITE}/InRelease"
    file.write_bytes(file.read_bytes().replace(b"Label: xsbuild", b"Label: Xsbuild"))


def remove_signatures(repository: Path) -> None:
    """Leaves only what is not signed."""
    for name in ("InRelease", "Release.gpg"):
        (repository / "dists" / SUITE / name).unlink()


def change_release_only_detached(repository: Path) -> None:
    """As for a client that knows no InRelease."""
    (repository / "dists" / SUITE / "InRelease").unlink()
    append(repository / "dists" / SUITE / "Release")


@pytest.mark.parametrize(
    "tamper", [change_packages, change_release, remove_signatures, change_release_only_detached]
)
def test_apt_refuses_what_was_changed(
    tmp_path: Path, repository: Path, tamper: Callable[[Path], None]
) -> None:
    tamper(repository)
    apt = PrivateApt.using(repository, tmp_path / "apt")
    updated = apt.update()
    assert updated.status != 0, updated.output
    assert apt.version("sm") == ""


def test_apt_takes_the_detached_signature(tmp_path: Path, repository: Path) -> None:
    (repository / "dists" / SUITE / "InRelease").unlink()
    apt = PrivateApt.using(repository, tmp_path / "apt")
    assert apt.update().status == 0
    assert apt.version("sm") == "4.0-1"


def test_apt_refuses_a_changed_package(tmp_path: Path, repository: Path) -> None:
    apt = PrivateApt.using(repository, tmp_path / "apt")
    assert apt.update().status == 0
    append(repository / "pool/main/s/sm/sm_4.0-1_all.deb")
    assert apt.run("download", "sm").status != 0


def test_an_empty_repository_is_one(tmp_path: Path, key: SigningKey) -> None:
    repository = write(tmp_path / "repository", [], key)
    apt = PrivateApt.using(repository, tmp_path / "apt")
    updated = apt.update()
    assert updated.status == 0, updated.output


def content(repository: Path) -> dict[str, bytes]:
    """Every file but the signatures."""
    return {
        str(path.relative_to(repository)): path.read_bytes()
        for path in repository.rglob("*")
        if path.is_file() and path.name not in ("InRelease", "Release.gpg", "xsbuild.sources")
    }


def test_the_same_packages_give_the_same_bytes(
    tmp_path: Path, packages: list[Path], repository: Path, key: SigningKey
) -> None:
    again = write(tmp_path / "again", [*reversed(packages), packages[0]], key)
    assert content(again) == content(repository)
    later = write(tmp_path / "later", packages, key, epoch=EPOCH + 1)
    changed = {name for name, data in content(later).items() if data != content(again)[name]}
    assert changed == {f"dists/{SUITE}/Release"}


def test_packages_are_linked_unless_others_could_not_read_them(
    tmp_path: Path, key: SigningKey
) -> None:
    linked, copied = make_deb(tmp_path, "linked"), make_deb(tmp_path, "copied")
    linked.chmod(0o644)
    copied.chmod(0o600)
    mask = os.umask(0o077)
    try:
        repository = write(tmp_path / "repository", [linked, copied], key)
    finally:
        os.umask(mask)
    (one,) = repository.rglob("linked*.deb")
    (two,) = repository.rglob("copied*.deb")
    assert one.samefile(linked)
    assert not two.samefile(copied)
    assert copied.stat().st_mode & 0o777 == 0o600
    for path in (repository, *repository.rglob("*")):
        wanted = 0o755 if path.is_dir() else 0o644
        assert path.stat().st_mode & 0o777 == wanted, path


def test_two_different_packages_of_one_name_are_an_error(tmp_path: Path, key: SigningKey) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files.append(make_deb(tmp_path / name, content=name))
    with pytest.raises(XsbuildError) as caught:
        write(tmp_path / "repository", files, key)
    assert caught.value.message == (
        f"{files[0]} and {files[1]} differ, but both are xha_25.2.0-1_amd64.deb"
    )


@pytest.mark.parametrize("data", [b"", b"no package", b"!<arch>\n", b"!<arch>\ndebian-binary"])
def test_what_is_no_package_is_an_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.deb"
    file.write_bytes(data)
    with pytest.raises(XsbuildError, match=re.escape(f"{file} cannot be read as a Debian package")):
        read_control(file)


@pytest.mark.parametrize("compression", ["none", "gzip", "xz", "zstd"])
def test_control_is_read_whatever_the_compression(tmp_path: Path, compression: str) -> None:
    control = read_control(make_deb(tmp_path, compression=compression))
    assert (control["Package"], control["Architecture"]) == ("xha", "amd64")


def test_a_truncated_package_is_an_error(tmp_path: Path) -> None:
    for compression in ("gzip", "xz", "zstd"):
        file = make_deb(tmp_path, compression=compression)
        os.truncate(file, 150)
        with pytest.raises(XsbuildError):
            read_control(file)


def test_the_instructions_are_what_the_sources_file_needs(
    tmp_path: Path, packages: list[Path], key: SigningKey
) -> None:
    target = tmp_path / "repository"
    target.mkdir()
    write_apt_repository(
        target,
        packages,
        suite=SUITE,
        title="XenServer core",
        architectures=["amd64"],
        key=key,
        epoch=EPOCH,
        location=target.as_uri(),
    )
    sources = Deb822((target / "xsbuild.sources").read_text())
    assert dict(sources) == {
        "Types": "deb",
        "URIs": f"file://{target}",
        "Suites": SUITE,
        "Components": "main",
        "Signed-By": "/etc/apt/keyrings/xsbuild.asc",
    }
    first, second, *rest = apt_instructions(target, ["xenserver-core"])
    for line, name in ((first, "key.asc"), (second, "xsbuild.sources")):
        *_, source, place = line.split()
        assert Path(source) == target / name
        assert place in ("/etc/apt/keyrings/xsbuild.asc", "/etc/apt/sources.list.d/xsbuild.sources")
        assert shutil.which(line.split()[0])
    assert rest == ["apt-get update", "apt-get install xenserver-core"]


@given(data=st.data())
def test_damaged_packages_are_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    good = make_good(folder)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = data.draw(
        st.one_of(
            st.just(good[:place]),
            st.binary(min_size=1, max_size=4).map(lambda x: good[:place] + x + good[place + 1 :]),
        )
    )
    file = folder / "damaged.deb"
    file.write_bytes(bad)
    with suppress(XsbuildError):  # nothing else may be raised
        assert {"Package", "Version", "Architecture"} <= set(read_control(file))


@cache
def make_good(folder: Path) -> bytes:
    """A package to damage."""
    (folder / "good").mkdir()
    return make_deb(folder / "good", compression="gzip").read_bytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Source", "../../../pwned"),
        ("Source", "a/b"),
        ("Package", "../evil"),
        ("Version", "1/../../x"),
        ("Architecture", "../all"),
    ],
)
def test_a_field_that_would_leave_the_pool_is_refused(
    field: str, value: str, tmp_path: Path
) -> None:
    fields = {"Package": "evil", "Version": "1", "Architecture": "all", field: value}
    place = tmp_path / "tree/DEBIAN"
    place.mkdir(parents=True)
    fields |= {"Maintainer": "x <x@x>", "Description": "x"}
    (place / "control").write_text("".join(f"{name}: {text}\n" for name, text in fields.items()))
    deb = tmp_path / "evil.deb"
    process.run(["dpkg-deb", "--nocheck", "--build", tmp_path / "tree", deb])
    with pytest.raises(XsbuildError) as caught:
        read_control(deb)
    assert f"{field} is {value!r}" in str(caught.value)
