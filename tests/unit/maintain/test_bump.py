# SPDX-License-Identifier: Apache-2.0
import datetime
import hashlib
import json
from pathlib import Path

import pytest

from components import project_of
from own_settings import settings_in
from webserver import Web
from xsbuild.errors import InputError, SourceError, XsbuildError
from xsbuild.host import process
from xsbuild.maintain.bump import bump, today
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Component, GitSource, PypiSource, UrlSource
from xsbuild.project import Project

CONTENT = b"version two"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OLD = "0" * 64


@pytest.fixture(autouse=True)
def date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795392000")


def bumped(project: Project, version: str = "2.0") -> tuple[str, Component]:
    difference = bump(project, "xa", version, say=lambda _progress: None)
    return difference, load_manifest(project.file).components["xa"]


def unchanged(project: Project, version: str, error: type[XsbuildError], message: str) -> None:
    before = project.file.read_bytes()
    with pytest.raises(error, match=message):
        bumped(project, version)
    assert project.file.read_bytes() == before
    assert {path.name for path in project.root.iterdir()} <= {"components.yaml", "cache"}


def url_project(web: Web, tmp_path: Path) -> Project:
    web.add("/x-2.0.tar.gz", CONTENT)
    sources = f"[{{url: '{web.address}/x-{{version}}.tar.gz', sha256: '{OLD}'}}]"
    return project_of(tmp_path, settings_in(tmp_path), {"xa": sources, "xb": sources})


def test_a_new_version_changes_exactly_these_lines(web: Web, tmp_path: Path) -> None:
    project = url_project(web, tmp_path)
    text = project.file.read_text()
    text = text.replace("    version: 1.0.0\n", "    version: 1.0.0  # why\n    release: 3\n", 1)
    text = text.replace("{version: 1.0.0-1", "{version: 1.0.0-3", 1)
    project.file.write_text(text)
    difference, component = bumped(project)
    changed = [line for line in difference.splitlines() if line[:1] in "+-" and line[1:2] == " "]
    assert changed == [
        "-    version: 1.0.0  # why",
        "-    release: 3",
        f"-    sources: [{{url: '{web.address}/x-{{version}}.tar.gz', sha256: '{OLD}'}}]",
        "+    version: '2.0'  # why",
        "+    release: 1",
        f"+    sources: [{{url: '{web.address}/x-{{version}}.tar.gz', sha256: '{SHA256}'}}]",
        "+      - version: 2.0-1",
        "+        date: 2026-11-23",
        "+        changes: [New upstream version 2.0]",
    ]
    assert (component.version, component.release) == ("2.0", 1)
    assert component.changelog[0].date == datetime.date(2026, 11, 23)
    assert component.changelog[1].version == "1.0.0-3"
    assert load_manifest(project.file).components["xb"].version == "1.0.0"


def test_the_epoch_stays(web: Web, tmp_path: Path) -> None:
    project = url_project(web, tmp_path)
    text = project.file.read_text()
    text = text.replace("    version: 1.0.0\n", "    version: 1.0.0\n    epoch: 3\n", 1)
    project.file.write_text(text.replace("{version: 1.0.0-1", '{version: "3:1.0.0-1"', 1))
    _, component = bumped(project)
    assert [entry.version for entry in component.changelog] == ["3:2.0-1", "3:1.0.0-1"]


def test_the_same_version_only_pins(web: Web, tmp_path: Path) -> None:
    web.add("/fixed.tar.gz", CONTENT)
    sources = f"[{{url: '{web.address}/fixed.tar.gz'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    difference, component = bumped(project, "1.0.0")
    (source,) = component.sources
    assert isinstance(source, UrlSource)
    assert source.sha256 == SHA256
    assert len(component.changelog) == 1
    assert difference.count("\n+ ") == 1
    assert bumped(Project(project.file, project.settings), "1.0.0")[0] == ""


def test_a_tag_is_pinned_to_its_commit(tmp_path: Path) -> None:
    upstream = tmp_path / "cache" / "upstream"
    git = ["git", "-C", str(upstream), "-c", "user.name=A", "-c", "user.email=a@x.invalid"]
    process.run(["git", "init", "-q", upstream])
    process.run([*git, "commit", "-q", "--allow-empty", "-m", "two"])
    process.run([*git, "tag", "-a", "-m", "two", "v2.0"])
    commit = process.run([*git, "rev-parse", "HEAD"]).output.strip()
    sources = f"[{{git: '{upstream.as_uri()}', tag: 'v{{version}}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    (source,) = bumped(project)[1].sources
    assert isinstance(source, GitSource)
    assert source.commit == commit
    again = Project(project.file, project.settings)
    unchanged(again, "3.0", SourceError, r"has no tag v3\.0")


def test_a_release_on_pypi(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{web.address}/simple")
    web.add("/x-2.0.tar.gz", CONTENT)
    file = {"filename": "x-2.0.tar.gz", "url": "/x-2.0.tar.gz", "hashes": {"sha256": SHA256}}
    page = {"meta": {"api-version": "1.0"}, "name": "x", "files": [file]}
    web.add("/simple/x/", json.dumps(page).encode())
    sources = f"[{{pypi: x, sha256: '{OLD}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    (source,) = bumped(project)[1].sources
    assert isinstance(source, PypiSource)
    assert source.sha256 == SHA256
    again = Project(project.file, project.settings)
    unchanged(again, "3.0", SourceError, r"no source distribution of x with version 3\.0")


def test_sources_that_do_not_follow_the_version_are_left_alone(web: Web, tmp_path: Path) -> None:
    web.add("/x-2.0.tar.gz", CONTENT)
    sources = (
        f"[{{url: '{web.address}/x-{{version}}.tar.gz', sha256: '{OLD}'}}, "
        f"{{name: data, url: '{web.address}/data-7.tar.gz', sha256: '{OLD}'}}]"
    )
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    source = bumped(project)[1].sources[1]
    assert isinstance(source, UrlSource)
    assert source.sha256 == OLD


@pytest.mark.parametrize(
    ("version", "error", "message"),
    [
        ("3.0", SourceError, "returned 404"),
        ("1.0/../x", InputError, r"components\.xa\.version"),
        ("", InputError, r"components\.xa\.version"),
    ],
)
def test_nothing_is_written_when_something_fails(
    web: Web, tmp_path: Path, version: str, error: type[XsbuildError], message: str
) -> None:
    unchanged(url_project(web, tmp_path), version, error, message)


def test_an_address_without_a_version(tmp_path: Path) -> None:
    sources = f"[{{url: 'https://x.invalid/x-1.tar.gz', sha256: '{OLD}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    unchanged(project, "2.0", InputError, "does not depend on the version")


def test_an_unknown_component(web: Web, tmp_path: Path) -> None:
    project = url_project(web, tmp_path)
    with pytest.raises(InputError) as error:
        bump(project, "xaa", "2.0", say=lambda _progress: None)
    assert error.value.hint == "did you mean `xa`?"


@pytest.mark.parametrize("epoch", ["yesterday", "-1", ""])
def test_an_epoch_that_is_no_number(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
        today()


def test_a_source_pinned_by_sha512_stays_so(web: Web, tmp_path: Path) -> None:
    web.add("/x-2.0.tar.gz", CONTENT)
    sources = f"[{{url: '{web.address}/x-{{version}}.tar.gz', sha512: '{'0' * 128}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    (source,) = bumped(project)[1].sources
    assert isinstance(source, UrlSource)
    assert source.sha256 is None
    assert source.sha512 == hashlib.sha512(CONTENT).hexdigest()
