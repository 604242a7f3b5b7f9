# SPDX-License-Identifier: Apache-2.0
"""Vendored libraries: as the manifest names them, and with their lock file read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError, XsbuildError
from xsbuild.manifest.libraries import Archive, Bundle, read_bundle
from xsbuild.manifest.source import DebianPoolSource, UrlSource, VendoredSource
from xsbuild.sources.bundle import bundle_digests, bundle_key, make_bundle
from xsbuild.sources.cache import digest_of
from xsbuild.sources.kinds.debian_pool import DebianPoolKind
from xsbuild.sources.kinds.file import FileKind
from xsbuild.sources.kinds.model import Access, Kind, Origin, Wanted
from xsbuild.sources.kinds.opam_cache import OpamCacheKind
from xsbuild.sources.kinds.url import UrlKind
from xsbuild.sources.model import Fetched, Report
from xsbuild.sources.threads import in_threads


@dataclass(frozen=True)
class VendoredKind(Kind):
    """See `VendoredSource`."""

    source: VendoredSource
    made_here = True

    @property
    def is_pinned(self) -> bool:
        """See `Kind`: unknown before the lock file is read, which fetching does."""
        return True

    @property
    def address(self) -> str:
        """See `Kind`."""
        return self.source.vendored

    def pin_hint(self, component: str, version: str) -> str:
        """See `Kind`."""
        return f"`xsbuild vendor {component}` pins them"

    def key_inputs(self, root: Path) -> dict[str, str]:
        """See `Kind`."""
        return BundleKind(read_bundle(self.source, root)).key_inputs(root)

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        return Origin(archive, archive, "other people's libraries; README in it lists them")

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        bundle = read_bundle(self.source, access.project.root)
        return BundleKind(bundle).fetch(wanted, access, report)


@dataclass(frozen=True)
class BundleKind(VendoredKind):
    """See `Bundle`."""

    source: Bundle

    @property
    def is_pinned(self) -> bool:
        """See `Kind`."""
        return not self.source.unpinned

    @property
    def address(self) -> str:
        """See `Kind`; with the archives that are not pinned."""
        names = ", ".join(item.folder for item in self.source.unpinned)
        return f"{self.source.vendored}: {names}" if names else self.source.vendored

    def key_inputs(self, root: Path) -> dict[str, str]:
        """See `Kind`; one for each archive."""
        self._require_pins()
        name = self.source.name
        return {f"{name}/{folder}": pin for folder, pin in bundle_digests(self.source)}

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        self._require_pins()
        bundle, cache = self.source, access.cache
        limits = access.project.settings.limits
        key = bundle_key(bundle, wanted.top, wanted.date)
        made, file_name = cache.root / "bundles" / key, f"{wanted.top}.tar.gz"
        with cache.locked(f"bundle-{key}") as work:
            known = made.read_text() if made.exists() else ""
            path = cache.find(known, file_name) if known else None
            if path is None:
                files = _archives(bundle, access, report)
                packed = make_bundle(bundle, files, wanted.top, wanted.date, work, limits)
                path = cache.add(packed, digest_of(packed), file_name)
                made.parent.mkdir(exist_ok=True)
                made.write_text(digest_of(path))
        return Fetched(bundle.name, path, file_name, key)

    def _require_pins(self) -> None:
        if not self.is_pinned:
            raise SourceError(
                f"{self.address}: not pinned: no sha256 or sha512 is recorded for some archives",
                hint="pin them with `xsbuild vendor COMPONENT`",
                code="XSB-SOURCE-UNPINNED",
            )


def _archives(bundle: Bundle, access: Access, report: Report) -> dict[str, Path]:
    """Return directory → archive; progress counts archives."""
    wanted = [item for item in bundle.libraries.archives if item.has_file]
    files: dict[str, Path] = {}
    errors: dict[str, XsbuildError] = {}
    for archive, outcome in in_threads(lambda item: _archive(bundle, item, access), wanted):
        if isinstance(outcome, Path):
            files[archive.folder] = outcome
        else:
            errors[archive.folder] = outcome
        report(len(files), len(wanted))
    if errors:
        lines = [f"  {name}: {error}" for name, error in sorted(errors.items())]
        hints = dict.fromkeys(error.hint for error in errors.values() if error.hint)
        raise SourceError(
            "\n".join([f"{len(errors)} archives of {bundle.vendored} cannot be fetched", *lines]),
            hint="\n".join(hints) or None,
            code="XSB-SOURCE-FAILED",
        )
    return files


def _archive(bundle: Bundle, archive: Archive, access: Access) -> Path | XsbuildError:
    """From Debian's archive where that has it, else from upstream or an opam cache."""
    error = XsbuildError(f"{archive.folder} has no address", code="XSB-SOURCE-DOWNLOAD")
    for kind in _kinds(bundle, archive):
        try:
            return kind.file(archive.version, access, lambda _done, _total: None)
        except XsbuildError as failure:
            error = failure
    return error


def _kinds(bundle: Bundle, archive: Archive) -> Iterator[FileKind | OpamCacheKind]:
    pool, url, cache = archive.debian_pool, archive.url, archive.opam_cache
    pins = {"sha256": archive.sha256} if archive.sha256 else {"sha512": archive.sha512}
    if pool and not cache:
        yield DebianPoolKind(DebianPoolSource.model_validate({"debian-pool": pool, **pins}))
    if cache:
        yield OpamCacheKind(bundle.libraries.opam_caches[cache], archive)
    elif url:
        yield UrlKind(UrlSource.model_validate({"url": url, **pins}))
