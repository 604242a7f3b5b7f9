# SPDX-License-Identifier: Apache-2.0
"""A web server that can resume downloads, and misbehave where it is told to."""

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

Fault = Literal["503", "429", "404", "half", "stall", "no-validator"]


@dataclass
class Web:
    """What the server has and what was asked of it.

    Attributes:
        address: without a slash at the end.
        files: path → content.
        redirects: path → path.
        faults: path → what goes wrong with the next requests for it, in order.
        requests: path and Range header of each request.
        stalled: is set once a client waits for the rest of a file.
        ended: is set when nobody needs to wait any more.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def add(self, path: str, content: bytes) -> str:
        """Puts a file on the server; returns its address."""
        self.files[path] = content
        return self.address + path


@contextmanager
def serve(certificate: Path | None = None) -> Iterator[Web]:
    """Runs a server on a free port of the loopback while the block runs.

    Args:
        certificate: file with its key and certificate, for https.
    """
    web = Web()

    class Handler(_Handler):
        content = web

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "https" if certificate else "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    web.address = f"{scheme}://127.0.0.1:{server.server_port}"
    with running(server):
        try:
            yield web
        finally:
            web.ended.set()


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    """Has a server answer in a thread while the block runs."""
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    content: Web

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.content.requests.append((self.path, wanted))
        faults = self.content.faults.get(self.path)
        fault = faults.pop(0) if faults else None
        if fault in {"503", "429", "404"} or self._moved():
            self._answer(int(fault or 302))
        elif self.path not in self.content.files:
            self._answer(404)
        else:
            self._send(self.content.files[self.path], wanted, fault)

    def _moved(self) -> bool:
        return self.path in self.content.redirects

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if self._moved():
            self.send_header("Location", self.content.redirects[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, content: bytes, wanted: str | None, fault: str | None) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.headers.get("If-Range") != tag:
            start = 0
        if start and start >= len(content):
            self._answer(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if fault != "no-validator":
            self.send_header("ETag", tag)
        rest = content[start:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: len(rest) // 2] if fault in {"half", "stall"} else rest)
        if fault == "stall":
            self.content.stalled.set()
            self.content.ended.wait()

    def log_message(self, *_args: object) -> None:
        """Keeps quiet."""
