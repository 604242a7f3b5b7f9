# SPDX-License-Identifier: Apache-2.0
"""Folders of the project."""

from dataclasses import dataclass
from pathlib import Path

from xsbuild.manifest.source import LocalSource
from xsbuild.plainfile import inside
from xsbuild.sources.archive import tree_digest
from xsbuild.sources.cache import digest_of, key_for
from xsbuild.sources.kinds.model import Access, Kind, Origin, Wanted
from xsbuild.sources.model import Fetched, Report
from xsbuild.sources.packing import compress, pack_folder


@dataclass(frozen=True)
class LocalKind(Kind):
    """See `LocalSource`."""

    source: LocalSource
    made_here = True
    on_mirrors = True
    is_pinned = True

    @property
    def address(self) -> str:
        """See `Kind`."""
        return self.source.local

    def key_inputs(self, root: Path) -> dict[str, str]:
        """See `Kind`."""
        folder = inside(root / self.source.local, root)
        return {self.source.name or ".": f"tree:{tree_digest(folder)}"}

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        comment = f"{self.source.local} of the project that this is built from"
        return Origin(archive, archive, comment)

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        root, cache = access.project.root, access.cache
        folder = inside(root / self.source.local, root)
        digest = tree_digest(folder)
        with cache.locked(f"local-{key_for(str(folder), wanted.top)}") as work:
            tar, packed = work / "archive.tar", work / "archive.tar.gz"
            pack_folder(folder, wanted.top, wanted.date, tar)
            compress(tar, packed)
            tar.unlink()
            path = cache.add(packed, digest_of(packed), f"{wanted.top}.tar.gz")
        return Fetched(self.source.name, path, path.name, digest)
