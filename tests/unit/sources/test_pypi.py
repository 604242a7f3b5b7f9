# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from components import project_of
from own_settings import settings_in
from webserver import Web
from xsbuild.errors import SourceError
from xsbuild.project import Project
from xsbuild.settings import Settings
from xsbuild.sources.fetch import fetch_sources
from xsbuild.sources.model import Fetched
from xsbuild.sources.pypi import index_address

CONTENT = b"an sdist"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
REAL = "d5e5e6a3cc7e9ea9b04ebbaa9f5965fa48ce4c256f0d4bdb2e207f82aaf5cc5f"


def fetched(
    folder: Path, settings: Settings, sha256: str = SHA256, name: str = "The.Thing"
) -> Fetched:
    sources = {"xa": f"[{{pypi: {name}, sha256: '{sha256}'}}]"}
    project: Project = project_of(folder, settings, sources)
    component = project.manifest.components["xa"]
    (found,) = fetch_sources("xa", component, project, say=lambda _progress: None)
    return found


def add_page(web: Web, *, yanked: str | bool = False, as_json: bool = True) -> None:
    web.add("/files/the_thing-1.0.tar.gz", CONTENT)
    href = "../../files/the_thing-1.0.tar.gz"
    file = {
        "filename": "the_thing-1.0.tar.gz",
        "url": href,
        "hashes": {"sha256": SHA256},
        "yanked": yanked,
    }
    wheel = {**file, "filename": "the_thing-1.0-py3-none-any.whl"}
    page = {"meta": {"api-version": "1.0"}, "name": "the-thing", "files": [wheel, file]}
    html = f'<html><body><a href="{href}#sha256={SHA256}">the_thing-1.0.tar.gz</a></body></html>'
    web.add("/simple/the-thing/", json.dumps(page).encode() if as_json else html.encode())


@pytest.fixture
def index(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A server that pip is set up to use."""
    monkeypatch.setenv("PIP_INDEX_URL", f"{web.address}/simple")
    return web


@pytest.mark.parametrize("as_json", [True, False])
def test_the_sdist_is_found_by_its_pin(index: Web, tmp_path: Path, as_json: bool) -> None:
    add_page(index, as_json=as_json)
    settings = settings_in(tmp_path)
    found = fetched(tmp_path, settings)
    assert found.file_name == "the_thing-1.0.tar.gz"
    assert found.path.read_bytes() == CONTENT
    index.files.clear()
    assert fetched(tmp_path, replace(settings, offline=True)) == found


def test_a_mirror_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "mirror" / "simple" / "the-thing"
    page.mkdir(parents=True)
    (tmp_path / "mirror" / "the_thing-1.0.tar.gz").write_bytes(CONTENT)
    (page / "index.html").write_text(
        f'<a href="../../the_thing-1.0.tar.gz#sha256={SHA256}">the_thing-1.0.tar.gz</a>'
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple/")
    rewrite = {"https://index.invalid/": f"{(tmp_path / 'mirror').as_uri()}/"}
    assert fetched(tmp_path, replace(settings_in(tmp_path), rewrite=rewrite)).digest == SHA256


@pytest.mark.parametrize(
    ("yanked", "message"),
    [
        ("broken", "the_thing-1.0.tar.gz of The.Thing was yanked by upstream: broken"),
        (True, "was yanked"),
    ],
)
def test_a_withdrawn_sdist(index: Web, tmp_path: Path, yanked: str | bool, message: str) -> None:
    add_page(index, yanked=yanked)
    with pytest.raises(SourceError, match=message):
        fetched(tmp_path, settings_in(tmp_path))


def test_an_sdist_that_is_not_there(index: Web, tmp_path: Path) -> None:
    add_page(index)
    with pytest.raises(SourceError, match=r"no source distribution of The\.Thing with") as error:
        fetched(tmp_path, settings_in(tmp_path), "0" * 64)
    assert error.value.hint == "newest versions: 1.0"


@pytest.mark.usefixtures("index")
def test_no_such_project(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"/simple/nothing/: the server returned 404"):
        fetched(tmp_path, settings_in(tmp_path), name="nothing")


def test_an_index_that_answers_nonsense(index: Web, tmp_path: Path) -> None:
    index.add("/simple/the-thing/", b"{")
    with pytest.raises(SourceError, match="invalid response"):
        fetched(tmp_path, settings_in(tmp_path))


def test_the_index_of_pips_own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = https://index.invalid/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    assert index_address() == "https://index.invalid/simple"
    config.write_text("[global]\ntimeout = 60\n")
    assert urlsplit(index_address()).path == "/simple/"


def test_the_real_thing(tmp_path: Path) -> None:
    try:
        httpx.head(index_address(), timeout=5)
    except httpx.TransportError as error:
        pytest.skip(f"PyPI cannot be reached: {error}")
    found = fetched(tmp_path, settings_in(tmp_path), REAL, "XenAPI")
    assert found.file_name == "xenapi-26.21.1.tar.gz"
    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == REAL
