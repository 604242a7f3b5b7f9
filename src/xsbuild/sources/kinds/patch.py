# SPDX-License-Identifier: Apache-2.0
"""Patches by reference: a file of a commit, or a file at an address."""

from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.patch import GitPatch, PatchReference, UrlPatch
from xsbuild.manifest.source import UrlSource
from xsbuild.sources.addresses import shown
from xsbuild.sources.cache import digest_of
from xsbuild.sources.git import Repository
from xsbuild.sources.kinds.model import Access, Kind, Origin, Wanted
from xsbuild.sources.kinds.url import UrlKind
from xsbuild.sources.model import Fetched, Report


class _PatchKind(Kind):
    """A patch by reference, which is always pinned."""

    source: PatchReference

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        return Origin(archive, archive)

    def _fetched(self, file: Path) -> Fetched:
        if problem := _problem(file.read_bytes()):
            raise SourceError(f"{self.address}: {problem}", code="XSB-PATCH-CONTENT")
        name = self.source.file_name
        return Fetched(name, file, name, digest_of(file))


@dataclass(frozen=True)
class GitPatchKind(_PatchKind):
    """See `GitPatch`."""

    source: GitPatch

    @property
    def address(self) -> str:
        """See `Kind`."""
        return f"{shown(self.source.git)} {self.source.path}"

    @property
    def pin(self) -> str:
        """See `Kind`."""
        return self.source.commit

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        repository = Repository(self.source.git, access.project.settings)
        file = repository.file(self.source.commit, self.source.path)
        report(file.stat().st_size, file.stat().st_size)
        return self._fetched(file)


@dataclass(frozen=True)
class UrlPatchKind(_PatchKind):
    """See `UrlPatch`."""

    source: UrlPatch

    @property
    def address(self) -> str:
        """See `Kind`."""
        return shown(self.source.url)

    @property
    def pin(self) -> str | None:
        """See `Kind`."""
        return self.source.sha256 or self.source.sha512

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        pin = {"sha256": self.source.sha256} if self.source.sha256 else {"sha512": self.pin}
        kind = UrlKind(UrlSource.model_validate({"url": self.source.url, **pin}))
        return self._fetched(kind.file(wanted.version, access, report))


_LFS_START = b"version https://git-lfs.github.com/spec/"


def _problem(content: bytes) -> str | None:
    """Return why a file cannot be a patch, or None."""
    lines = content.splitlines()
    if content.startswith(_LFS_START):
        return "is in Git LFS, and the commit has only a pointer to it"
    if any(line.startswith(b"GIT binary patch") for line in lines):
        return "changes a binary file (GIT binary patch), which patch(1) cannot apply"
    return None if any(line.startswith(b"+++ ") for line in lines) else "is no patch"
