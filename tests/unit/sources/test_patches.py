# SPDX-License-Identifier: Apache-2.0
"""Patches by reference: fetched from git and http, and applied in source packages of both kinds."""

import datetime
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.test_main import xsbuild
from fakebuilds import FakeBuilder, Shop, make_shop
from gitrepo import git
from webserver import Web, serve
from xsbuild.buildroots.base import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.errors import SourceError
from xsbuild.families.family import family_of
from xsbuild.host import process
from xsbuild.manifest.patch import GitPatch, UrlPatch
from xsbuild.manifest.patches import header_text, read_header
from xsbuild.planner.target import target_for
from xsbuild.sources.fetch import fetch_sources

DIFF = """\
From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: A <a@example.org>
Subject: [PATCH] Say {new}
---
 Makefile | 2 +-

diff --git a/Makefile b/Makefile
--- a/Makefile
+++ b/Makefile
@@ -1 +1 @@
-{old}
+{new}
--
2.39.5
"""
FACTS = """\
        description: |
          Be polite

          Say please.
        origin: upstream, https://example.org/commit/1
        forwarded: https://example.org/pull/2
        last-update: 2026-11-22
"""
MAILED = DIFF.format(old="all:", new="all: first")
SECOND = DIFF.format(old="all: first", new="all: second").encode() + b"-- \xff not UTF-8\n"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path) -> tuple[str, str]:
    """The address and commit of a repository of packaging."""
    folder = tmp_path / "packaging"
    process.run(["git", "init", "-q", "-b", "main", folder])
    (folder / "SOURCES").mkdir()
    (folder / "SOURCES/first.patch").write_text(MAILED)
    (folder / "SOURCES/pointer.patch").write_text("version https://git-lfs.github.com/spec/v1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "patches")
    return folder.as_uri(), git(folder, "rev-parse", "HEAD")


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web, repository: tuple[str, str]
) -> Shop:
    """A project whose component `base` has a patch of each kind, which need each other."""
    made = make_shop(tmp_path, monkeypatch)
    url, commit = repository
    address = web.add("/second.patch", SECOND)
    patches = f"""\
    patches:
      - git: {url}
        commit: {commit}
        path: SOURCES/first.patch
{FACTS}\
      - url: {address}
        sha256: "{hashlib.sha256(SECOND).hexdigest()}"
        name: 2nd.patch
        author: A <a@example.org>
        applied-upstream: "1.3"
{FACTS}"""
    manifest = made.root / "components.yaml"
    manifest.write_text(manifest.read_text().replace("  base:\n", f"  base:\n{patches}"))
    return made


class Unpacker(FakeBuilder):
    """Keeps the source package of the last build in the project, unpacked."""

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Unpacks, then makes the package."""
        if request.component == "base":
            place = request.log.parent / "unpacked"
            shutil.rmtree(place, ignore_errors=True)
            process.run(["dpkg-source", "--no-check", "--extract", request.source, place])
        super().build(request, base, step)


def unpacked(shop: Shop) -> Path:
    return next(shop.cache.glob("logs/*/unpacked"))


def test_are_quilt_patches_with_a_header(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xsbuild.buildroots.deb.builders", {"pbuilder": Unpacker})
    result = shop.build()
    assert result.exit_code == 0, result.output
    tree = unpacked(shop)
    assert (tree / "Makefile").read_text() == "all: second\n"
    folder = tree / "debian/patches"
    assert (folder / "series").read_text().split() == ["first.patch", "2nd.patch"]
    for name, content in {"first.patch": MAILED.encode(), "2nd.patch": SECOND}.items():
        header = read_header(folder / name)
        assert header.description == "Be polite"
        assert header.last_update == datetime.date(2026, 11, 22)
        assert (folder / name).read_bytes().endswith(content)
    assert read_header(folder / "2nd.patch").state == "applied"
    assert shop.build().exit_code == 0
    assert sorted(shop.built()) == ["base", "other", "user"]  # once


def rendered(shop: Shop, distro_name: str, patches: dict[str, Path]) -> dict[str, bytes]:
    """The packaging of `base`, with patches that were fetched."""
    project = shop.project
    distro = project.distros.get(distro_name)
    request = replace(target_for(project, distro).sketch("base")[0], patches=patches)
    tree = family_of(distro).render(request)
    return {str(path): file.content for path, file in tree.items()}


def fetched(shop: Shop) -> dict[str, Path]:
    project = shop.project
    component = project.manifest.components["base"]
    found = fetch_sources("base", component, project, say=lambda _: None)
    return {item.file_name: item.path for item in found[len(component.sources) :]}


def test_are_patches_of_a_spec_file(shop: Shop, tmp_path: Path) -> None:
    files = rendered(shop, "centos-stream-10", fetched(shop))
    spec = files["base.spec"].decode()
    assert "Patch0:         first.patch\nPatch1:         2nd.patch\n" in spec
    (tmp_path / "Makefile").write_text("all:\n")
    for name in ("first.patch", "2nd.patch"):
        process.run(["patch", "-p1", "-d", tmp_path], stdin=files[name])
    assert (tmp_path / "Makefile").read_text() == "all: second\n"


def test_come_from_the_cache_when_offline(shop: Shop, web: Web, tmp_path: Path) -> None:
    before = fetched(shop)
    asked = len(web.requests)
    shutil.rmtree(tmp_path / "packaging")
    assert fetched(shop) == before
    assert len(web.requests) == asked


def test_come_from_the_mirrors_of_a_user(shop: Shop, web: Web, repository: tuple[str, str]) -> None:
    url, _ = repository
    manifest = shop.root / "components.yaml"
    text = manifest.read_text().replace(url, "https://git.invalid/packaging")
    manifest.write_text(text.replace(web.address, "https://web.invalid"))
    shop.config.mkdir(parents=True, exist_ok=True)
    rewrite = {"https://git.invalid/packaging": url, "https://web.invalid": web.address}
    (shop.config / "config.yaml").write_text(json.dumps({"rewrite": rewrite}))
    assert fetched(shop)["2nd.patch"].read_bytes() == SECOND


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [("2nd.patch", "3rd.patch", "3rd.patch"), ("Be polite", "Be nice", "first.patch")],
)
def test_their_pins_and_facts_are_in_the_key(shop: Shop, old: str, new: str, changed: str) -> None:
    before = rendered(shop, "debian-13", {})
    manifest = shop.root / "components.yaml"
    manifest.write_text(manifest.read_text().replace(old, new))
    after = rendered(shop, "debian-13", {})
    assert after != before
    assert after[f"patches/{changed}"] != before.get(f"patches/{changed}")
    assert b"The patch is SOURCES/first.patch of file://" in after["patches/first.patch"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SOURCES/first.patch", "SOURCES/none.patch", "has no file SOURCES/none.patch at"),
        ("SOURCES/first.patch", "SOURCES", "has no file SOURCES at"),
        ("SOURCES/first.patch", "SOURCES/pointer.patch", "is in Git LFS"),
        ("commit: ", "commit: 0123456789abcdef0123456789abcdef01234567 # ", "packaging"),
        ("second.patch", "page.html", "does not match its pin"),
    ],
)
def test_what_is_no_such_patch_is_an_error(
    shop: Shop, web: Web, old: str, new: str, message: str
) -> None:
    web.add("/page.html", b"<html>")
    manifest = shop.root / "components.yaml"
    manifest.write_text(manifest.read_text().replace(old, new))
    with pytest.raises(SourceError, match=message):
        fetched(shop)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>no</html>", "is no patch"),
        (b"", "is no patch"),
        (b"--- a/x\n+++ b/x\nGIT binary patch\n", "changes a binary file"),
    ],
)
def test_what_cannot_be_applied_is_an_error(
    shop: Shop, web: Web, content: bytes, message: str
) -> None:
    web.add("/second.patch", content)
    manifest = shop.root / "components.yaml"
    old, new = (hashlib.sha256(text).hexdigest() for text in (SECOND, content))
    manifest.write_text(manifest.read_text().replace(old, new))
    with pytest.raises(SourceError, match=message) as caught:
        fetched(shop)
    assert caught.value.code == "XSB-PATCH-CONTENT"


def test_are_listed_with_age_and_state(shop: Shop) -> None:
    done = xsbuild("patches", "--json", cwd=shop.root)
    rows = {row["patch"]: row for row in json.loads(done.stdout)}
    assert {name: (row["state"], row["upstream"]) for name, row in rows.items()} == {
        "first.patch": ("forwarded", "https://example.org/pull/2"),
        "2nd.patch": ("applied", "1.3"),
    }
    assert {row["description"] for row in rows.values()} == {"Be polite"}
    assert rows["first.patch"]["reference"].startswith("SOURCES/first.patch of file://")
    assert rows["2nd.patch"]["days"] >= 0


def test_are_fetched_with_the_sources(shop: Shop) -> None:
    done = xsbuild("fetch", "--json", "base", cwd=shop.root)
    assert done.returncode == 0, done.stderr
    files = {item["file"] for item in json.loads(done.stdout)["fetched"]}
    assert files >= {"first.patch", "2nd.patch"}


@pytest.mark.parametrize("kind", [GitPatch, UrlPatch])
def test_a_header_says_what_the_manifest_says(
    kind: type[GitPatch] | type[UrlPatch], tmp_path: Path
) -> None:
    facts = {"description": "One\n\n  Two\n", "origin": "vendor", "forwarded": "no"}
    place = {"git": "https://x.invalid/x.git", "commit": "0" * 40, "path": "a/b.patch"}
    if kind is UrlPatch:
        place = {"url": "https://x.invalid/b.patch", "sha512": "0" * 128}
    patch = kind.model_validate({**facts, **place, "last-update": datetime.date(2026, 1, 2)})
    text = header_text(patch)
    assert text == (
        "Description: One\n .\n Two\nOrigin: vendor\nForwarded: no\nLast-Update: 2026-01-02\n"
    )
    file = tmp_path / patch.file_name
    file.write_text(f"{text}\n--- a/x\n+++ b/x\n")
    assert file.name == "b.patch"
    assert read_header(file).state == "not forwarded"
