# SPDX-License-Identifier: Apache-2.0
"""Archives in an opam cache: a file of an archive, pinned by that and found by its checksums.

``opam admin cache`` keeps files as ``cache/KIND/HE/HEX``, where KIND is md5, sha256 or sha512, HEX
the checksum and HE its first two digits (opam's source, `OpamHash.to_path`).
"""

import tarfile
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.host.files import write_file
from xsbuild.manifest.libraries import Archive, OpamCache
from xsbuild.manifest.source import UrlSource
from xsbuild.sources.cache import Cache, digest_of, key_for
from xsbuild.sources.kinds.model import Access
from xsbuild.sources.kinds.url import UrlKind
from xsbuild.sources.model import Report

_DAMAGED = (tarfile.TarError, EOFError, OSError)


@dataclass(frozen=True, slots=True)
class OpamCacheKind:
    """An archive of vendored libraries that is taken from an opam cache.

    Attributes:
        source: the opam cache.
        archive: has the checksums of the file.
    """

    source: OpamCache
    archive: Archive

    def file(self, version: str, access: Access, report: Report) -> Path:
        """Return the verified file; see `FileKind.file`.

        Raises:
            SourceError: the opam cache cannot be fetched, is damaged, or lacks the file.
        """
        cache = access.cache
        key = key_for(self.source.sha256, *self.archive.checksums)
        record, name = cache.root / "opam" / key, self.archive.folder
        if record.exists() and (found := cache.find(record.read_text(), name)):
            return found
        whole = UrlKind(UrlSource(url=self.source.url, sha256=self.source.sha256))
        packed = whole.file(version, access, report)
        with cache.locked(f"opam-{key}") as work:
            path = self._add(cache, packed, work / "file")
            record.parent.mkdir(exist_ok=True)
            write_file(record, digest_of(path))
        return path

    def _add(self, cache: Cache, packed: Path, draft: Path) -> Path:
        draft.write_bytes(self._content(packed))
        for text in self.archive.checksums:
            kind, _, expected = text.partition("=")
            if digest_of(draft, kind) != expected:
                raise self._error(packed, f"has another file under {text}")
        return cache.add(draft, digest_of(draft), self.archive.folder)

    def _content(self, packed: Path) -> bytes:
        ends = tuple(map(_place, self.archive.checksums))
        try:
            with tarfile.open(packed) as tar:
                for member in tar:
                    if f"/{member.name}".endswith(ends):
                        stream = tar.extractfile(member)  # follows links within the archive
                        return stream.read() if stream else b""
        except (*_DAMAGED, KeyError) as error:
            raise self._error(packed, f"cannot be read: {error}") from error
        raise self._error(packed, f"has no {self.archive.folder} ({' '.join(ends)})")

    def _error(self, packed: Path, problem: str) -> SourceError:
        return SourceError(f"the opam cache {packed.name} {problem}", code="XSB-SOURCE-ARCHIVE")


def _place(checksum: str) -> str:
    kind, _, value = checksum.partition("=")
    return f"/cache/{kind}/{value[:2]}/{value}"
