# SPDX-License-Identifier: Apache-2.0
"""Archives that are taken from an opam cache, which is one pinned archive."""

import hashlib
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from vendored.test_bundle import component, pack, settled
from xsbuild.errors import SourceError
from xsbuild.host.files import sha256_of
from xsbuild.project import Project
from xsbuild.sources.fetch import fetch_sources
from xsbuild.sources.pins import pinned_digests, unpinned

NEEDS = "ocamlfind(horn), ocamlfind(bell)"


def digest(content: bytes, kind: str) -> str:
    return hashlib.new(kind, content, usedforsecurity=False).hexdigest()


def pack_cache(file: Path, files: dict[str, bytes], links: dict[str, str]) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"repo-1/{name}")
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
        for name, target in links.items():
            info = tarfile.TarInfo(f"repo-1/{name}")
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)


def place(kind: str, value: str) -> str:
    return f"cache/{kind}/{value[:2]}/{value}"


@pytest.fixture
def horn(project: Path) -> bytes:
    """The archive of horn, which is in no other place than the opam cache."""
    file = project / "horn.tbz"
    pack(file, {"horn.ml": "let toot = ()\n"})
    content = file.read_bytes()
    file.unlink()
    return content


def use_cache(
    project: Path,
    cache: Path,
    files: dict[str, bytes],
    checksum: str,
    links: dict[str, str] | None = None,
) -> Project:
    """Write an opam cache, from which the lock file takes horn."""
    pack_cache(project / "repo.tar.gz", files, links or {})
    lock = project / "vendor/ocaml.yaml"
    text = lock.read_text()
    start = text.index("  url:")
    end = text.index("  license:")
    lock.write_text(
        f"{text[:start]}  opam-cache: repo\n  checksums: ['{checksum}']\n{text[end:]}"
        f"opam-caches:\n  repo:\n    url: {(project / 'repo.tar.gz').as_uri()}\n"
        f"    sha256: '{sha256_of(project / 'repo.tar.gz')}'\n"
    )
    return settled(project, cache)


def read_bundle(bundle: Path) -> list[str]:
    with tarfile.open(bundle) as tar:
        return [name for name in tar.getnames() if "/horn-1.0/" in name]


@pytest.mark.parametrize("kind", ["md5", "sha256", "sha512"])
@pytest.mark.parametrize("linked", [False, True])
def test_takes_a_file_by_its_checksum(
    project: Path, tmp_path: Path, horn: bytes, kind: str, linked: bool
) -> None:
    value, other = digest(horn, kind), digest(horn, "sha384")
    files, links = {place(kind, value): horn}, dict[str, str]()
    if linked:  # opam links the other checksums of a file to the first
        files = {place("sha384", other): horn}
        links = {place(kind, value): f"../../sha384/{other[:2]}/{other}"}
    made = use_cache(project, tmp_path / "cache", files, f"{kind}={value}", links)
    facts = component(made, NEEDS, "ocamlfind(bell)")
    assert not unpinned("crier", facts)
    bundle = fetch_sources("crier", facts, made, say=lambda _: None)[1]
    assert read_bundle(bundle.path) == ["crier-1.0-vendor/horn-1.0/horn.ml"]


def test_what_is_in_the_cache_of_sources_is_not_fetched_again(
    project: Path, tmp_path: Path, horn: bytes
) -> None:
    value = digest(horn, "md5")
    made = use_cache(project, tmp_path / "cache", {place("md5", value): horn}, f"md5={value}")
    facts = component(made, NEEDS, "ocamlfind(bell)")
    fetch_sources("crier", facts, made, say=lambda _: None)
    (project / "repo.tar.gz").unlink()
    sources = tmp_path / "cache/sources"
    for file in (*sources.glob("sha256/*/repo.tar.gz"), *sources.glob("bundles/*")):
        file.unlink()
    bundle = fetch_sources("crier", facts, made, say=lambda _: None)[1]
    assert read_bundle(bundle.path)


@pytest.mark.parametrize(
    ("content", "named", "message"),
    [
        (b"another", "md5", "repo.tar.gz has another file under md5="),
        (None, "sha1", "repo.tar.gz has no horn-1.0"),
        (None, "md5-", "repo.tar.gz has no horn-1.0"),
    ],
)
def test_refuses_what_is_not_the_file(
    project: Path, tmp_path: Path, horn: bytes, content: bytes | None, named: str, message: str
) -> None:
    value = digest(horn, "md5")
    files = {place(named, value): content or horn}
    made = use_cache(project, tmp_path / "cache", files, f"md5={value}")
    facts = component(made, NEEDS, "ocamlfind(bell)")
    with pytest.raises(SourceError, match=message):
        fetch_sources("crier", facts, made, say=lambda _: None)


def test_a_damaged_cache_is_an_error(project: Path, tmp_path: Path, horn: bytes) -> None:
    value = digest(horn, "md5")
    made = use_cache(project, tmp_path / "cache", {"x": b"x" * 100_000}, f"md5={value}")
    packed = project / "repo.tar.gz"
    before = sha256_of(packed)
    packed.write_bytes(packed.read_bytes()[:60])
    lock = project / "vendor/ocaml.yaml"
    lock.write_text(lock.read_text().replace(before, sha256_of(packed)))
    facts = component(made, NEEDS, "ocamlfind(bell)")
    with pytest.raises(SourceError, match=r"repo.tar.gz cannot be read"):
        fetch_sources("crier", facts, made, say=lambda _: None)


def test_the_pin_of_the_cache_is_in_the_key(project: Path, tmp_path: Path, horn: bytes) -> None:
    value = digest(horn, "md5")
    made = use_cache(project, tmp_path / "cache", {place("md5", value): horn}, f"md5={value}")
    facts = component(made, NEEDS, "ocamlfind(bell)")
    pin = pinned_digests(facts, project)["vendor/horn-1.0"]
    assert pin == f"sha256:{sha256_of(project / 'repo.tar.gz')} md5={value}"
