# SPDX-License-Identifier: Apache-2.0
"""Bytes over http, https and file: resumed, and tried again where that may help."""

# httpx takes longer to import than a build of cached sources needs for all else.
# ruff: noqa: PLC0415

import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from xsbuild.errors import SourceError
from xsbuild.settings import Settings
from xsbuild.sources.addresses import parts_of, reach, shown
from xsbuild.sources.model import Report
from xsbuild.sources.transferlimit import TransferLimit

if TYPE_CHECKING:
    import httpx

_ATTEMPTS = 4
_CHUNK = 1 << 18
_LONGEST_WAIT_SECONDS = 30.0
# What may be otherwise in a moment (RFC 9110, RFC 8470, RFC 6585).
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416
_CONNECT_SECONDS = 15
_READ_SECONDS = 60

Result = TypeVar("Result")


class _TransientError(SourceError):
    """A transient failure."""

    def __init__(self, message: str, *, wait_seconds: float = 0, unreachable: bool = False) -> None:
        code = "XSB-SOURCE-UNREACHABLE" if unreachable else "XSB-SOURCE-DOWNLOAD"
        super().__init__(message, code=code)
        self.wait_seconds = wait_seconds
        self.unreachable = unreachable


class Transport:
    """Reads from addresses, through the user's mirrors; safe for use by several threads.

    Args:
        settings: has the mirrors, and whether the network may be used.
        first_wait_seconds: before the second attempt; doubled for each one after.
    """

    def __init__(self, settings: Settings, *, first_wait_seconds: float = 0.5) -> None:
        self._settings = settings
        self._first_wait = first_wait_seconds
        self._unreachable: dict[str, str] = {}  # host → why: only its first source waits for it
        self._opening = Lock()
        self._opened: httpx.Client | None = None

    def close(self) -> None:
        """Close all connections."""
        if self._opened:
            self._opened.close()

    def _client(self) -> "httpx.Client":
        with self._opening:
            if self._opened is None:
                self._opened = _client()
            return self._opened

    def read(self, url: str, accept: str = "*/*") -> tuple[bytes, str]:
        """Return a small document, and the address where it was found in the end.

        Raises:
            SourceError: it cannot be read.
        """
        address, limits = reach(url, self._settings), self._settings.limits
        if address.startswith("file:"):
            return b"".join(_chunks(_local_file(address), address)), address

        def attempt() -> tuple[bytes, str]:
            with self._client().stream("GET", address, headers={"Accept": accept}) as response:
                _check_status(response)
                limit = TransferLimit("document-size", limits.document_size, limits.download_speed)
                return b"".join(limit.checked(response.iter_bytes())), str(response.url)

        return self._persist(address, attempt, lambda: 0)

    def save(self, url: str, partial: Path, report: Report) -> None:
        """Download an address to a file, resuming an interrupted transfer.

        Args:
            url: before the user's mirrors.
            partial: the file; beside it lies what tells whether upstream's is still the same.
            report: called with bytes done and total bytes.

        Raises:
            SourceError: it cannot be read.
        """
        address = reach(url, self._settings)
        if address.startswith("file:"):
            file = _local_file(address)
            _write(partial, "wb", _chunks(file, address), report, 0, _size(file))
        else:
            self._persist(
                address, lambda: self._get(address, partial, report), lambda: _size(partial)
            )

    def _persist(
        self, address: str, attempt: Callable[[], Result], received: Callable[[], int]
    ) -> Result:
        host = parts_of(address).netloc
        failures, before = 0, received()
        while True:
            if host in self._unreachable:
                raise SourceError(
                    f"{shown(address)}: {self._unreachable[host]}",
                    hint=_MIRROR_HINT,
                    code="XSB-SOURCE-UNREACHABLE",
                )
            began = time.monotonic()
            try:
                with _explained(address):
                    return attempt()
            except _TransientError as error:
                enough = self._settings.limits.download_speed * (time.monotonic() - began)
                failures = 1 if received() - before > enough else failures + 1
                before = received()
                if failures == _ATTEMPTS:
                    if error.unreachable:
                        self._unreachable[host] = error.message
                    message = f"{shown(address)}: {error} ({failures} attempts)"
                    raise SourceError(message, hint=_MIRROR_HINT, code=error.code) from error
                wait = self._first_wait * 2 ** (failures - 1) * random.uniform(0.8, 1.2)  # noqa: S311
                time.sleep(min(max(wait, error.wait_seconds), _LONGEST_WAIT_SECONDS))

    def _get(self, address: str, partial: Path, report: Report) -> None:
        start, validator = _size(partial), partial.with_name("validator")
        headers = {}
        if start and validator.exists():
            headers = {"Range": f"bytes={start}-", "If-Range": validator.read_text()}
        with self._client().stream("GET", address, headers=headers) as response:
            resumed = response.status_code == _PARTIAL_CONTENT
            expected = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            if response.status_code == _RANGE_NOT_SATISFIABLE or (resumed and not expected):
                partial.unlink()
                raise _TransientError("the server cannot resume this download")
            _check_status(response)
            _keep_validator(validator, response.headers)
            start = start if resumed else 0
            length = response.headers.get("Content-Length")
            total = start + int(length) if length else None
            mode = "ab" if resumed else "wb"
            # As it is sent: some servers label a .tar.gz as gzip-encoded.
            limits = self._settings.limits
            limit = TransferLimit("download-size", limits.download_size, limits.download_speed)
            chunks = limit.checked(response.iter_raw(), start)
            _write(partial, mode, chunks, report, start, total)


def _client() -> "httpx.Client":
    import httpx

    # OpenSSL's own defaults are the system's trust, and honour SSL_CERT_FILE and SSL_CERT_DIR.
    return httpx.Client(
        verify=ssl.create_default_context(),
        timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
        follow_redirects=True,
        headers={"User-Agent": "xsbuild", "Accept-Encoding": "identity"},
    )


_MIRROR_HINT = "to use a mirror, set `rewrite` in config.yaml"


@contextmanager
def _explained(address: str) -> Iterator[None]:
    import httpx

    host = urlsplit(address).hostname
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise SourceError(
                f"{shown(address)}: the certificate of {host} is not trusted: {error}",
                hint="set SSL_CERT_FILE to a file with the certificates to trust",
                code="XSB-SOURCE-UNREACHABLE",
            ) from error
        message = f"{host} cannot be reached: {str(error) or type(error).__name__}"
        raise _TransientError(message, unreachable=True) from error
    except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
        raise SourceError(f"{shown(address)}: {error}", code="XSB-SOURCE-DOWNLOAD") from error
    except httpx.TransportError as error:
        message = f"the transfer was interrupted: {str(error) or type(error).__name__}"
        raise _TransientError(message) from error
    except _TransientError:
        raise
    except SourceError as error:
        raise SourceError(f"{shown(address)}: {error}", hint=error.hint, code=error.code) from error


def _check_status(response: "httpx.Response") -> None:
    if response.is_success:
        return
    message = f"the server returned {response.status_code} {response.reason_phrase}".rstrip()
    if response.status_code in _TRANSIENT:
        wait = response.headers.get("Retry-After", "")
        raise _TransientError(message, wait_seconds=int(wait) if wait.isdecimal() else 0)
    raise SourceError(
        message,
        hint="the file may have moved, or the server requires a login",
        code="XSB-SOURCE-DOWNLOAD",
    )


def _keep_validator(file: Path, headers: "httpx.Headers") -> None:
    tag = headers.get("ETag", "W/")
    # RFC 9110, 13.1.5: only a strong validator tells that the bytes are the same.
    value = headers.get("Last-Modified") if tag.startswith("W/") else tag
    if value:
        file.write_text(value)
    else:
        file.unlink(missing_ok=True)


def _write(
    file: Path, mode: str, chunks: Iterable[bytes], report: Report, done: int, total: int | None
) -> None:
    report(done, total)
    with file.open(mode) as stream:
        for chunk in chunks:
            stream.write(chunk)
            stream.flush()  # what came is there, however this process ends
            done += len(chunk)
            report(done, total)
    if done != total:
        report(done, done)


def _chunks(file: Path, address: str) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (OSError, ValueError) as error:  # the latter for a NUL character
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(f"{address}: {reason}", code="XSB-SOURCE-DOWNLOAD") from error


def _local_file(address: str) -> Path:
    file = Path(unquote(parts_of(address).path))
    return file / "index.html" if file.is_dir() else file


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
