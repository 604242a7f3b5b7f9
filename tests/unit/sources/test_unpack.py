# SPDX-License-Identifier: Apache-2.0
import io
import os
import random
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.settings import Limits
from xsbuild.sources import unpack as unpacking
from xsbuild.sources.unpack import unpack

FILE, LINK, HARD, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
Member = tuple[str, bytes, str, int]
"""Name, type, target of a link, mode."""


def make_tar(file: Path, members: list[Member], mode: str = "w") -> Path:
    with tarfile.open(file, mode) as tar:  # type: ignore[call-overload]
        for name, kind, target, permissions in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mode = kind, target, permissions
            info.devmajor, info.devminor = 1, 3
            content = b"content" if kind == FILE else b""
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


GOOD: list[Member] = [
    ("x-1/", FOLDER, "", 0o755),
    ("x-1/a -> b", FILE, "", 0o644),
    ("x-1/run", FILE, "", 0o755),
    ("x-1/sub/deep", FILE, "", 0o664),
    ("x-1/sub/link", LINK, "../run", 0o777),
    ("x-1/hard", HARD, "x-1/run", 0o755),
]


@pytest.mark.parametrize("compression", ["", "gz", "bz2", "xz"])
def test_good_archives(tmp_path: Path, compression: str) -> None:
    archive = make_tar(tmp_path / "archive", GOOD, f"w:{compression}")
    top = unpack(archive, tmp_path / "out")
    assert top == tmp_path / "out" / "x-1"
    assert names(top) == ["a -> b", "hard", "run", "sub"]
    assert (top / "sub/link").read_text() == "content"
    assert stat.S_IMODE((top / "run").stat().st_mode) == 0o755
    assert stat.S_IMODE((top / "sub/deep").stat().st_mode) == 0o664
    assert names(tmp_path) == ["archive", "out"]


@pytest.mark.skipif(not process.is_program("zstd"), reason="no program zstd")
def test_zstd(tmp_path: Path) -> None:
    tar = make_tar(tmp_path / "x.tar", GOOD)
    process.run(["zstd", "-q", tar])
    assert (unpack(tmp_path / "x.tar.zst", tmp_path / "out") / "run").is_file()


def test_an_archive_with_no_single_top_directory(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "x.tar", [("a", FILE, "", 0o644), ("b/c", FILE, "", 0o644)])
    assert unpack(archive, tmp_path / "out") == tmp_path / "out"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([("/tmp/evil", FILE, "", 0o644)], id="absolute"),
        pytest.param([("../evil", FILE, "", 0o644)], id="parent"),
        pytest.param([("a/../../evil", FILE, "", 0o644)], id="parent in the middle"),
        pytest.param([("a", LINK, "/etc", 0o777)], id="absolute link"),
        pytest.param([("a", LINK, "..", 0o777)], id="link to the parent"),
        pytest.param([("a", LINK, "b/../../..", 0o777)], id="link by way of nothing"),
        pytest.param(
            [
                ("d/", FOLDER, "", 0o755),
                ("a", LINK, "d", 0o777),
                ("d/b", LINK, "../a/../..", 0o777),
            ],
            id="link by way of a link",
        ),
        pytest.param([("a", LINK, "..", 0o777), ("a/evil", FILE, "", 0o644)], id="through a link"),
        pytest.param([("a", HARD, "/etc/passwd", 0o644)], id="absolute hard link"),
        pytest.param([("a", HARD, "../../../../../../etc/passwd", 0o644)], id="hard link out"),
        pytest.param(
            [("s", LINK, "/etc/passwd", 0o777), ("a", HARD, "s", 0o644)], id="hard link to a link"
        ),
        pytest.param([("a", FILE, "", 0o4755)], id="setuid"),
        pytest.param([("a", FILE, "", 0o2755)], id="setgid"),
        pytest.param([("a", tarfile.FIFOTYPE, "", 0o644)], id="pipe"),
        pytest.param([("a", tarfile.CHRTYPE, "", 0o666)], id="device"),
        pytest.param([("a", FILE, "", 0o644), ("a/b", FILE, "", 0o644)], id="file as a directory"),
    ],
)
def test_evil_archives(tmp_path: Path, members: list[Member]) -> None:
    archive = make_tar(tmp_path / "x.tar", [("good", FILE, "", 0o644), *members])
    with pytest.raises(SourceError, match=r"^x\.tar cannot be unpacked: ."):
        unpack(archive, tmp_path / "out")
    assert names(tmp_path) == ["x.tar"]
    assert not Path("/tmp/evil").exists()


NAMES = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=4)
PATHS = st.builds(lambda parts: "/".join(parts) or "a", NAMES)
MEMBERS = st.lists(
    st.tuples(
        PATHS,
        st.sampled_from([FILE, LINK, HARD, FOLDER]),
        PATHS,
        st.sampled_from([0o644, 0o755, 0o4755, 0o000]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(MEMBERS)
def test_nothing_ever_leaves_the_tree(members: list[Member]) -> None:
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name, "outer")
        inner = outer / "inner"
        inner.mkdir(parents=True)
        archive = make_tar(inner / "x.tar", members)
        try:
            unpack(archive, inner / "out")
        except SourceError:
            assert names(inner) == ["x.tar"]
        else:
            assert names(inner) == ["out", "x.tar"]
            for path in (inner / "out").rglob("*"):
                # Not Path.resolve, which raises where links go in circles.
                assert Path(os.path.realpath(path)).is_relative_to(inner / "out")
                assert path.is_dir() or path.lstat().st_mode & 0o6000 == 0
        assert names(outer) == ["inner"]
        assert names(Path(name)) == ["outer"]


def make_zip(file: Path, members: list[tuple[str, int, str]]) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, mode, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return file


def test_a_good_zip(tmp_path: Path) -> None:
    members = [
        ("x-1/", stat.S_IFDIR | 0o755, ""),
        ("x-1/run", stat.S_IFREG | 0o755, "content"),
        ("x-1/sub/link", stat.S_IFLNK | 0o777, "../run"),
    ]
    top = unpack(make_zip(tmp_path / "x.zip", members), tmp_path / "out")
    assert (top / "sub/link").read_text() == "content"
    assert stat.S_IMODE((top / "run").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    "member",
    [
        ("/tmp/evil", stat.S_IFREG | 0o644, ""),
        ("../evil", stat.S_IFREG | 0o644, ""),
        ("a/../../evil", stat.S_IFREG | 0o644, ""),
        ("..\\evil", stat.S_IFREG | 0o644, ""),
        ("a", stat.S_IFLNK | 0o777, "/etc"),
        ("a", stat.S_IFLNK | 0o777, ".."),
        ("a", stat.S_IFREG | 0o4755, ""),
    ],
)
def test_evil_zips(tmp_path: Path, member: tuple[str, int, str]) -> None:
    archive = make_zip(tmp_path / "x.zip", [("good", stat.S_IFREG | 0o644, ""), member])
    with pytest.raises(SourceError, match=r"^x\.zip cannot be unpacked: ."):
        unpack(archive, tmp_path / "out")
    assert names(tmp_path) == ["x.zip"]


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(SourceError, match="cannot be unpacked"):
        unpack(tmp_path / "x", tmp_path / "out")


def test_a_truncated_archive(tmp_path: Path) -> None:
    whole = make_tar(tmp_path / "whole", GOOD, "w:gz").read_bytes()
    (tmp_path / "x.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="cannot be unpacked"):
        unpack(tmp_path / "x.tar.gz", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", [35, 45, 55])
def test_a_damaged_zip_is_an_error_in_words(method: int, place: int, tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", method) as file:
        file.writestr("a", random.Random(1).randbytes(500))
    data = bytearray(archive.read_bytes())
    data[place : place + 10] = b"\xff" * 10  # within the member's data
    archive.write_bytes(data)
    with pytest.raises(SourceError, match=r"^x\.zip cannot be unpacked: ."):
        unpack(archive, tmp_path / "out")
    assert names(tmp_path) == ["x.zip"]


def zeros(file: Path, mode: str, size: int, count: int = 1) -> Path:
    """Makes a tar of equal files of zeros."""
    with tarfile.open(file, mode) as tar:  # type: ignore[call-overload]
        for number in range(count):
            info = tarfile.TarInfo(f"x-1/{number}")
            info.size = size
            tar.addfile(info, io.BytesIO(bytes(size)))
    return file


def hard_links(file: Path, size: int, count: int) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo("x-1/a")
        info.size = size
        tar.addfile(info, io.BytesIO(bytes(size)))
        for number in range(count):
            link = tarfile.TarInfo(f"x-1/{number}")
            link.type, link.linkname = tarfile.LNKTYPE, "x-1/a"
            tar.addfile(link)
    return file


def folders(file: Path, count: int) -> Path:
    return make_tar(file, [(f"x-1/{number}/", FOLDER, "", 0o755) for number in range(count)])


def sparse(file: Path) -> Path:
    with (file.parent / "hole").open("wb") as hole:
        hole.truncate(1 << 40)
    process.run(["tar", "--create", "--sparse", "--file", file, "-C", file.parent, "hole"])
    return file


def zipped(file: Path, size: int, count: int = 1) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"x-1/{number}", bytes(size))
    return file


SMALL = Limits(unpacked_size=1 << 20, unpacked_files=100)


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (lambda file: zeros(file, "w", (1 << 20) + 1), "unpacked-size"),
        (lambda file: zeros(file, "w:gz", 256 << 20), "unpacked-size"),
        (lambda file: zeros(file, "w:xz", 1 << 18, 5), "unpacked-size"),
        (lambda file: hard_links(file, 1 << 19, 3), "unpacked-size"),
        (sparse, "unpacked-size"),
        (lambda file: zipped(file, 1 << 22), "unpacked-size"),
        (lambda file: zipped(file, 1 << 18, 5), "unpacked-size"),
        (lambda file: zeros(file, "w:gz", 0, 101), "unpacked-files"),
        (lambda file: folders(file, 20_000), "unpacked-files"),
        (lambda file: zipped(file, 0, 101), "unpacked-files"),
    ],
)
def test_an_archive_that_is_too_large_unpacked_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], limit: str
) -> None:
    archive = make(tmp_path / "bomb")
    there = names(tmp_path)
    with pytest.raises(SourceError, match="bomb cannot be unpacked: more than") as caught:
        unpack(archive, tmp_path / "out", SMALL)
    assert f"`{limit}`" in str(caught.value.hint)
    assert caught.value.code == "XSB-SOURCE-LIMIT"
    assert names(tmp_path) == there


def test_tar_is_ended_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GUARD_SECONDS", 0.001)
    monkeypatch.setattr(unpacking, "entries", lambda _folder: pytest.fail("tar was not ended"))
    archive = zeros(tmp_path / "bomb", "w:gz", 256 << 20)
    with pytest.raises(SourceError, match="more than 1048576 bytes"):
        unpack(archive, tmp_path / "out", SMALL)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: zeros(file, "w:gz", 1 << 20),
        lambda file: zeros(file, "w:gz", 0, 99),
        lambda file: zipped(file, 1 << 20),
    ],
)
def test_an_archive_of_the_greatest_size_is_unpacked(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    assert unpack(make(tmp_path / "x"), tmp_path / "out", SMALL).name == "x-1"
