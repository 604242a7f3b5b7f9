# SPDX-License-Identifier: Apache-2.0
"""Commit of git repositories, as archives that are the same every time.

An archive is as `git archive` makes it of the commit in a clone that has the manifest's tag and no
other: attributes such as ``export-ignore`` and ``export-subst`` apply.
"""

import json
import re
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xsbuild.distros.mirrors import rewrite
from xsbuild.errors import InputError, SourceError
from xsbuild.host import process
from xsbuild.host.files import write_file
from xsbuild.settings import Settings
from xsbuild.sources.addresses import reach, shown
from xsbuild.sources.cache import Cache, digest_of, key_for
from xsbuild.sources.gitcommand import git, has_commit
from xsbuild.sources.packing import compress
from xsbuild.sources.submodules import submodules_of
from xsbuild.sources.transferlimit import too_large

# Changes with the content of archives, which are recorded by what they are made from.
_FORMAT = "2"
_ADDRESS = re.compile(r"(https|http|ssh|git|file)://.")
_ATTEMPTS = 3
_TRANSIENT = re.compile(
    r"Could not resolve host|Connection (refused|reset|timed out|closed)|Couldn't connect|"
    r"Failed to connect|early EOF|hung up|RPC failed|Operation t(oo slow|imed out)|"
    r"returned error: (429|5\d\d)"
)


@dataclass(frozen=True, slots=True)
class Repository:
    """An upstream repository, with a mirror in the cache.

    Attributes:
        url: as the manifest has it.
        settings: the user's.
    """

    url: str
    settings: Settings

    def commit_of_tag(self, tag: str) -> str:
        """Look up the commit of a tag upstream.

        Raises:
            SourceError: it cannot be reached, or has no such tag.
        """
        name = f"refs/tags/{tag}"
        address = self._address()
        output = self._ask(["ls-remote", "--", address, name, f"{name}^{{}}"])
        lines: list[tuple[str, str]] = re.findall(r"^([0-9a-f]{40})\t(\S+)$", output, re.MULTILINE)
        found = {reference: commit for commit, reference in lines}
        commit = found.get(f"{name}^{{}}") or found.get(name)  # peeled, where the tag is annotated
        if commit is None:
            raise SourceError(f"{shown(self.url)} has no tag {tag}", code="XSB-SOURCE-GIT")
        return commit

    def archive(
        self, commit: str, tag: str | None, top: str, *, submodules: bool | None = None
    ) -> tuple[Path, str]:
        """Return an archive of a commit, ``TOP.tar.gz``, and the sha256 of the tar in it.

        Args:
            commit: its full id.
            tag: a tag that must point at it.
            top: the one directory at the top of the archive.
            submodules: whether to fetch submodules; None: there must be none.

        Raises:
            SourceError: it cannot be fetched, or the tag points elsewhere, or there are submodules.
        """
        cache = Cache(self.settings.folders.sources)
        wanted = (_FORMAT, self.url, tag or "", commit, top, str(submodules))
        record = cache.root / "git" / key_for(*wanted)
        if found := _recorded(cache, record, top):
            return found
        with cache.locked(f"archive-{record.name}") as work:
            tars = list(self._export(commit, tag, f"{top}/", submodules, work))
            return _pack(cache, tars, top, record)

    def file(self, commit: str, path: str) -> Path:
        """Return one file of a commit.

        Args:
            commit: its full id.
            path: the file's, in the commit.

        Raises:
            SourceError: the commit cannot be fetched, or has no such file.
        """
        cache = Cache(self.settings.folders.sources)
        name = path.rpartition("/")[2]
        record = cache.root / "git" / key_for(self.url, commit, path)
        with cache.locked(f"git-{key_for(self.url)}") as work:
            if record.exists() and (found := cache.find(record.read_text(), name)):
                return found
            mirror, draft = work / "mirror.git", work / "file"
            self._bring(mirror, commit, None)
            draft.write_bytes(b"")
            try:
                git(mirror, ["cat-file", "blob", f"{commit}:{path}"], log=draft)
            except process.CommandFailedError as error:
                raise SourceError(
                    f"{shown(self.url)} has no file {path} at {commit}", code="XSB-SOURCE-GIT"
                ) from error
            digest = digest_of(draft)
            found = cache.add(draft, digest, name)
            record.parent.mkdir(exist_ok=True)
            write_file(record, digest)
            return found

    def _export(
        self, commit: str, tag: str | None, prefix: str, submodules: bool | None, work: Path
    ) -> Iterator[Path]:
        """Yield tars of a commit and of its submodules, made in a folder."""
        cache = Cache(self.settings.folders.sources)
        tar = work / f"{key_for(prefix)}.tar"
        with cache.locked(f"git-{key_for(self.url)}") as folder:
            mirror = folder / "mirror.git"
            self._bring(mirror, commit, tag)
            found = submodules_of(mirror, commit, self.url, wanted=submodules)
            view = _view(mirror, commit, tag)
            words = ["archive", "--format=tar", f"--prefix={prefix}", f"--output={tar}", commit]
            # A commit that names one tree many times is small, and its archive is not.
            check = _size_check(tar, self.settings.limits.unpacked_size)
            git(view, words, guard=lambda _pid: check())
            check()
        yield tar
        for part in found:
            below = f"{prefix}{part.path}/"
            yield from Repository(part.url, self.settings)._export(
                part.commit, None, below, submodules, work
            )

    def _bring(self, mirror: Path, commit: str, tag: str | None) -> None:
        git(mirror, ["init", "--quiet", "--bare", "--template="])
        for lock in mirror.rglob("*.lock"):
            lock.unlink()  # of a git that was killed; ours is the only one
        if has_commit(mirror, commit):
            return
        address = self._address()
        if tag and (target := self.commit_of_tag(tag)) != commit:
            raise SourceError(
                f"the tag {tag} of {shown(self.url)} points at {target}, the pin is {commit}",
                hint="upstream moved the tag, or the pin belongs to another version",
                code="XSB-SOURCE-GIT",
            )
        options = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
        kept = f"refs/xsbuild/{commit}"
        try:
            self._ask(["fetch", *options, "--depth=1", "--", address, f"+{commit}:{kept}"], mirror)
        except SourceError:
            if tag is None:
                raise
            # An old server gives only what a name points at.
            self._ask(["fetch", *options, "--", address, f"+refs/tags/{tag}:{kept}"], mirror)
        if not has_commit(mirror, commit):
            raise SourceError(
                f"{commit} of {shown(self.url)} is not a commit", code="XSB-SOURCE-GIT"
            )

    def _address(self) -> str:
        address = reach(self.url, self.settings)
        if not _ADDRESS.match(address):
            raise InputError(
                f"{shown(address)} is not the address of a git repository",
                hint="expected https://, http://, ssh://, git:// or file://",
                code="XSB-SOURCE-ADDRESS",
            )
        return address

    def _ask(self, words: list[str], mirror: Path | None = None) -> str:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return git(mirror or Path("/nonexistent"), words)
            except process.CommandFailedError as error:
                if attempt == _ATTEMPTS or not _TRANSIENT.search(error.output):
                    address = rewrite(self.url, self.settings.rewrite)
                    output = error.output.strip().replace(address, shown(address))
                    raise SourceError(
                        f"{shown(address)}: {output}", code="XSB-SOURCE-GIT"
                    ) from error
                time.sleep(2 ** (attempt - 1))
        raise AssertionError


def _recorded(cache: Cache, record: Path, top: str) -> tuple[Path, str] | None:
    if not record.exists():
        return None
    digests = json.loads(record.read_text())
    path = cache.find(digests["file"], f"{top}.tar.gz")
    return (path, digests["tar"]) if path else None


def _size_check(file: Path, size: int) -> Callable[[], None]:
    def check() -> None:
        if file.exists() and file.stat().st_size > size:
            raise too_large("unpacked-size", size)

    return check


def _view(mirror: Path, commit: str, tag: str | None) -> Path:
    """Make a repository of a mirror's objects in which a tag is the only name of a commit.

    What ``export-subst`` inserts depends on nothing else then. The tag is annotated, as those that
    git-describe(1) looks at. Parents are not needed, so a shallow mirror need not be called so.
    """
    view = mirror.with_name("view.git")
    shutil.rmtree(view, ignore_errors=True)
    git(view, ["init", "--quiet", "--bare", "--template="])
    (view / "objects/info").mkdir(exist_ok=True)
    (view / "objects/info/alternates").write_text(f"{mirror}/objects\n")
    if tag:
        git(view, ["tag", "--annotate", f"--message={tag}", "--", tag, commit])
    return view


def _pack(cache: Cache, tars: list[Path], top: str, record: Path) -> tuple[Path, str]:
    tar = tars[0] if len(tars) == 1 else _joined(tars)
    packed = tar.with_name("archive.tar.gz")
    digest = compress(tar, packed)
    for file in {tar, *tars}:
        file.unlink()
    file_digest = digest_of(packed)
    path = cache.add(packed, file_digest, f"{top}.tar.gz")
    record.parent.mkdir(exist_ok=True)
    write_file(record, json.dumps({"file": file_digest, "tar": digest}))
    return path, digest


def _joined(tars: list[Path]) -> Path:
    """Join tars of git to one."""
    joined = tars[0].with_name("joined.tar")
    with tarfile.open(joined, "w", format=tarfile.PAX_FORMAT) as target:
        for tar in tars:
            with tarfile.open(tar) as source:
                for member in source:
                    member.pax_headers = {}  # git's global header, the commit
                    target.addfile(member, source.extractfile(member) if member.isreg() else None)
    return joined
