# SPDX-License-Identifier: Apache-2.0
"""Yum repositories, read by the real dnf with its checks on."""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import createrepo_c  # type: ignore[import-untyped]
import pytest

from repos.rpms import PrivateDnf, make_rpm, make_source_rpm
from xsbuild.errors import XsbuildError
from xsbuild.repos.signing import KEY, SigningKey
from xsbuild.repos.yum import REPO, read_header, write_yum_repository, yum_instructions

EPOCH = 1_767_225_600  # 2026-01-01

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.skipif(os.geteuid() != 0, reason="dnf installs as root only"),
]


def write(target: Path, packages: Sequence[Path], key: SigningKey, *, epoch: int = EPOCH) -> Path:
    """A repository that is used where it lies."""
    target.mkdir()
    write_yum_repository(
        target,
        packages,
        title="XenServer core for Fedora 44",
        key=key,
        epoch=epoch,
        location=target.as_uri(),
    )
    return target


@pytest.fixture
def packages(tmp_path: Path) -> list[Path]:
    return [
        make_rpm(tmp_path, "xapi-core", "26.1.0", tags="Requires: sm >= 4\nProvides: xapi(api)"),
        make_rpm(tmp_path, "sm", "4.0"),
        make_source_rpm(tmp_path, "sm"),
    ]


@pytest.fixture
def repository(tmp_path: Path, packages: list[Path], key: SigningKey) -> Path:
    return write(tmp_path / "repository", packages, key)


def contents(folder: Path) -> dict[str, str]:
    """Path → digest of every file."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_packages_are_where_fedora_has_them_and_the_index_is_zstd(repository: Path) -> None:
    found = {re.sub(r"[0-9a-f]{64}", "HASH", name) for name in contents(repository)}
    assert found == {
        "Packages/s/sm-4.0-1.noarch.rpm",
        "Packages/x/xapi-core-26.1.0-1.noarch.rpm",
        "SRPMS/s/sm-1.0-1.src.rpm",
        KEY,
        REPO,
        "repodata/HASH-filelists.xml.zst",
        "repodata/HASH-other.xml.zst",
        "repodata/HASH-primary.xml.zst",
        "repodata/repomd.xml",
        "repodata/repomd.xml.asc",
    }
    index = (repository / "repodata/repomd.xml").read_text()
    assert set(re.findall("<timestamp>(.*)</timestamp>", index)) == {str(EPOCH)}
    assert "\ngpgcheck=1\nrepo_gpgcheck=1\n" in (repository / REPO).read_text()


def test_the_given_packages_stay_as_they_are(
    tmp_path: Path, packages: list[Path], key: SigningKey
) -> None:
    before = [file.read_bytes() for file in packages]
    write(tmp_path / "repository", packages, key)
    assert [file.read_bytes() for file in packages] == before


@pytest.mark.parametrize("epoch", [EPOCH, 4_000_000_000])
def test_the_same_packages_give_the_same_bytes(
    tmp_path: Path, packages: list[Path], key: SigningKey, epoch: int
) -> None:
    first = write(tmp_path / "one", packages, key, epoch=epoch)
    place = tmp_path / "first"
    first.rename(place)
    second = write(tmp_path / "one", packages[::-1], key, epoch=epoch)
    left, right = contents(place), contents(second)
    signature = "repodata/repomd.xml.asc"
    assert left.pop(signature)
    assert right.pop(signature)
    assert left == right


def test_dnf_installs_from_it(tmp_path: Path, repository: Path) -> None:
    dnf = PrivateDnf(repository / REPO, tmp_path / "root")
    installed = dnf.run("install", "xapi(api)")
    assert installed.status == 0, installed.output
    assert dnf.installed() == ["sm-4.0", "xapi-core-26.1.0"]


def change_index(repository: Path) -> None:
    index = repository / "repodata/repomd.xml"
    index.write_text(index.read_text().replace("<revision>", "<revision>1"))


def drop_signature(repository: Path) -> None:
    (repository / "repodata/repomd.xml.asc").unlink()


def replace_package(repository: Path) -> None:
    (package,) = repository.rglob("sm-*.noarch.rpm")
    package.write_bytes(package.read_bytes() + b"more")


@pytest.mark.parametrize("change", [change_index, drop_signature, replace_package])
def test_dnf_refuses_what_was_changed(
    tmp_path: Path, repository: Path, change: Callable[[Path], None]
) -> None:
    change(repository)
    dnf = PrivateDnf(repository / REPO, tmp_path / "root")
    assert dnf.run("install", "sm").status != 0
    assert dnf.installed() == []


def test_dnf_refuses_a_package_that_is_not_signed(
    tmp_path: Path, packages: list[Path], repository: Path
) -> None:
    (package,) = repository.rglob("sm-*.noarch.rpm")
    shutil.copyfile(packages[1], package)
    shutil.rmtree(repository / "repodata")
    with createrepo_c.RepositoryWriter(str(repository), num_packages=1) as writer:
        writer.add_pkg_from_file(str(package))
    file = repository / REPO
    file.write_text(file.read_text().replace("repo_gpgcheck=1", "repo_gpgcheck=0"))
    dnf = PrivateDnf(file, tmp_path / "root")
    refused = dnf.run("install", "sm")
    assert "is not signed" in refused.output
    assert dnf.installed() == []


def test_two_different_packages_of_one_name_are_an_error(tmp_path: Path, key: SigningKey) -> None:
    one, other = (make_rpm(tmp_path, "sm", text=text) for text in ("One.", "Other."))
    with pytest.raises(XsbuildError, match=r"differ, but both are sm-1\.0-1\.noarch\.rpm"):
        write(tmp_path / "repository", [one, other], key)


def test_what_is_no_package_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "broken.rpm"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(XsbuildError, match=r"broken\.rpm is no RPM package"):
        read_header(file)


def test_an_empty_repository_can_be_read(tmp_path: Path, key: SigningKey) -> None:
    repository = write(tmp_path / "repository", [], key)
    dnf = PrivateDnf(repository / REPO, tmp_path / "root")
    listed = dnf.run("repoquery")
    assert listed.status == 0, listed.output


@pytest.mark.parametrize(
    ("manager", "last"), [("dnf", "dnf install sm"), ("zypper", "zypper install sm")]
)
def test_instructions_end_with_the_installation(manager: str, last: str) -> None:
    assert yum_instructions(Path("/srv/repository"), ["sm"], manager)[-1] == last
