# SPDX-License-Identifier: Apache-2.0
import gzip
import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components import project_of
from own_settings import settings_in
from webserver import Web
from xsbuild.errors import InputError, SourceError
from xsbuild.host import process
from xsbuild.project import Project
from xsbuild.sources.fetch import fetch_all, fetch_sources
from xsbuild.sources.model import Fetched, FetchResult, Progress
from xsbuild.sources.pins import pinned_digests, unpinned

CONTENT = b"an archive"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = "1" * 64


def quietly(_progress: Progress) -> None:
    pass


def fetched(project: Project, name: str = "xa") -> tuple[Fetched, ...]:
    return fetch_sources(name, project.manifest.components[name], project, say=quietly)


def everything(project: Project) -> FetchResult:
    return fetch_all(project.manifest.components, project, say=quietly)


def test_sources_come_in_the_order_of_the_manifest(web: Web, tmp_path: Path) -> None:
    web.add("/v1.0.0/xa.tar.gz", CONTENT)
    web.add("/data.zip", b"data")
    data = hashlib.sha256(b"data").hexdigest()
    (tmp_path / "extra").mkdir()
    sources = (
        f"[{{url: '{web.address}/v{{version}}/{{name}}.tar.gz', sha256: {SHA256}}}, "
        f"{{name: data, url: '{web.address}/data.zip', sha256: '{data}'}}, "
        "{name: extra, local: extra}]"
    )
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    steps: list[Progress] = []
    found = fetch_sources("xa", project.manifest.components["xa"], project, say=steps.append)
    assert [(item.name, item.file_name) for item in found] == [
        (None, "xa.tar.gz"),
        ("data", "data.zip"),
        ("extra", "xa-1.0.0-extra.tar.gz"),
    ]
    assert [item.digest for item in found[:2]] == [SHA256, data]
    assert Progress("xa", len(CONTENT), len(CONTENT)) in steps
    assert Progress("xa/data", 4, 4) in steps
    tree = found[2].digest
    assert pinned_digests(project.manifest.components["xa"], tmp_path) == {
        ".": f"sha256:{SHA256}",
        "data": f"sha256:{data}",
        "extra": f"tree:{tree}",
    }


def test_what_components_share_is_fetched_once(web: Web, tmp_path: Path) -> None:
    url = web.add("/x.tar.gz", CONTENT)
    source = f"[{{url: '{url}', sha256: {SHA256}}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": source, "xb": source})
    result = everything(project)
    assert list(result.fetched) == ["xa", "xb"]
    assert len(web.requests) == 1


def test_all_failures_are_told_with_who_needs_what(web: Web, tmp_path: Path) -> None:
    good, wrong = web.add("/good.tar.gz", CONTENT), web.add("/wrong.tar.gz", b"other")
    sources = {
        "xa": f"[{{url: '{good}', sha256: {SHA256}}}]",
        "xb": f"[{{url: '{web.address}/gone.tar.gz', sha256: '{OTHER}'}}]",
        "xc": f"[{{url: '{good}', sha256: {SHA256}}}, "
        f"{{name: gone, url: '{web.address}/gone.tar.gz', sha256: '{OTHER}'}}]",
        "xd": f"[{{url: '{wrong}', sha256: '{'2' * 64}'}}]",
        "xe": f"[{{url: '{wrong}'}}]",
        "xf": "[{git: 'file:///nonexistent/x.git', commit: '" + "0" * 40 + "'}]",
    }
    result = everything(project_of(tmp_path, settings_in(tmp_path), sources))
    assert list(result.fetched) == ["xa"]
    told = {(item.source, item.needed_by): item.reason for item in result.failures}
    gone = f"{web.address}/gone.tar.gz"
    assert told.pop((gone, ("xb", "xc"))) == f"{gone}: the server returned 404 Not Found"
    assert "does not match its pin" in told.pop((wrong, ("xd",)))
    assert "not pinned" in told.pop((wrong, ("xe",)))
    assert "/nonexistent/x.git" in told.pop((f"file:///nonexistent/x.git {'0' * 40}", ("xf",)))
    assert not told
    with pytest.raises(SourceError, match=r"^4 sources cannot be fetched\n") as error:
        result.raise_if_incomplete()
    assert "(needed by xb, xc)" in str(error.value)


def test_offline_lists_all_that_is_missing(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), offline=True)
    sources = (
        f"[{{url: 'https://x.invalid/x', sha256: '{OTHER}'}}, "
        f"{{name: b, pypi: Thing, sha256: '{OTHER}'}}, "
        f"{{name: c, debian-pool: pool/x/y, sha256: '{OTHER}'}}, "
        f"{{name: d, git: 'https://x.invalid/x.git', commit: '{'0' * 40}'}}]"
    )
    with pytest.raises(SourceError) as error:
        fetched(project_of(tmp_path, settings, {"xa": sources}))
    for what in (
        "https://x.invalid/x",
        "the sdist of Thing",
        "pool/x/y",
        "https://x.invalid/x.git",
    ):
        assert f"{what} is not in the cache" in str(error.value)


def test_a_source_that_is_not_pinned_is_refused(tmp_path: Path) -> None:
    sources = "[{git: 'https://x.invalid/x.git', tag: 'v{version}'}, {name: b, pypi: Thing}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    component = project.manifest.components["xa"]
    addresses = [kind.address for kind in unpinned("xa", component)]
    assert addresses == ["https://x.invalid/x.git v1.0.0", "the sdist of Thing"]
    with pytest.raises(SourceError, match=r"x\.git v\{version\}: not pinned") as error:
        pinned_digests(component, tmp_path)
    assert "xsbuild bump" in str(error.value.hint)
    with pytest.raises(SourceError, match="2 sources"):
        fetched(project)


def test_an_address_that_is_no_file(tmp_path: Path) -> None:
    sources = f"[{{url: 'https://x.invalid/', sha256: '{OTHER}'}}]"
    with pytest.raises(SourceError, match="does not end in a file name"):
        fetched(project_of(tmp_path, settings_in(tmp_path), {"xa": sources}))


def test_an_unknown_name_in_braces(tmp_path: Path) -> None:
    sources = f"[{{url: 'https://x.invalid/{{verson}}.tar', sha256: '{OTHER}'}}]"
    with pytest.raises(InputError, match=r"unknown place \{verson\}"):
        fetched(project_of(tmp_path, settings_in(tmp_path), {"xa": sources}))


def pool_project(tmp_path: Path, archives: dict[str, tuple[str, ...]]) -> Project:
    settings = replace(settings_in(tmp_path), archives=archives)
    sources = f"[{{debian-pool: 'pool/main/x/x_{{version}}.tar.gz', sha256: {SHA256}}}]"
    return project_of(tmp_path, settings, {"xa": sources})


def test_a_file_of_the_pool(web: Web, tmp_path: Path) -> None:
    web.add("/debian/pool/main/x/x_1.0.0.tar.gz", CONTENT)
    (found,) = fetched(pool_project(tmp_path, {"debian": (f"{web.address}/debian/",)}))
    assert found.file_name == "x_1.0.0.tar.gz"


def test_a_file_of_the_pool_comes_from_the_mirror_that_has_it(web: Web, tmp_path: Path) -> None:
    web.add("/half/pool/main/x/x_1.0.0.tar.gz", CONTENT[:4])
    web.add("/whole/pool/main/x/x_1.0.0.tar.gz", CONTENT)
    mirrors = tuple(f"{web.address}/{name}" for name in ("none", "half", "whole"))
    (found,) = fetched(pool_project(tmp_path, {"debian": mirrors}))
    assert found.path.read_bytes() == CONTENT
    # where none has it the first is named
    (tmp_path / "other").mkdir()
    with pytest.raises(SourceError, match="/none/pool"):
        fetched(pool_project(tmp_path / "other", {"debian": mirrors[:1]}))


def test_no_mirror_of_the_pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xsbuild.distros.mirrors._indextargets", lambda: "")
    with pytest.raises(SourceError, match="no mirror of Debian's archive is known") as error:
        fetched(pool_project(tmp_path, {}))
    assert "config.yaml" in str(error.value.hint)
    assert "archives: {debian:" in str(error.value.hint)


def local_project(tmp_path: Path) -> Project:
    folder = tmp_path / "extra"
    (folder / "sub" / "empty").mkdir(parents=True)
    (folder / "sub" / "ü").write_text("content")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o700)
    (folder / "link").symlink_to("sub/ü")
    return project_of(tmp_path, settings_in(tmp_path), {"xa": "[{local: extra}]"})


def test_a_local_folder_is_packed_the_same_every_time(tmp_path: Path) -> None:
    project = local_project(tmp_path)
    (before,) = fetched(project)
    content = before.path.read_bytes()
    with tarfile.open(before.path) as tar:
        assert {item.name: (item.mode, item.linkname) for item in tar} == {
            "xa-1.0.0": (0o755, ""),
            "xa-1.0.0/link": (0o777, "sub/ü"),
            "xa-1.0.0/run": (0o755, ""),
            "xa-1.0.0/sub": (0o755, ""),
            "xa-1.0.0/sub/empty": (0o755, ""),
            "xa-1.0.0/sub/ü": (0o644, ""),
        }
        # The date of the newest changelog entry.
        assert {(item.uid, item.gid, item.uname, item.mtime) for item in tar} == {
            (0, 0, "", 1763596800 + 365 * 86400)
        }
    folder = tmp_path / "extra"
    (folder / "run").chmod(0o755)
    (folder / "sub" / "ü").touch()
    (folder / "sub" / "ü").chmod(0o600)
    (folder / "__pycache__").mkdir()
    (after,) = fetched(project)
    assert after == before
    assert after.path.read_bytes() == content


@pytest.mark.parametrize("change", ["content", "mode", "name", "link"])
def test_any_change_of_a_local_folder_changes_its_digest(tmp_path: Path, change: str) -> None:
    project = local_project(tmp_path)
    (before,) = fetched(project)
    folder = tmp_path / "extra"
    match change:
        case "content":
            (folder / "run").write_text("other")
        case "mode":
            (folder / "run").chmod(0o644)
        case "name":
            (folder / "run").rename(folder / "walk")
        case "link":
            (folder / "link").unlink()
            (folder / "link").symlink_to("run")
    (after,) = fetched(project)
    assert after.digest != before.digest


@pytest.mark.parametrize("target", ["/etc/passwd", "../components.yaml", "sub/../../x"])
def test_a_local_link_that_leaves_its_folder(tmp_path: Path, target: str) -> None:
    project = local_project(tmp_path)
    (tmp_path / "extra" / "out").symlink_to(target)
    with pytest.raises(SourceError, match=r"out is a link to .*, outside the source tree"):
        fetched(project)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a GnuPG home, an armored and a binary public key, and another key."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("good", "bad"):
        home = folder / name
        home.mkdir(mode=0o700)
        gpg: list[str | Path] = ["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", ""]
        process.run([*gpg, "--quick-generate-key", f"{name}@x.invalid", "ed25519", "sign", "never"])
        process.run([*gpg, "--armor", "--output", folder / f"{name}.asc", "--export"])
        process.run([*gpg, "--output", folder / f"{name}.gpg", "--export"])
    yield folder
    for name in ("good", "bad"):
        process.run(["gpgconf", "--homedir", folder / name, "--kill", "gpg-agent"])


def sign(keys: Path, file: Path, to: Path) -> bytes:
    gpg: list[str | Path] = ["gpg", "--homedir", keys / "good", "--batch", "--quiet", "--yes"]
    process.run([*gpg, "--output", to, "--detach-sign", file])
    return to.read_bytes()


def signed_project(web: Web, keys: Path, folder: Path, key: str, name: str) -> Project:
    """A project with a signed source of one of kernel.org's two ways of naming signatures."""
    content = gzip.compress(b"a tar", mtime=0)
    plain = folder / "plain"
    plain.write_bytes(content if name.endswith(".gz") else b"a tar")
    web.add("/x.tar.gz", content)
    web.add(f"/{name}.sign", sign(keys, plain, folder / "signature"))
    (folder / "key").write_bytes((keys / key).read_bytes())
    sources = (
        f"[{{url: '{web.address}/x.tar.gz', sha256: {hashlib.sha256(content).hexdigest()}, "
        f"signature: '{web.address}/{name}.sign', key: key}}]"
    )
    return project_of(folder, settings_in(folder), {"xa": sources})


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tar"])
@pytest.mark.parametrize("key", ["good.asc", "good.gpg"])
def test_a_good_signature(web: Web, keys: Path, tmp_path: Path, name: str, key: str) -> None:
    project = signed_project(web, keys, tmp_path, key, name)
    (found,) = fetched(project)
    assert found.file_name == "x.tar.gz"
    offline = Project(project.file, replace(project.settings, offline=True))
    assert fetched(offline) == (found,)


def test_the_signature_of_another_key(web: Web, keys: Path, tmp_path: Path) -> None:
    project = signed_project(web, keys, tmp_path, "bad.asc", "x.tar.gz")
    with pytest.raises(SourceError, match=r"x\.tar\.gz is not signed by a key in "):
        fetched(project)


def test_the_signature_of_another_file(web: Web, keys: Path, tmp_path: Path) -> None:
    project = signed_project(web, keys, tmp_path, "good.asc", "x.tar.gz")
    (tmp_path / "other").write_text("other")
    web.add("/x.tar.gz.sign", sign(keys, tmp_path / "other", tmp_path / "signature"))
    with pytest.raises(SourceError, match=r"x\.tar\.gz is not signed by a key in "):
        fetched(project)


def test_a_file_that_cannot_be_written(web: Web, tmp_path: Path) -> None:
    url = web.add("/x.tar.gz", CONTENT)
    project = project_of(
        tmp_path, settings_in(tmp_path), {"xa": f"[{{url: '{url}', sha256: {SHA256}}}]"}
    )
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(SourceError, match=r"x\.tar\.gz: "):
        fetched(project)


def test_a_sha512_pins_a_file_in_place_of_a_sha256(web: Web, tmp_path: Path) -> None:
    web.add("/x.tar.gz", CONTENT)
    pin = hashlib.sha512(CONTENT).hexdigest()
    sources = f"[{{url: '{web.address}/x.tar.gz', sha512: {pin}}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    (source,) = fetched(project)
    assert source.path.read_bytes() == CONTENT
    assert pinned_digests(project.manifest.components["xa"], tmp_path) == {".": f"sha512:{pin}"}
    web.add("/x.tar.gz", b"something else")
    assert fetched(project) == (source,)  # from the cache


def test_a_file_of_another_sha512_is_refused(web: Web, tmp_path: Path) -> None:
    web.add("/x.tar.gz", CONTENT)
    received = hashlib.sha512(CONTENT).hexdigest()
    sources = f"[{{url: '{web.address}/x.tar.gz', sha512: '{'1' * 128}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    with pytest.raises(SourceError, match=f"received sha512 {received}"):
        fetched(project)


def test_a_source_has_one_checksum(tmp_path: Path) -> None:
    sources = f"[{{url: 'https://x.invalid/x.tar.gz', sha256: {SHA256}, sha512: '{'1' * 128}'}}]"
    project = project_of(tmp_path, settings_in(tmp_path), {"xa": sources})
    with pytest.raises(InputError, match="either sha256 or sha512"):
        _ = project.manifest
