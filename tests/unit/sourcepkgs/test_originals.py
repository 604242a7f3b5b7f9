# SPDX-License-Identifier: Apache-2.0
"""An archive is kept where both families' tools unpack it to one tree; else it is packed again."""

import datetime
import hashlib
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.sourcepkgs.originals import original
from xsbuild.sources.model import Fetched

DATE = datetime.date(2026, 11, 1)


def tar_of(mode: str, *names: str) -> Callable[[Path], Path]:
    """A maker of a tar that has these names, as they are written."""

    def make(folder: Path) -> Path:
        path = folder / "upstream"
        content = folder / "content"
        content.write_text("content\n")
        with tarfile.open(path, f"w:{mode}") as tar:  # type: ignore[call-overload]
            for name in names:
                tar.add(content, name)
        return path

    return make


def zip_of(*names: str) -> Callable[[Path], Path]:
    """A maker of a zip archive."""

    def make(folder: Path) -> Path:
        path = folder / "upstream"
        with zipfile.ZipFile(path, "w") as file:
            for name in names:
                file.writestr(name, "content\n")
        return path

    return make


def zstd(folder: Path) -> Path:
    path = tar_of("", "up-1/a", "up-1/b/c")(folder)
    process.run(["zstd", "--quiet", "--rm", path])
    return path.with_name("upstream.zst")


def stripped(archive: Path) -> set[str]:
    """Files that the %prep of a spec file has."""
    target = archive.parent / "stripped"
    target.mkdir()
    process.run(["tar", "-x", "--strip-components=1", f"--directory={target}", "-f", archive])
    return below(target)


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("make", "kept"),
    [
        (tar_of("gz", "up-1/a", "up-1/b/c"), True),
        (tar_of("xz", "up-1/a", "up-1/b/c"), True),
        (tar_of("bz2", "up 1/a", "up 1/b/c"), True),
        (tar_of("gz", "./up-1/a", "./up-1/b/c"), False),
        (tar_of("gz", "a", "b/c"), False),
        (tar_of("gz", "./a", "./b/c"), False),
        (tar_of("", "up-1/a", "up-1/b/c"), False),
        (zip_of("up-1/a", "up-1/b/c"), False),
        (zip_of("a", "b/c"), False),
        (zstd, False),
    ],
)
def test_one_tree(tmp_path: Path, make: Callable[[Path], Path], kept: bool) -> None:
    path = make(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    found = original(fetched(path), work / "x-1", DATE)
    assert (found.archive == path) == kept
    assert below(work / "x-1") == {"a", "b/c"}
    assert stripped(found.archive) == {"a", "b/c"}


def fetched(path: Path) -> Fetched:
    return Fetched(None, path, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def test_two_directories_at_the_top_stay(tmp_path: Path) -> None:
    path = tar_of("gz", "package.xml", "up-1/a")(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    found = original(fetched(path), work / "x-1", DATE)
    assert stripped(found.archive) == below(work / "x-1") == {"package.xml", "up-1/a"}


def test_what_is_packed_again_is_the_same_every_time(tmp_path: Path) -> None:
    path = zip_of("up-1/b", "up-1/a")(tmp_path)
    contents = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.add(original(fetched(path), tmp_path / name / "x", DATE).archive.read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("target", ["/usr/share/zoneinfo/UTC", "../../x"])
def test_links_out_of_the_tree_are_refused(tmp_path: Path, target: str) -> None:
    path = tmp_path / "upstream"
    link = tarfile.TarInfo("up-1/link")
    link.type, link.linkname = tarfile.SYMTYPE, target
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(link)
    with pytest.raises(SourceError, match="outside the source tree"):
        original(fetched(path), tmp_path / "x", DATE)


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n" % ("7" * 64)
EXTENDED = POINTER.replace("oid", "ext-0-foo sha256:77\noid", 1)
LFS = "*.bin filter=lfs diff=lfs merge=lfs -text\n"


def tree_of(folder: Path, files: dict[str, str], empty: tuple[str, ...] = ()) -> Path:
    """An archive of a tree with these files and empty directories."""
    top = folder / "up-1"
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    for name in empty:
        (top / name).mkdir(parents=True)
    path = folder / "upstream"
    process.run(["tar", "-czf", path, f"--directory={folder}", "up-1"])
    return path


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({".gitattributes": LFS, "firmware.bin": POINTER}, "firmware.bin"),
        ({"data/.gitattributes": LFS, "data/a b.bin": EXTENDED}, "data/a b.bin"),
        ({"README": "", "firmware.bin": POINTER}, "firmware.bin"),
    ],
)
def test_pointers_of_lfs_are_refused(tmp_path: Path, files: dict[str, str], name: str) -> None:
    path = tree_of(tmp_path, files)
    with pytest.raises(SourceError, match=f"{name} is kept in Git LFS"):
        original(fetched(path), tmp_path / "x", DATE)


@pytest.mark.parametrize(
    "files",
    [
        {".gitattributes": "*.txt text\n", "tests/pointer.txt": POINTER},
        {".gitattributes": LFS, "firmware.bin": "the content of the file\n" * 8},
        {"docs/lfs.md": f"A pointer:\n\n{POINTER}"},
    ],
)
def test_what_is_no_pointer_of_lfs_stays(tmp_path: Path, files: dict[str, str]) -> None:
    original(fetched(tree_of(tmp_path, files)), tmp_path / "x", DATE)
    assert below(tmp_path / "x") == set(files)


MODULES = '[submodule "a"]\n\tpath = deps/a\n\turl = ../a.git\n[submodule "b"]\n\tpath = "b c"\n'


@pytest.mark.parametrize(
    ("files", "empty", "missing"),
    [
        ({}, ("deps/a", "b c"), "deps/a, b c"),
        ({"deps/a/x": ""}, ("b c",), "b c"),
        ({"deps/a/x": "", "b c/y": ""}, (), None),
        ({}, (), None),  # a release without their directories
    ],
)
def test_empty_submodules(
    tmp_path: Path, files: dict[str, str], empty: tuple[str, ...], missing: str | None
) -> None:
    source = fetched(tree_of(tmp_path, {".gitmodules": MODULES, **files}, empty))
    if missing:
        with pytest.raises(SourceError, match=f"lacks its submodules: {missing}$"):
            original(source, tmp_path / "x", DATE)
        original(replace(source, empty_submodules=True), tmp_path / "y", DATE)
    else:
        original(source, tmp_path / "x", DATE)
