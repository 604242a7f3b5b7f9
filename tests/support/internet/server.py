# SPDX-License-Identifier: Apache-2.0
"""Serves a folder of hosts on the loopback; a user's `rewrite:` leads every address there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from webserver import running


@dataclass
class Internet:
    """What is served, and what was asked for.

    Attributes:
        folder: ``HOST/PATH`` for each file.
        address: of the server, without a slash at the end.
        answers: ``HOST/PATH`` → makes the answer to a query, for what is no file.
        repositories: address of a git repository → its folder; git's own server would be a
            program more, so that these are read as files.
        recordings: host → finds the file of a path that is not in its folder.
        missing: paths that were asked for and are not there.
    """

    folder: Path
    address: str = ""
    answers: dict[str, Callable[[Mapping[str, str]], str]] = field(default_factory=dict)
    repositories: dict[str, Path] = field(default_factory=dict)
    recordings: dict[str, Callable[[str], Path]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def host(self, name: str) -> Path:
        """The folder of a host."""
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def url(self, host: str, path: str = "") -> str:
        """The address at which a host's file is really served."""
        return f"{self.address}/{host}/{path}"

    def put(self, url: str, content: bytes) -> None:
        """Serves a file under its address."""
        parts = urlsplit(url)
        place = self.host(parts.netloc) / unquote(parts.path).strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def rewrite(self) -> dict[str, str]:
        """The setting that leads every address of a host that is served here."""
        named = (place.split("/")[0] for place in self.answers)
        hosts = sorted({*named, *(path.name for path in self.folder.iterdir())})
        places = {
            f"{kind}://{host}/": self.url(host) for host in hosts for kind in ("http", "https")
        }
        return places | {url: path.as_uri() for url, path in self.repositories.items()}


@contextmanager
def serve_internet(folder: Path) -> Iterator[Internet]:
    """Serves the hosts below a folder while the block runs."""
    internet = Internet(folder)
    handler = partial(_Handler, internet=internet)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    internet.address = f"http://127.0.0.1:{server.server_port}"
    with running(server):
        yield internet


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, internet: Internet) -> None:
        self.internet = internet
        super().__init__(*args, directory=str(internet.folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        answer = self.internet.answers.get(parts.path.strip("/"))
        if answer is None:
            super().do_GET()
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        text = answer(query).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def translate_path(self, path: str) -> str:
        """Looks in the folder of the host first, then in its recording."""
        place = super().translate_path(path)
        host, _, rest = unquote(urlsplit(path).path).strip("/").partition("/")
        if host in self.internet.recordings and not Path(place).is_file():
            return str(self.internet.recordings[host](rest))
        return place

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Notes what is missing."""
        self.internet.missing.append(f"{code} {self.path}")
        super().send_error(code, message, explain)

    def log_message(self, *_args: object) -> None:
        """Keeps quiet."""
