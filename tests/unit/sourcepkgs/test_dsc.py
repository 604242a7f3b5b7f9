# SPDX-License-Identifier: Apache-2.0
"""Debian source packages: the same bytes every time, from every kind of source."""

import dataclasses
import datetime
import hashlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest
from debian.deb822 import Dsc

from greetings import ROOT, request_for
from linters import lintian
from xsbuild.errors import BuildError, SourceError
from xsbuild.host import process
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import File
from xsbuild.sourcepkgs.debian import build_dsc
from xsbuild.sources.model import Fetched
from xsbuild.sources.packing import compress, pack_folder

DATE = datetime.date(2026, 11, 1)


def archive(folder: Path, top: str = "words-1", **files: str) -> Path:
    """An archive as upstreams publish them; one word in each file unless `files` says more."""
    tree = folder / top
    tree.mkdir(parents=True)
    for name, content in (files or {"words": "hello\ngoodbye\n"}).items():
        (tree / name).write_text(content)
    pack_folder(tree, top, DATE, folder / "plain.tar")
    compress(folder / "plain.tar", folder / f"{top}.tar.gz")
    return folder / f"{top}.tar.gz"


def fetched(path: Path, name: str | None = None) -> Fetched:
    return Fetched(name, path, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def build(request: RecipeRequest, sources: Sequence[Fetched], folder: Path) -> Path:
    target, scratch = folder / "result", folder / "scratch"
    target.mkdir(parents=True)
    scratch.mkdir()
    tree = render_debian(request)
    log = folder / "log"
    return build_dsc(request, tree, sources, target, epoch=request.epoch, scratch=scratch, log=log)


def unpacked(dsc: Path) -> dict[str, str]:
    """What dpkg-source makes of a source package, patches applied."""
    tree = dsc.parent / "unpacked"
    process.run(["dpkg-source", "--no-check", "--extract", dsc, tree])
    return {
        str(path.relative_to(tree)): path.read_text()
        for path in tree.rglob("*")
        if path.is_file() and not {"debian", ".pc"} & set(path.relative_to(tree).parts)
    }


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    source = fetched(archive(tmp_path))
    extra = fetched(archive(tmp_path / "more", "extra", a="1"), "extra")
    found = []
    for place, umask in (("a", 0o022), ("elsewhere/b", 0o077)):
        before = os.umask(umask)
        try:
            dsc = build(request_for("greet"), [source, extra], tmp_path / place)
        finally:
            os.umask(before)
        files = sorted(dsc.parent.iterdir())
        found.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files})
    assert found[0] == found[1]
    assert sorted(found[0]) == [
        "greet_1.0.2-1~deb13.debian.tar.xz",
        "greet_1.0.2-1~deb13.dsc",
        "greet_1.0.2.orig-extra.tar.gz",
        "greet_1.0.2.orig.tar.gz",
    ]


def test_an_archive_stays_as_upstream_made_it(tmp_path: Path) -> None:
    source = archive(tmp_path)
    before = source.read_bytes(), source.stat().st_mtime_ns
    dsc = build(request_for("greet"), [fetched(source)], tmp_path / "build")
    (dsc.parent / "greet_1.0.2.orig.tar.gz").write_bytes(b"scribbled over")
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before


def test_patches_are_carried_and_applied(tmp_path: Path) -> None:
    dsc = build(request_for("greet"), [fetched(archive(tmp_path))], tmp_path / "build")
    with dsc.open() as stream:
        assert Dsc(stream)["Format"] == "3.0 (quilt)"
    assert unpacked(dsc) == {"words": "good day\ngoodbye\n"}
    with tarfile.open(dsc.parent / "greet_1.0.2-1~deb13.debian.tar.xz") as tar:
        assert {"debian/patches/series", "debian/patches/polite.patch"} < set(tar.getnames())
        newest = max(member.mtime for member in tar)
    assert newest == request_for("greet").epoch


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"words": "good morning\n"}, "greet: the patch polite.patch does not apply to words"),
        ({"other": "hello\n"}, "greet: the patch polite.patch does not apply to words"),
    ],
)
def test_a_patch_that_does_not_apply(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(BuildError) as caught:
        build(request_for("greet"), [fetched(archive(tmp_path, **files))], tmp_path / "build")
    assert str(caught.value) == message
    assert caught.value.component == "greet"
    assert caught.value.log == tmp_path / "build" / "log"
    assert not list((tmp_path / "build" / "result").iterdir())


def test_a_patch_that_is_damaged(tmp_path: Path) -> None:
    patch = tmp_path / "patches" / "greet" / "polite.patch"
    shutil.copytree(ROOT / "patches", tmp_path / "patches")
    patch.write_text(patch.read_text().removesuffix(" goodbye\n"))
    request = dataclasses.replace(request_for("greet"), project_root=tmp_path)
    with pytest.raises(BuildError, match=r"the patch polite\.patch does not apply"):
        build(request, [fetched(archive(tmp_path))], tmp_path / "build")


def test_a_zip_is_repacked(tmp_path: Path) -> None:
    path = tmp_path / "words.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("words-1/words", "hello\ngoodbye\n")
    digests = set()
    for place in ("a", "b"):
        dsc = build(request_for("shapes"), [fetched(path)], tmp_path / place)
        original = dsc.parent / "shapes_0.3.orig.tar.gz"
        digests.add(hashlib.sha256(original.read_bytes()).hexdigest())
        assert unpacked(dsc) == {"words": "hello\ngoodbye\n"}
    assert len(digests) == 1


def test_further_sources_have_their_directories(tmp_path: Path) -> None:
    more = fetched(archive(tmp_path / "more", "upstream-name", a="1", b="2"), "more")
    sources = [fetched(archive(tmp_path)), more]
    found = unpacked(build(request_for("shapes"), sources, tmp_path / "build"))
    assert found == {"words": "hello\ngoodbye\n", "more/a": "1", "more/b": "2"}


def test_a_component_without_a_main_source(tmp_path: Path) -> None:
    more = fetched(archive(tmp_path, "any", a="1"), "more")
    assert unpacked(build(request_for("shapes"), [more], tmp_path / "one")) == {"more/a": "1"}
    assert unpacked(build(request_for("shapes"), [], tmp_path / "none")) == {}


def test_upstreams_own_debian_directory_is_replaced(tmp_path: Path) -> None:
    tree = tmp_path / "words-1" / "debian"
    tree.mkdir(parents=True)
    (tree / "greet.cron.daily").write_text("surprise")
    pack_folder(tree.parent, "words-1", DATE, tmp_path / "plain.tar")
    compress(tmp_path / "plain.tar", tmp_path / "words.tar.gz")
    dsc = build(request_for("shapes"), [fetched(tmp_path / "words.tar.gz")], tmp_path / "build")
    unpacked(dsc)
    assert not (dsc.parent / "unpacked" / "debian" / "greet.cron.daily").exists()


def test_upstreams_debian_may_be_a_link(tmp_path: Path) -> None:
    packaging = tmp_path / "words-1" / "packaging"
    packaging.mkdir(parents=True)
    (packaging / "greet.cron.daily").write_text("surprise")
    (packaging.parent / "debian").symlink_to("packaging")
    pack_folder(packaging.parent, "words-1", DATE, tmp_path / "plain.tar")
    compress(tmp_path / "plain.tar", tmp_path / "words.tar.gz")
    dsc = build(request_for("shapes"), [fetched(tmp_path / "words.tar.gz")], tmp_path / "build")
    assert unpacked(dsc) == {"packaging/greet.cron.daily": "surprise"}
    tree = dsc.parent / "unpacked"
    assert not (tree / "debian").is_symlink()
    assert not (tree / "debian" / "greet.cron.daily").exists()


def test_a_hostile_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("../evil"))
    with pytest.raises(SourceError, match="evil"):
        build(request_for("shapes"), [fetched(path)], tmp_path / "build")


def test_what_dpkg_source_says_is_passed_on(tmp_path: Path) -> None:
    request = request_for("shapes")
    tree = {**render_debian(request), PurePosixPath("changelog"): File(b"nonsense\n")}
    target, scratch, log = tmp_path / "result", tmp_path / "scratch", tmp_path / "log"
    target.mkdir()
    scratch.mkdir()
    with pytest.raises(BuildError, match="changelog") as caught:
        build_dsc(request, tree, [], target, epoch=request.epoch, scratch=scratch, log=log)
    assert str(caught.value).startswith("shapes: dpkg-source failed")


def test_lintian_finds_no_error(tmp_path: Path) -> None:
    source = fetched(archive(tmp_path))
    names = ("greet", "greetd")  # what the others have too, and five seconds each
    packages = [build(request_for(name), [source], tmp_path / name) for name in names]
    lintian(packages)
