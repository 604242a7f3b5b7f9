# SPDX-License-Identifier: Apache-2.0
"""Submodules are fetched, left out or refused, as the manifest says; never silently empty."""

import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitrepo import git
from own_settings import settings_in
from xsbuild.errors import SourceError
from xsbuild.sources.git import Repository


@dataclass
class Upstream:
    """A repository whose submodule `deps/one lib` has the submodule `inner`."""

    folder: Path
    commit: str


def repository(folder: Path, files: dict[str, str], links: dict[str, Upstream]) -> Upstream:
    """Make a repository of one commit with submodules at relative addresses."""
    git(folder.parent, "init", "-q", "-b", "main", str(folder))
    text = "".join(
        f'[submodule "{path}"]\n\tpath = {path}\n\turl = ../{inner.folder.name}\n'
        for path, inner in links.items()
    )
    for name, content in {**files, **({".gitmodules": text} if text else {})}.items():
        (folder / name).write_text(content)
    git(folder, "add", ".")
    for path, inner in links.items():
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{inner.commit},{path}")
    git(folder, "commit", "-q", "-m", "one")
    return Upstream(folder, git(folder, "rev-parse", "HEAD"))


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    inner = repository(tmp_path / "inner.git", {"c": "c\n"}, {})
    middle = repository(tmp_path / "middle.git", {"b": "b\n"}, {"inner": inner})
    return repository(tmp_path / "outer.git", {"a": "a\n"}, {"deps/one lib": middle})


def files(tmp_path: Path, upstream: Upstream, *, submodules: bool | None) -> set[str]:
    source = Repository(upstream.folder.as_uri(), settings_in(tmp_path / "home"))
    path, _ = source.archive(upstream.commit, None, "x-1", submodules=submodules)
    with tarfile.open(path) as tar:
        return {member.name for member in tar if member.isfile()}


def test_they_are_fetched_with_theirs(tmp_path: Path, upstream: Upstream) -> None:
    assert files(tmp_path, upstream, submodules=True) == {
        *("x-1/.gitmodules", "x-1/a"),
        *("x-1/deps/one lib/.gitmodules", "x-1/deps/one lib/b"),
        "x-1/deps/one lib/inner/c",
    }


def test_an_archive_with_them_is_the_same_every_time(tmp_path: Path, upstream: Upstream) -> None:
    found = set()
    for home in ("one", "two"):
        source = Repository(upstream.folder.as_uri(), settings_in(tmp_path / home))
        path, digest = source.archive(upstream.commit, None, "x", submodules=True)
        found.add((path.read_bytes(), digest))
    assert len(found) == 1


def test_they_are_left_out(tmp_path: Path, upstream: Upstream) -> None:
    assert files(tmp_path, upstream, submodules=False) == {"x-1/.gitmodules", "x-1/a"}


def test_they_are_refused_by_name_unless_decided(tmp_path: Path, upstream: Upstream) -> None:
    with pytest.raises(SourceError, match=r"has submodules: deps/one lib$") as caught:
        files(tmp_path, upstream, submodules=None)
    assert caught.value.hint is not None
    assert "submodules: true" in caught.value.hint


def test_they_are_found_without_an_exported_list(tmp_path: Path, upstream: Upstream) -> None:
    (upstream.folder / ".gitattributes").write_text(".git* export-ignore\n")
    git(upstream.folder, "add", ".gitattributes")
    git(upstream.folder, "commit", "-q", "-m", "two")
    upstream.commit = git(upstream.folder, "rev-parse", "HEAD")
    with pytest.raises(SourceError, match="has submodules"):
        files(tmp_path, upstream, submodules=None)
    assert "x-1/deps/one lib/b" in files(tmp_path, upstream, submodules=True)


def test_without_submodules_nothing_is_to_be_decided(tmp_path: Path) -> None:
    plain = repository(tmp_path / "plain.git", {"a": ""}, {})
    for decided in (None, True, False):
        assert files(tmp_path, plain, submodules=decided) == {"x-1/a"}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ssh://host.invalid/x.git", "at ssh://host.invalid/x.git, an address of another kind"),
        ("git@host.invalid:x.git", "an address of another kind"),
        ("/srv/x.git", "at /srv/x.git, an address of another kind"),
        ("ext::sh -c id", "an address of another kind"),
        (None, "is not in .gitmodules"),
    ],
)
def test_addresses_that_are_refused(
    tmp_path: Path, upstream: Upstream, url: str | None, message: str
) -> None:
    modules = upstream.folder / ".gitmodules"
    lines = modules.read_text().splitlines()
    text = [*lines[:2], *([f"\turl = {url}"] if url else []), ""]
    modules.write_text("\n".join(text))
    git(upstream.folder, "add", ".gitmodules")
    git(upstream.folder, "commit", "-q", "-m", "two")
    upstream.commit = git(upstream.folder, "rev-parse", "HEAD")
    with pytest.raises(SourceError, match=message):
        files(tmp_path, upstream, submodules=True)
