# SPDX-License-Identifier: Apache-2.0
"""Files by address and sha256: from the cache, else fetched and verified."""

from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.sources.addresses import shown
from xsbuild.sources.cache import Cache, digest_of, key_for
from xsbuild.sources.model import Report
from xsbuild.sources.transport import Transport


def download(
    cache: Cache,
    transport: Transport,
    url: str,
    file_name: str,
    sha256: str | None,
    report: Report,
) -> tuple[Path, str]:
    """Returns a file and its sha256, fetched where the cache does not have it.

    Args:
        cache: where it is kept.
        transport: how it is fetched.
        url: where it is, before the user's mirrors.
        file_name: what it is called in the cache.
        sha256: what it must be; None where it is fetched to be pinned.
        report: is told bytes done and bytes in all.

    Raises:
        SourceError: it cannot be fetched, or is not what it must be.
    """
    if sha256 and (found := cache.find(sha256, file_name)):
        return found, sha256
    with cache.locked(sha256 or key_for(url)) as work:
        if sha256 and (found := cache.find(sha256, file_name)):
            return found, sha256  # another process fetched it while this one waited
        partial = work / "partial"
        if sha256 is None:
            partial.unlink(missing_ok=True)  # without a pin nothing would tell a bad mixture
        resumed = partial.exists()
        digest = _saved(transport, url, partial, report)
        if resumed and digest != sha256:
            partial.unlink()
            digest = _saved(transport, url, partial, report)
        if sha256 not in {None, digest}:
            error = _mismatch(url, sha256, digest, partial.stat().st_size)
            partial.unlink()
            raise error
        return cache.add(partial, digest, file_name), digest


def _saved(transport: Transport, url: str, partial: Path, report: Report) -> str:
    transport.save(url, partial, report)
    return digest_of(partial)


def _mismatch(url: str, expected: str | None, received: str, size: int) -> SourceError:
    return SourceError(
        f"{shown(url)} does not match its pin\n"
        f"  expected sha256 {expected}\n  received sha256 {received} ({size} bytes)",
        hint="upstream replaced the file, or a proxy returned something else; "
        "compare with the checksum that upstream publishes before you change the pin",
        code="XSB-SOURCE-CHECKSUM",
    )
