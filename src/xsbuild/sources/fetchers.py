# SPDX-License-Identifier: Apache-2.0
"""How each kind of source is fetched."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError, XsbuildError
from xsbuild.manifest.libraries import Archive, Bundle, read_bundle
from xsbuild.manifest.model import (
    Component,
    DebianPoolSource,
    GitSource,
    LocalSource,
    PypiSource,
    Source,
    UrlSource,
)
from xsbuild.manifest.source import VendoredSource
from xsbuild.project import Project
from xsbuild.sources.addresses import checked_file_name, file_name_of, require_network
from xsbuild.sources.archive import tree_digest
from xsbuild.sources.bundle import bundle_key, make_bundle
from xsbuild.sources.cache import Cache, digest_of, key_for
from xsbuild.sources.debian_pool import pool_address
from xsbuild.sources.download import download
from xsbuild.sources.git import Repository
from xsbuild.sources.model import Fetched, Report
from xsbuild.sources.packing import compress, pack_folder
from xsbuild.sources.pins import address_of, filled_in, require_pin, require_pins
from xsbuild.sources.signature import check_signature
from xsbuild.sources.threads import in_threads
from xsbuild.sources.transport import Transport

_File = UrlSource | PypiSource | DebianPoolSource


@dataclass(frozen=True, slots=True)
class Wanted:
    """One source of one component.

    Attributes:
        component: the component's name.
        source: with name and version filled in.
        version: the component's.
        date: of its newest changelog entry.
    """

    component: str
    source: Source
    version: str
    date: datetime.date | None

    @property
    def label(self) -> str:
        """What the source is called while it is fetched."""
        return f"{self.component}/{self.source.name}" if self.source.name else self.component

    @property
    def top(self) -> str:
        """The top directory of an archive that is made here."""
        name = f"-{self.source.name}" if self.source.name else ""
        return f"{self.component}-{self.version}{name}"


def wanted_of(name: str, component: Component) -> list[Wanted]:
    """Lists the sources of a component.

    Raises:
        InputError: an address has an unknown name in braces.
    """
    date = component.changelog[0].date if component.changelog else None
    version = component.version
    return [
        Wanted(name, filled_in(source, name, version), version, date)
        for source in component.sources
    ]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches one source at a time.

    Attributes:
        project: whose sources they are.
        transport: how files are reached.
    """

    project: Project
    transport: Transport

    @property
    def _cache(self) -> Cache:
        return Cache(self.project.settings.folders.sources)

    def fetch(self, wanted: Wanted, report: Report) -> Fetched:
        """Returns a source that is what its pin says.

        Raises:
            SourceError: it has no pin, cannot be fetched, or is something else.
        """
        source = wanted.source
        if isinstance(source, LocalSource):
            return self._local(wanted, source)
        if isinstance(source, VendoredSource):
            if not isinstance(source, Bundle):
                source = read_bundle(source, self.project.root)
            return self._bundle(wanted, source, report)
        pin = require_pin(source)
        if isinstance(source, GitSource):
            repository = Repository(source.git, self.project.settings)
            path, digest = repository.archive(pin, source.tag, wanted.top)
            report(path.stat().st_size, path.stat().st_size)
            return Fetched(source.name, path, path.name, digest)
        path = self._file(source, pin, wanted.version, report)
        if isinstance(source, UrlSource) and (source.signature or source.key):
            self._check_signature(source, path, pin)
        return Fetched(source.name, path, path.name, pin)

    def find_pin(self, wanted: Wanted, report: Report) -> str:
        """Returns the sha256 or commit of what upstream has now; files are fetched for it.

        Raises:
            SourceError: upstream has no such thing, or cannot be reached.
        """
        source = wanted.source
        assert not isinstance(source, LocalSource | VendoredSource)
        if isinstance(source, GitSource):
            if source.tag is None:
                raise SourceError(
                    f"{source.git}: without `tag` the commit of a version is unknown",
                    code="XSB-SOURCE-GIT",
                )
            return Repository(source.git, self.project.settings).commit_of_tag(source.tag)
        address, name = self._locate(source, None, wanted.version)
        return download(self._cache, self.transport, address, name, None, report)[1]

    def _file(self, source: _File, sha256: str, version: str, report: Report) -> Path:
        known = None if isinstance(source, PypiSource) else file_name_of(_address(source))
        if found := self._cache.find(sha256, known):
            return found
        require_network(address_of(source), self.project.settings)
        address, name = self._locate(source, sha256, version)
        return download(self._cache, self.transport, address, name, sha256, report)[0]

    def _locate(self, source: _File, sha256: str | None, version: str) -> tuple[str, str]:
        match source:
            case UrlSource():
                return source.url, file_name_of(source.url)
            case DebianPoolSource():
                path = source.debian_pool
                return pool_address(path, self.project), file_name_of(path)
            case PypiSource():
                # its libraries are slow to import, and most sources are in the cache
                from xsbuild.sources import pypi  # noqa: PLC0415

                item = (
                    pypi.sdist_with_digest(source.pypi, sha256, self.transport)
                    if sha256
                    else pypi.sdist_of_version(source.pypi, version, self.transport)
                )
                return item.url, checked_file_name(item.filename, item.url)

    def _local(self, wanted: Wanted, source: LocalSource) -> Fetched:
        folder = self.project.root / source.local
        digest = tree_digest(folder)
        with self._cache.locked(f"local-{key_for(str(folder), wanted.top)}") as work:
            tar, packed = work / "archive.tar", work / "archive.tar.gz"
            pack_folder(folder, wanted.top, wanted.date, tar)
            compress(tar, packed)
            tar.unlink()
            path = self._cache.add(packed, digest_of(packed), f"{wanted.top}.tar.gz")
        return Fetched(source.name, path, path.name, digest)

    def _bundle(self, wanted: Wanted, bundle: Bundle, report: Report) -> Fetched:
        require_pins(bundle)
        key = bundle_key(bundle, wanted.top, wanted.date)
        made, file_name = self._cache.root / "bundles" / key, f"{wanted.top}.tar.gz"
        with self._cache.locked(f"bundle-{key}") as work:
            known = made.read_text() if made.exists() else ""
            path = self._cache.find(known, file_name) if known else None
            if path is None:
                files = self._archives(bundle, report)
                packed = make_bundle(bundle, files, wanted.top, wanted.date, work)
                path = self._cache.add(packed, digest_of(packed), file_name)
                made.parent.mkdir(exist_ok=True)
                made.write_text(digest_of(path))
        return Fetched(bundle.name, path, file_name, key)

    def _archives(self, bundle: Bundle, report: Report) -> dict[str, Path]:
        """Directory → archive; progress counts archives."""
        wanted = [item for item in bundle.libraries.archives if item.sha256]
        files: dict[str, Path] = {}
        errors: dict[str, XsbuildError] = {}
        for archive, outcome in in_threads(self._archive, wanted):
            if isinstance(outcome, Path):
                files[archive.folder] = outcome
            else:
                errors[archive.folder] = outcome
            report(len(files), len(wanted))
        if errors:
            lines = [f"  {name}: {error}" for name, error in sorted(errors.items())]
            hints = dict.fromkeys(error.hint for error in errors.values() if error.hint)
            raise SourceError(
                "\n".join(
                    [f"{len(errors)} archives of {bundle.vendored} cannot be fetched", *lines]
                ),
                hint="\n".join(hints) or None,
                code="XSB-SOURCE-FAILED",
            )
        return files

    def _archive(self, archive: Archive) -> Path | XsbuildError:
        """From Debian's archive where that has it, else from upstream."""
        error = XsbuildError(f"{archive.folder} has no address", code="XSB-SOURCE-DOWNLOAD")
        pool, url, pin = archive.debian_pool, archive.url, archive.sha256
        assert pin is not None
        sources: list[_File] = [DebianPoolSource(debian_pool=pool, sha256=pin)] if pool else []
        sources += [UrlSource(url=url, sha256=pin)] if url else []
        for source in sources:
            try:
                return self._file(source, pin, archive.version, lambda _done, _total: None)
            except XsbuildError as failure:
                error = failure
        return error

    def _check_signature(self, source: UrlSource, archive: Path, sha256: str) -> None:
        if source.signature is None or source.key is None:
            raise SourceError(
                f"{address_of(source)}: `signature` and `key` must be given together",
                code="XSB-SOURCE-SIGNATURE",
            )
        key = self.project.root / source.key
        checked = (
            self._cache.root / "signatures" / key_for(sha256, source.signature, digest_of(key))
        )
        if checked.exists():
            return
        content, _ = self.transport.read(source.signature)
        with self._cache.locked(f"signature-{checked.name}") as work:
            signature = work / file_name_of(source.signature)
            signature.write_bytes(content)
            check_signature(archive, signature, key, work)
            checked.parent.mkdir(exist_ok=True)
            signature.replace(checked)


def _address(source: UrlSource | DebianPoolSource) -> str:
    return source.url if isinstance(source, UrlSource) else source.debian_pool
