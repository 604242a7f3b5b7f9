# SPDX-License-Identifier: Apache-2.0
"""Files by address and checksum: from the cache, else fetched and verified."""

from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.sources.addresses import shown
from xsbuild.sources.cache import Cache, algorithm_of, digest_of, key_for
from xsbuild.sources.model import Report
from xsbuild.sources.transport import Transport


def download(
    cache: Cache,
    transport: Transport,
    url: str,
    file_name: str,
    pin: str | None,
    report: Report,
) -> tuple[Path, str]:
    """Return a file and its checksum, fetched where the cache does not have it.

    Args:
        cache: where it is kept.
        transport: how it is fetched.
        url: where it is, before the user's mirrors.
        file_name: what it is called in the cache.
        pin: the sha256 or sha512 that it must have; None where it is fetched to be pinned.
        report: called with bytes done and total bytes.

    Raises:
        SourceError: it cannot be fetched, or is not what it must be.
    """
    if pin and (found := cache.find(pin, file_name)):
        return found, pin
    algorithm = algorithm_of(pin or "")
    with cache.locked(pin or key_for(url)) as work:
        if pin and (found := cache.find(pin, file_name)):
            return found, pin  # another process fetched it while this one waited
        partial = work / "partial"
        if pin is None:
            partial.unlink(missing_ok=True)  # without a pin nothing would tell a bad mixture
        resumed = partial.exists()
        digest = _saved(transport, url, partial, algorithm, report)
        if resumed and digest != pin:
            partial.unlink()
            digest = _saved(transport, url, partial, algorithm, report)
        if pin not in {None, digest}:
            error = _mismatch(url, pin, digest, partial.stat().st_size)
            partial.unlink()
            raise error
        return cache.add(partial, digest, file_name), digest


def _saved(transport: Transport, url: str, partial: Path, algorithm: str, report: Report) -> str:
    transport.save(url, partial, report)
    return digest_of(partial, algorithm)


def _mismatch(url: str, expected: str | None, received: str, size: int) -> SourceError:
    algorithm = algorithm_of(received)
    return SourceError(
        f"{shown(url)} does not match its pin\n"
        f"  expected {algorithm} {expected}\n  received {algorithm} {received} ({size} bytes)",
        hint="upstream replaced the file, or a proxy returned something else; "
        "compare with the checksum that upstream publishes before you change the pin",
        code="XSB-SOURCE-CHECKSUM",
    )
