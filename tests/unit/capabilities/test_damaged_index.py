# SPDX-License-Identifier: Apache-2.0
"""An index that the disk has damaged: an answer or a clear error, and then it is made anew."""

import datetime
import gzip
import shutil
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.index import Index, write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.rpmindex import read_rpm_packages
from xsbuild.distros.apt import make_private_apt
from xsbuild.distros.model import Family, IndexStamp
from xsbuild.errors import XsbuildError

DATA = Path(__file__).parent / "data/debian-13"
REPODATA = Path(__file__).parents[2] / "fuzz/seed/index/rpm/repodata"
STAMP = IndexStamp(date=datetime.date(2026, 11, 21), hash="0" * 64)


@cache
def good(folder: Path) -> bytes:
    """An index to damage."""
    packed = folder / "Contents.gz"
    packed.write_bytes(gzip.compress((DATA / "Contents").read_bytes()))
    write_index(
        folder / "good.sqlite",
        made_of=(),
        stamp=STAMP,
        family=Family.DEB,
        patterns=Patterns("x86_64"),
        packages=read_packages([DATA / "Packages"]),
        files=read_contents([packed]),
    )
    return (folder / "good.sqlite").read_bytes()


def ask(file: Path) -> None:
    """Asks everything that can be asked."""
    with closing(Index(file)) as index:
        index.package("cmake")
        index.of_source("cmake")
        index.offering("bin", "cmake")
        index.having("usr/bin/cmake")
        index.alternatives("python3")
        list(index.names_like("header", "zlib.h", 5))


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + b"\0" * 4096])
def test_what_is_no_index_is_an_error_that_says_what_was_done(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "index.sqlite"
    file.write_bytes(data)
    with pytest.raises(XsbuildError, match=f"the index {file} was damaged") as caught:
        ask(file)
    assert "rebuild it" in (caught.value.hint or "")
    assert not file.exists()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_index_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, part: float
) -> None:
    folder = tmp_path_factory.getbasetemp()
    data = good(folder)
    file = folder / "truncated.sqlite"
    file.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(XsbuildError, match="was damaged"):
        ask(file)


def test_a_damaged_list_of_packages_is_named(tmp_path: Path) -> None:
    file = tmp_path / "Packages"
    for data in (
        b"Package: a\n\n",
        b"Version: 1\n",
        b"Package: \xff\n",
        b"Section: x\n\nPackage: a\n",
    ):
        file.write_bytes(data)
        with pytest.raises(XsbuildError, match=f"index {file} is damaged"):
            list(read_packages([file]))


def test_a_damaged_list_of_files_is_named(tmp_path: Path) -> None:
    file = tmp_path / "Contents.gz"
    whole = gzip.compress(b"usr/bin/a  admin/a\n" * 100)
    for data in (
        whole[:30],
        b"no gzip",
        whole[:20] + b"\0\xff" + whole[22:],
        whole[:-4] + b"\0" * 4,
    ):
        file.write_bytes(data)
        with pytest.raises(XsbuildError, match=f"index {file} is damaged"):
            list(read_contents([file]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("repomd.xml", ""),
        ("repomd.xml", "<repomd/>"),
        ("repomd.xml", '<repomd><data type="primary"><location href="p"/></data></repomd>'),
        ("repomd.xml", '<repomd><data type="primary"/><data type="filelists"/></repomd>'),
        ("primary.xml", "<metadata packages='1'><package type='rpm'><name>a</name>"),
        ("filelists.xml", ""),
    ],
)
def test_a_damaged_yum_repository_is_named(tmp_path: Path, name: str, content: str) -> None:
    folder = tmp_path / "repodata"
    shutil.copytree(REPODATA, folder)
    (folder / name).write_text(content)
    with pytest.raises(XsbuildError, match=f"index {folder}/.* is damaged"):
        list(read_rpm_packages([folder], "x86_64"))


@pytest.mark.parametrize("data", [b"", b"Date: yesterday\n", b"Suite: a\n\xff", b"Date: \n"])
def test_a_damaged_release_file_is_named(tmp_path: Path, data: bytes) -> None:
    apt = make_private_apt(tmp_path, "amd64")
    release = tmp_path / "var/lib/apt/lists/x_InRelease"
    release.write_bytes(data)
    with pytest.raises(XsbuildError, match=f"index {release} is damaged"):
        apt.stamp()


@given(data=st.data())
def test_a_damaged_page_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = good(folder)
    place = data.draw(st.integers(0, len(whole) - 1))
    bad = data.draw(st.binary(min_size=1, max_size=64))
    file = folder / "damaged.sqlite"
    file.write_bytes(whole[:place] + bad + whole[place + len(bad) :])
    with suppress(XsbuildError):  # nothing else may be raised
        ask(file)
