# SPDX-License-Identifier: Apache-2.0
"""A small project with vendored libraries."""

import hashlib
from pathlib import Path

import pytest

from components import HEAD

LOCK = """\
opam: [opam]
names:
  conf-z: pkgconfig(z)
  cppo: bin(cppo)
  ocaml: bin(ocamlopt)
  nothing: null
worlds:
  old: ocamlfind(ppx) < 2
archives:
- name: horn
  version: '1.0'
  packages: [horn, horn-lwt]
  url: {url}
  sha256: '{pin}'
  license: ISC
  provides: [ocamlfind(horn), ocamlfind(horn-lwt)]
  requires: [ocamlfind(bell)]

- name: stub
  version: '1'
  license: ISC
  provides: [ocamlfind(stub)]
  overlay: stub
"""
OPAM = """\
opam-version: "2.0"
depends: [
  "ocaml" {>= "4.14"}
  "horn" {= version}
  "lwt" {>= "5.0" & < "6"}
  "cppo" {build}
  "conf-z"
  "nothing"
  "alcotest" {with-test}
]
"""
MANIFEST = (
    HEAD
    + """\
  crier:
    summary: Thing for tests
    description: For tests.
    homepage: https://x.invalid/
    license: MIT
    version: "1.0"
    sources: [{local: src}, {name: vendor, vendored: vendor/ocaml.yaml}]
    build: {system: dune}
    packages: {crier: {}}
    changelog: [{version: 1.0-1, date: 2026-11-20, changes: [First]}]
"""
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose archive has moved on in its opam repository."""
    root = tmp_path / "project"
    for folder in ("src", "vendor/stub"):
        (root / folder).mkdir(parents=True)
    (root / "components.yaml").write_text(MANIFEST)
    url = (root / "horn-1.0.tbz").as_uri()
    (root / "vendor/ocaml.yaml").write_text(LOCK.format(url=url, pin="0" * 64))
    (root / "horn-1.1.tbz").write_bytes(b"horn 1.1")
    for package, version, more in (
        ("horn", "1.1", _url(root / "horn-1.1.tbz")),
        ("horn-lwt", "1.1", _url(root / "horn-1.1.tbz")),
        ("horn", "1.0", f'url {{ src: "{url}" checksum: "md5=00" }}'),
    ):
        place = root / "opam/packages" / package / f"{package}.{version}"
        place.mkdir(parents=True)
        (place / "opam").write_text(OPAM + more)
    monkeypatch.chdir(root)
    for variable in ("XSBUILD_CACHE", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    return root


def _url(file: Path) -> str:
    digest = hashlib.sha512(file.read_bytes()).hexdigest()
    return f'url {{ src: "{file.as_uri()}" checksum: ["sha512={digest}"] }}'
