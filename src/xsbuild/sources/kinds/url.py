# SPDX-License-Identifier: Apache-2.0
"""Archives at an address, with or without a signature."""

import re
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.source import UrlSource
from xsbuild.plainfile import read_bytes
from xsbuild.sources.addresses import file_name_of, shown
from xsbuild.sources.cache import digest_of, key_for
from xsbuild.sources.kinds.file import FileKind
from xsbuild.sources.kinds.model import Access, Origin, Wanted
from xsbuild.sources.model import Fetched, Report
from xsbuild.sources.signature import check_signature


@dataclass(frozen=True)
class UrlKind(FileKind):
    """See `UrlSource`."""

    source: UrlSource

    @property
    def address(self) -> str:
        """See `Kind`."""
        return shown(self.source.url)

    @property
    def file_name(self) -> str:
        """See `FileKind`."""
        return file_name_of(self.source.url)

    def locate(self, version: str, access: Access, pin: str | None) -> tuple[tuple[str, ...], str]:
        """See `FileKind`."""
        return (self.source.url,), self.file_name

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        url, name = self.source.url, _packaged_name(self.file_name)
        if not url.startswith("http"):
            return Origin(name, name)
        same = url.rpartition("/")[2] == name
        return Origin(url if same else f"{url.partition('#')[0]}#/{name}", name)

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        fetched = super().fetch(wanted, access, report)
        if self.source.signature or self.source.key:
            self._check_signature(fetched.path, access)
        return fetched

    def _check_signature(self, archive: Path, access: Access) -> None:
        source, cache = self.source, access.cache
        if source.signature is None or source.key is None:
            raise SourceError(
                f"{self.address}: `signature` and `key` must be given together",
                code="XSB-SOURCE-SIGNATURE",
            )
        key = access.project.root / source.key
        read_bytes(key, within=access.project.root)
        name = key_for(self.require_pin(), source.signature, digest_of(key))
        checked = cache.root / "signatures" / name
        if checked.exists():
            return
        content, _ = access.transport.read(source.signature)
        with cache.locked(f"signature-{checked.name}") as work:
            signature = work / file_name_of(source.signature)
            signature.write_bytes(content)
            check_signature(archive, signature, key, work)
            checked.parent.mkdir(exist_ok=True)
            signature.replace(checked)


def _packaged_name(name: str) -> str:
    """Return the name of a file in a source RPM, which a spec file can have in a Source tag.

    A zip archive is packed again as a tar, see `sourcepkgs.originals`.
    """
    plain = re.sub(r"[^\w.+~^-]", "_", name, flags=re.ASCII)
    return f"{plain[:-4]}.tar.gz" if plain.lower().endswith(".zip") else plain
