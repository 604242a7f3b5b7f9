# SPDX-License-Identifier: Apache-2.0
import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from own_settings import settings_in
from webserver import Fault, Web, serve
from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.settings import Limits, Settings
from xsbuild.sources import transferlimit
from xsbuild.sources.cache import Cache
from xsbuild.sources.download import download
from xsbuild.sources.transferlimit import TransferLimit
from xsbuild.sources.transport import Transport

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "x-1.tar.gz"
PATH = f"/{NAME}"


def fetch(
    settings: Settings, url: str, sha256: str | None = SHA256, steps: list[int] | None = None
) -> Path:
    transport = Transport(settings, first_wait_seconds=0)
    try:
        return download(
            Cache(settings.folders.sources),
            transport,
            url,
            NAME,
            sha256,
            lambda done, _total: (steps if steps is not None else []).append(done),
        )[0]
    finally:
        transport.close()


def left_over(settings: Settings) -> list[str]:
    work = settings.folders.sources / "work"
    return sorted(path.name for path in work.glob("*/*"))


def test_a_file_is_fetched_once(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = web.add(PATH, CONTENT)
    steps: list[int] = []
    path = fetch(settings, url, steps=steps)
    assert path.read_bytes() == CONTENT
    assert path == settings.folders.sources / "sha256" / SHA256 / NAME
    assert steps[0] == 0
    assert steps[-1] == len(CONTENT)
    assert fetch(replace(settings, offline=True), url) == path
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("faults", "ranges"),
    [
        (["503", "429"], [None, None, None]),
        (["half"], [None, f"bytes={len(CONTENT) // 2}-"]),
        (["half", "half"], [None, "bytes=524288-", "bytes=786432-"]),
        (["no-validator"], [None]),
        (["half", "503"], [None, "bytes=524288-", "bytes=524288-"]),
        # Every attempt brings something, so none is the last.
        (["half"] * 6, [None, *(f"bytes={(1 << 20) - (1 << 19 - i)}-" for i in range(6))]),
    ],
)
def test_what_may_pass_is_tried_again(
    web: Web, tmp_path: Path, faults: Sequence[Fault], ranges: list[str | None]
) -> None:
    url = web.add(PATH, CONTENT)
    web.faults[PATH] = list(faults)
    assert fetch(settings_in(tmp_path), url).read_bytes() == CONTENT
    assert [wanted for _, wanted in web.requests] == ranges


@pytest.mark.parametrize(
    ("faults", "requests", "message"),
    [
        (["503"] * 9, 4, "returned 503 Service Unavailable (4 attempts)"),
        (["404"], 1, "returned 404 Not Found"),
    ],
)
def test_what_does_not_pass_is_an_error(
    web: Web, tmp_path: Path, faults: Sequence[Fault], requests: int, message: str
) -> None:
    url = web.add(PATH, CONTENT)
    web.faults[PATH] = list(faults)
    with pytest.raises(SourceError) as error:
        fetch(settings_in(tmp_path), url)
    assert error.value.message == f"{url}: the server {message}"
    assert error.value.hint
    assert len(web.requests) == requests


def broken_off(settings: Settings, web: Web) -> str:
    """Leaves half a file behind."""
    url = web.add(PATH, CONTENT)
    web.faults[PATH] = ["half", "404"]
    with pytest.raises(SourceError):
        fetch(settings, url)
    web.requests.clear()
    return url


def test_the_next_run_goes_on_where_one_broke_off(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = broken_off(settings, web)
    assert fetch(settings, url).read_bytes() == CONTENT
    assert web.requests == [(PATH, "bytes=524288-")]
    assert left_over(settings) == ["validator"]


def test_a_file_that_changed_upstream_is_not_mixed_with_what_was_there(
    web: Web, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    url = broken_off(settings, web)
    web.add(PATH, b"other")
    with pytest.raises(SourceError) as error:
        fetch(settings, url)
    assert hashlib.sha256(b"other").hexdigest() in str(error.value)
    assert web.requests[0] == (PATH, "bytes=524288-")


def test_a_damaged_beginning_is_thrown_away(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = broken_off(settings, web)
    partial = settings.folders.sources / "work" / SHA256 / "partial"
    partial.write_bytes(bytes(partial.stat().st_size))
    assert fetch(settings, url).read_bytes() == CONTENT
    assert [wanted for _, wanted in web.requests] == ["bytes=524288-", None]


def test_a_whole_file_that_was_not_renamed_is_no_obstacle(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = broken_off(settings, web)
    (settings.folders.sources / "work" / SHA256 / "partial").write_bytes(CONTENT)
    assert fetch(settings, url).read_bytes() == CONTENT


def test_a_wrong_file_shows_both_digests_and_leaves_the_cache_alone(
    web: Web, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    good = fetch(settings, web.add(PATH, CONTENT))
    url = web.add(PATH, b"evil")
    wrong = "0" * 64
    with pytest.raises(SourceError) as error:
        fetch(settings, url, wrong)
    assert wrong in str(error.value)
    assert hashlib.sha256(b"evil").hexdigest() in str(error.value)
    assert good.read_bytes() == CONTENT
    assert fetch(settings, url) == good
    assert sorted(path.name for path in good.parents[1].iterdir()) == [SHA256]


def test_a_damaged_file_in_the_cache_is_fetched_again(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = web.add(PATH, CONTENT)
    path = fetch(settings, url)
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert fetch(settings, url).read_bytes() == CONTENT


def test_redirects_are_followed(web: Web, tmp_path: Path) -> None:
    web.add("/elsewhere", CONTENT)
    web.redirects[PATH] = "/elsewhere"
    assert fetch(settings_in(tmp_path), web.address + PATH).read_bytes() == CONTENT


def test_a_mirror_takes_the_place_of_the_longest_prefix(tmp_path: Path) -> None:
    (tmp_path / "a mirror").mkdir()
    (tmp_path / "a mirror" / NAME).write_bytes(CONTENT)
    rewrite = {
        "https://example.invalid/": "https://other.invalid/",
        "https://example.invalid/pub/": f"{(tmp_path / 'a mirror').as_uri()}/",
    }
    settings = replace(settings_in(tmp_path), rewrite=rewrite)
    assert fetch(settings, f"https://example.invalid/pub{PATH}").read_bytes() == CONTENT


def test_offline_says_what_is_missing(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), offline=True)
    with pytest.raises(SourceError, match=r"https://host\.invalid/x is not in the cache") as error:
        fetch(settings, "https://user:secret@host.invalid/x")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///nonexistent/x", "file:///nonexistent/x: No such file or directory"),
        ("gopher://host.invalid/x", "unsupported protocol"),
        ("http://127.0.0.1:1/x", "127.0.0.1 cannot be reached"),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        fetch(settings_in(tmp_path), url)


def test_a_host_that_cannot_be_reached_is_waited_for_once(tmp_path: Path) -> None:
    transport = Transport(settings_in(tmp_path), first_wait_seconds=0)
    messages = []
    for path in ("a", "b"):
        with pytest.raises(SourceError) as error:
            transport.read(f"http://127.0.0.1:1/{path}")
        messages.append(error.value.message)
    transport.close()
    assert "(4 attempts)" in messages[0]
    assert "attempts" not in messages[1]


@pytest.mark.skipif(not process.is_program("openssl"), reason="no program openssl")
def test_trust_is_the_systems_and_what_the_environment_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "server.pem"
    name = ["-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(certificate), "-out", str(tmp_path / "ca.pem")]
    process.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *name])
    with certificate.open("a") as both:
        both.write((tmp_path / "ca.pem").read_text())
    with serve(certificate) as web:
        url = web.add(PATH, CONTENT)
        with pytest.raises(SourceError, match=r"the certificate of 127\.0\.0\.1") as error:
            fetch(settings_in(tmp_path), url)
        assert "SSL_CERT_FILE" in str(error.value.hint)
        assert not web.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert fetch(settings_in(tmp_path), url).read_bytes() == CONTENT


def test_an_unpinned_file_is_kept_by_what_it_is(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    path = fetch(settings, web.add(PATH, CONTENT), None)
    assert path.parent.name == SHA256


def test_many_threads_fetch_a_file_once(web: Web, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = web.add(PATH, CONTENT)
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: fetch(settings, url), range(8)))
    assert len(paths) == 1
    assert len(web.requests) == 1


PROGRAM = """
import sys
from pathlib import Path
from xsbuild.settings import Folders, Settings
from xsbuild.sources.cache import Cache
from xsbuild.sources.download import download
from xsbuild.sources.transport import Transport
url, sha256, home = sys.argv[1:]
settings = Settings(Folders(Path(home) / "cache", Path(home), Path(home)))
cache = Cache(settings.folders.sources)
download(cache, Transport(settings), url, "x-1.tar.gz", sha256, lambda done, total: None)
"""


def test_two_processes_fetch_a_file_once(web: Web, tmp_path: Path) -> None:
    url = web.add(PATH, CONTENT)
    command = [sys.executable, "-c", PROGRAM, url, SHA256, str(tmp_path)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: process.run(command), range(2)))
    assert len(web.requests) == 1
    assert fetch(replace(settings_in(tmp_path), offline=True), url).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1])
def test_a_source_that_is_too_large_is_refused(web: Web, tmp_path: Path, size: int) -> None:
    settings = replace(settings_in(tmp_path), limits=Limits(download_size=size))
    with pytest.raises(SourceError, match=f"more than {size} bytes") as caught:
        fetch(settings, web.add(PATH, CONTENT))
    assert "`download-size`" in str(caught.value.hint)


def test_a_source_of_the_greatest_size_is_fetched(web: Web, tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), limits=Limits(download_size=len(CONTENT)))
    assert fetch(settings, web.add(PATH, CONTENT)).read_bytes() == CONTENT


def test_a_document_that_is_too_large_is_refused(web: Web, tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), limits=Limits(document_size=1000))
    transport = Transport(settings, first_wait_seconds=0)
    with closing(transport), pytest.raises(SourceError, match="more than 1000 bytes"):
        transport.read(web.add(PATH, CONTENT))


def test_a_transfer_that_is_too_slow_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transferlimit, "_SPEED_SECONDS", 0.0)
    limit = TransferLimit("download-size", size=1 << 40, speed=1 << 60)
    with pytest.raises(SourceError, match=r"only .* bytes per second") as caught:
        list(limit.checked([b"x", b"x", b"x"]))
    assert "`download-speed`" in str(caught.value.hint)


def test_a_server_that_always_breaks_off_is_given_up(web: Web, tmp_path: Path) -> None:
    url = web.add(PATH, CONTENT)
    web.faults[PATH] = ["half"] * 12
    settings = replace(settings_in(tmp_path), limits=Limits(download_speed=1 << 60))
    with pytest.raises(SourceError, match="4 attempts"):
        fetch(settings, url)
