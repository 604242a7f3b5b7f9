# SPDX-License-Identifier: Apache-2.0
"""Commit of git repositories, as archives that are the same every time.

An archive has what upstream's own would have (``export-ignore`` is honoured), but for
``export-subst``: what that writes depends on which tags and how many objects a clone happens to
have. Submodules are sources of their own. A file that is in Git LFS is refused: the commit has only
a pointer to it.
"""

import json
import os
import re
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import InputError, SourceError
from xsbuild.host import process
from xsbuild.host.files import write_file
from xsbuild.settings import Settings
from xsbuild.sources.addresses import reach, rewrite, shown
from xsbuild.sources.cache import Cache, digest_of, key_for
from xsbuild.sources.packing import compress

_CONFIG = Path(__file__).with_name("gitconfig")
_ADDRESS = re.compile(r"(https|http|ssh|git|file)://.")
_ATTEMPTS = 3
_LFS_START = b"version https://git-lfs.github.com/spec/"
_LFS_SIZE = 1024  # of a pointer, at most
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

    def archive(self, commit: str, tag: str | None, top: str) -> tuple[Path, str]:
        """Return an archive of a commit, ``TOP.tar.gz``, and the sha256 of the tar in it.

        Args:
            commit: its full id.
            tag: a tag that must point at it.
            top: the one directory at the top of the archive.

        Raises:
            SourceError: it cannot be fetched, or the tag points elsewhere.
        """
        cache = Cache(self.settings.folders.sources)
        key = key_for(self.url)
        record = cache.root / "git" / key_for(self.url, tag or "", commit, top)
        if found := _recorded(cache, record, top):
            return found
        with cache.locked(f"git-{key}") as work:
            if found := _recorded(cache, record, top):
                return found
            mirror = work / "mirror.git"
            self._bring(mirror, commit, tag)
            return self._pack(cache, mirror, commit, top, record)

    def _bring(self, mirror: Path, commit: str, tag: str | None) -> None:
        _git(mirror, ["init", "--quiet", "--bare", "--template="])
        for lock in mirror.rglob("*.lock"):
            lock.unlink()  # of a git that was killed; ours is the only one
        if _has(mirror, commit):
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
        if not _has(mirror, commit):
            raise SourceError(
                f"{commit} of {shown(self.url)} is not a commit", code="XSB-SOURCE-GIT"
            )

    def _pack(
        self, cache: Cache, mirror: Path, commit: str, top: str, record: Path
    ) -> tuple[Path, str]:
        attributes = mirror / "info" / "attributes"
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("* -export-subst\n")  # overrides what the tree says
        tar, packed = mirror.with_name("archive.tar"), mirror.with_name("archive.tar.gz")
        options = ["--format=tar", f"--prefix={top}/", f"--output={tar}"]
        _git(mirror, ["archive", *options, commit])
        self._refuse_pointers(tar)
        digest = compress(tar, packed)
        tar.unlink()
        file_digest = digest_of(packed)
        path = cache.add(packed, file_digest, f"{top}.tar.gz")
        record.parent.mkdir(exist_ok=True)
        write_file(record, json.dumps({"file": file_digest, "tar": digest}))
        return path, digest

    def _refuse_pointers(self, tar: Path) -> None:
        if name := _lfs_pointer(tar):
            raise SourceError(
                f"{shown(self.url)} keeps {name} in Git LFS, which is not supported",
                hint="use an archive of the release that has the file",
                code="XSB-SOURCE-GIT",
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
                return _git(mirror or Path("/nonexistent"), words)
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


def _lfs_pointer(tar: Path) -> str | None:
    """Return the first file of an archive that is a pointer of Git LFS, if its attributes use it.

    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    pointer, used = None, False
    with tarfile.open(tar) as archive:
        for member in archive:
            attributes = member.name.endswith("/.gitattributes")
            small = member.isreg() and member.size < _LFS_SIZE
            if not (member.isreg() and (attributes or (small and pointer is None))):
                continue
            stream = archive.extractfile(member)
            content = stream.read() if stream else b""
            used = used or (attributes and b"filter=lfs" in content)
            if content.startswith(_LFS_START):
                pointer = pointer or member.name.partition("/")[2]
    return pointer if used else None


def _has(mirror: Path, commit: str) -> bool:
    output = _git(mirror, ["rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"], ok=(0, 1))
    return output.strip() == commit


def _git(mirror: Path, words: list[str], ok: tuple[int, ...] = (0,)) -> str:
    return process.run(
        ["git", f"--git-dir={mirror}", *words], env=_environment(), cwd=Path("/"), ok=ok
    ).output


def _environment() -> dict[str, str]:
    own = {
        "GIT_CONFIG_GLOBAL": str(_CONFIG),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30",
    }
    if "SSL_CERT_FILE" in os.environ:
        own["GIT_SSL_CAINFO"] = os.environ["SSL_CERT_FILE"]  # git does not look at the former
    if "SSH_AUTH_SOCK" in os.environ:
        own["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return own
