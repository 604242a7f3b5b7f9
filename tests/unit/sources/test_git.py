# SPDX-License-Identifier: Apache-2.0
import gzip
import hashlib
import os
import shutil
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gitrepo import IDENTITY, git
from own_settings import settings_in
from xsbuild.errors import InputError, SourceError
from xsbuild.host import process
from xsbuild.settings import Limits, Settings
from xsbuild.sources import git as git_source
from xsbuild.sources.git import Repository


@dataclass
class Upstream:
    """A repository with two commits; the tags v1 (annotated) and light are at the second."""

    folder: Path
    first: str
    second: str

    @property
    def url(self) -> str:
        return self.folder.as_uri()


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    folder = tmp_path / "upstream.git"
    process.run(["git", "init", "-q", "-b", "main", folder], env=IDENTITY)
    (folder / "README").write_text("one\n")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "version").write_text("$Format:%h %d$\n")
    (folder / "ignored").write_text("no\n")
    (folder / ".gitattributes").write_text("version export-subst\nignored export-ignore\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    first = git(folder, "rev-parse", "HEAD")
    (folder / "README").write_text("two\n")
    git(folder, "commit", "-q", "-a", "-m", "two")
    git(folder, "tag", "-a", "-m", "v1", "v1")
    git(folder, "tag", "light")
    return Upstream(folder, first, git(folder, "rev-parse", "HEAD"))


def test_the_archive_of_a_tag(tmp_path: Path, upstream: Upstream) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    path, _ = repository.archive(upstream.second, "v1", "x-1")
    assert path.name == "x-1.tar.gz"
    with tarfile.open(path) as tar:
        assert {item.name: oct(item.mode) for item in tar} == {
            "x-1": "0o755",
            "x-1/.gitattributes": "0o644",
            "x-1/README": "0o644",
            "x-1/run": "0o755",
            "x-1/version": "0o644",
        }
        assert {(item.uid, item.gid, item.mtime) for item in tar} == {(0, 0, 1760000000)}
        content = tar.extractfile("x-1/version")
        assert content is not None
        assert content.read() == f"{upstream.second[:12]}  (tag: v1)\n".encode()


def test_a_commit_that_is_no_longer_the_newest(tmp_path: Path, upstream: Upstream) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    path, _ = repository.archive(upstream.first, None, "x")
    with tarfile.open(path) as tar:
        content = tar.extractfile("x/README")
        assert content is not None
        assert content.read() == b"one\n"


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("$Format:%(describe)$", "v1", "v1"),
        ("$Format:%(describe)$", "light", "light"),
        ("$Format:%D|%ct$", "light", "tag: light|1760000000"),
        ("$Format:%H$", None, "COMMIT"),
        ("$Format:%(describe)$", None, ""),
        ("$Format:%H", "v1", "$Format:%H"),
    ],
)
def test_export_subst_sees_the_tag_alone(
    tmp_path: Path, upstream: Upstream, text: str, tag: str | None, expected: str
) -> None:
    (upstream.folder / "version").write_text(text)
    git(upstream.folder, "commit", "-q", "-a", "-m", "three")
    commit = git(upstream.folder, "rev-parse", "HEAD")
    git(upstream.folder, "tag", "-f", "-a", "-m", "v1", "v1")
    for name in ("light", "a-third"):
        git(upstream.folder, "tag", "-f", name)
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    with tarfile.open(repository.archive(commit, tag, "x")[0]) as tar:
        content = tar.extractfile("x/version")
        assert content is not None
        assert content.read().decode() == expected.replace("COMMIT", commit)


def archived(settings: Settings, upstream: Upstream, tag: str | None = "v1") -> tuple[bytes, str]:
    path, digest = Repository(upstream.url, settings).archive(upstream.second, tag, "x-1")
    return path.read_bytes(), digest


def test_an_archive_depends_on_nothing_but_the_commit(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archived(settings_in(tmp_path / "one"), upstream)
    home = tmp_path / "user"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[tar]\n\tumask = 0077\n[core]\n\tautocrlf = true\n[init]\n\ttemplateDir = /nonexistent\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    git(upstream.folder, "tag", "another")
    for number in range(3):
        (upstream.folder / f"new{number}").write_text(str(number))
        git(upstream.folder, "add", ".")
        git(upstream.folder, "commit", "-q", "-m", "more")
    other = settings_in(tmp_path / "two")
    newest = git(upstream.folder, "rev-parse", "HEAD")
    Repository(upstream.url, other).archive(newest, None, "y")
    umask = os.umask(0o077)
    try:
        after = archived(other, upstream)
    finally:
        os.umask(umask)
    assert before == after


def test_the_digest_is_of_the_uncompressed_tar(tmp_path: Path, upstream: Upstream) -> None:
    content, digest = archived(settings_in(tmp_path / "home"), upstream)
    assert hashlib.sha256(gzip.decompress(content)).hexdigest() == digest


def test_the_cache_serves_offline(tmp_path: Path, upstream: Upstream) -> None:
    settings = settings_in(tmp_path / "home")
    before = archived(settings, upstream)
    shutil.rmtree(upstream.folder)
    offline = replace(settings, offline=True)
    assert archived(offline, upstream) == before
    shutil.rmtree(settings.folders.sources / "sha256")  # the mirror still has the commit
    assert archived(offline, upstream) == before


def test_offline_with_an_empty_cache(tmp_path: Path, upstream: Upstream) -> None:
    settings = replace(settings_in(tmp_path / "home"), offline=True)
    with pytest.raises(SourceError, match="not in the cache"):
        archived(settings, upstream)


@pytest.mark.parametrize("tag", ["v1", "light"])
def test_what_a_tag_points_at(tmp_path: Path, upstream: Upstream, tag: str) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    assert repository.commit_of_tag(tag) == upstream.second


def test_no_such_tag(tmp_path: Path, upstream: Upstream) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    with pytest.raises(SourceError, match="has no tag v9"):
        repository.commit_of_tag("v9")


def test_a_tag_that_moved(tmp_path: Path, upstream: Upstream) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    with pytest.raises(SourceError) as error:
        repository.archive(upstream.first, "v1", "x")
    assert upstream.first in str(error.value)
    assert upstream.second in str(error.value)


def test_a_pin_that_is_no_commit(tmp_path: Path, upstream: Upstream) -> None:
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    tag_object = git(upstream.folder, "rev-parse", "v1")
    with pytest.raises(SourceError, match="is not a commit"):
        repository.archive(tag_object, None, "x")
    with pytest.raises(SourceError, match="0" * 40):
        repository.archive("0" * 40, None, "x")


def test_a_server_that_gives_only_what_has_a_name(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What old servers do, and all do with protocol version 0.
    monkeypatch.setattr("xsbuild.sources.gitcommand._CONFIG", tmp_path / "gitconfig")
    shipped = Path(git_source.__file__).with_name("gitconfig")
    (tmp_path / "gitconfig").write_text(shipped.read_text() + "[protocol]\n\tversion = 0\n")
    git(upstream.folder, "reset", "-q", "--hard", upstream.first)
    git(upstream.folder, "tag", "-d", "light")
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    with pytest.raises(SourceError, match=upstream.second):
        repository.archive(upstream.second, None, "x")
    path, _ = repository.archive(upstream.second, "v1", "x")
    assert path.is_file()


def test_a_mirror_of_another_user_with_hooks(tmp_path: Path, upstream: Upstream) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    proof = tmp_path / "executed"
    hook = f"#!/bin/sh\ntouch {proof}\n"
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-update"):
        file = upstream.folder / ".git" / "hooks" / name
        file.write_text(hook)
        file.chmod(0o755)
    config = upstream.folder / ".git" / "config"
    config.write_text(config.read_text() + f"[uploadpack]\n\tpackObjectsHook = touch {proof}\n")
    for path in (upstream.folder, *upstream.folder.rglob("*")):
        shutil.chown(path, 61234, 61234)
    settings = replace(
        settings_in(tmp_path / "home"),
        rewrite={"https://git.invalid/": f"{tmp_path.as_uri()}/"},
    )
    repository = Repository("https://git.invalid/upstream.git", settings)
    repository.archive(upstream.second, "v1", "x")
    assert not proof.exists()


def test_a_killed_git_is_no_obstacle(tmp_path: Path, upstream: Upstream) -> None:
    settings = settings_in(tmp_path / "home")
    repository = Repository(upstream.url, settings)
    repository.archive(upstream.first, None, "x")
    (mirror,) = settings.folders.sources.glob("work/*/mirror.git")
    (mirror / "shallow.lock").touch()
    (mirror / "refs" / "xsbuild" / f"{upstream.second}.lock").touch()
    repository.archive(upstream.second, "v1", "x")


@pytest.mark.parametrize(
    "address",
    ["ext::sh -c touch% /tmp/evil", "/srv/x.git", "git@host.invalid:x", "--upload-pack=x"],
)
def test_addresses_that_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="is not the address of a git repository"):
        Repository(address, settings_in(tmp_path)).archive("0" * 40, None, "x")


def test_an_unreachable_repository_shows_no_password(tmp_path: Path) -> None:
    url = "https://user:secret@127.0.0.1:1/x.git"
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:1/x\.git") as error:
        Repository(url, settings_in(tmp_path)).archive("0" * 40, None, "x")
    assert "secret" not in str(error.value)


def test_a_tree_with_zero_padded_modes(tmp_path: Path, upstream: Upstream) -> None:
    blob = git(upstream.folder, "rev-parse", "HEAD:README")
    inner = written(upstream, tmp_path, b"100644 a\0" + bytes.fromhex(blob))
    outer = written(upstream, tmp_path, b"040000 doc\0" + bytes.fromhex(inner))
    commit = git(upstream.folder, "commit-tree", outer, "-m", "old")
    git(upstream.folder, "update-ref", "refs/tags/old", commit)
    repository = Repository(upstream.url, settings_in(tmp_path / "home"))
    with tarfile.open(repository.archive(commit, "old", "x")[0]) as tar:
        assert tar.getnames() == ["x", "x/doc", "x/doc/a"]


def written(upstream: Upstream, folder: Path, tree: bytes) -> str:
    """Write a tree as it is, valid or not; return its id."""
    file = folder / "tree"
    file.write_bytes(tree)
    return git(upstream.folder, "hash-object", "-t", "tree", "-w", "--literally", str(file))


def test_a_commit_whose_archive_is_too_large_is_refused(tmp_path: Path, upstream: Upstream) -> None:
    (upstream.folder / "zeros").write_bytes(bytes(1 << 16))
    # a tree that has one folder of it many times, by the same object
    for number in range(16):
        (upstream.folder / f"copy{number}").mkdir()
        shutil.copy(upstream.folder / "zeros", upstream.folder / f"copy{number}")
    git(upstream.folder, "add", ".")
    git(upstream.folder, "commit", "-q", "-m", "bomb")
    commit = git(upstream.folder, "rev-parse", "HEAD")
    settings = replace(settings_in(tmp_path / "home"), limits=Limits(unpacked_size=1 << 20))
    with pytest.raises(SourceError, match="more than 1048576 bytes") as caught:
        Repository(upstream.url, settings).archive(commit, None, "x-1")
    assert "`unpacked-size`" in str(caught.value.hint)
