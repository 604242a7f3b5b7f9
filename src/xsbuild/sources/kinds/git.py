# SPDX-License-Identifier: Apache-2.0
"""Commit of git repositories."""

from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.source import GitSource
from xsbuild.sources.addresses import shown
from xsbuild.sources.git import Repository
from xsbuild.sources.kinds.model import Access, Kind, Origin, Wanted
from xsbuild.sources.model import Fetched, Report


@dataclass(frozen=True)
class GitKind(Kind):
    """See `GitSource`."""

    source: GitSource
    made_here = True

    @property
    def pin_key(self) -> str:
        """See `Kind`."""
        return "commit"

    @property
    def pin(self) -> str | None:
        """See `Kind`."""
        return self.source.commit

    @property
    def address(self) -> str:
        """See `Kind`."""
        source = self.source
        return f"{shown(source.git)} {source.tag or source.commit or ''}".rstrip()

    def key_inputs(self, root: Path) -> dict[str, str]:
        """See `Kind`."""
        found = super().key_inputs(root)
        parts = "+submodules" if self.source.submodules else ""
        return {name: f"{pin}{parts}" for name, pin in found.items()}

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        commit = self.source.commit or "no commit yet"
        parts = " with submodules" if self.source.submodules else ""
        return Origin(archive, archive, f"{self.source.git} at {commit}{parts}")

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        pin = self.require_pin()
        repository = Repository(self.source.git, access.project.settings)
        path, digest = repository.archive(
            pin, self.source.tag, wanted.top, submodules=self.source.submodules
        )
        report(path.stat().st_size, path.stat().st_size)
        return Fetched(self.source.name, path, path.name, digest)

    def find_pin(self, wanted: Wanted, access: Access, report: Report) -> str:
        """See `Kind`."""
        source = self.source
        if source.tag is None:
            raise SourceError(
                f"{source.git}: without `tag` the commit of a version is unknown",
                code="XSB-SOURCE-GIT",
            )
        return Repository(source.git, access.project.settings).commit_of_tag(source.tag)
