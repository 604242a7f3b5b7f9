# SPDX-License-Identifier: Apache-2.0
"""The lock file: read strictly, written the same way every time, renewed from opam."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from xsbuild.cli.main import cli
from xsbuild.errors import ProblemsError
from xsbuild.project import shipped
from xsbuild.vendored.read import load_libraries
from xsbuild.vendored.write import format_libraries

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
MANIFEST = """\
product:
  name: x-core
  title: X
  homepage: https://x.invalid/
  license: MIT
  maintainer: A <a@x.invalid>
  version: "1.0"
  date: 2026-11-22
components:
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


def run(*args: str) -> str:
    result = CliRunner().invoke(cli, ["vendor", *args], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_moves_an_archive_and_pins_it(project: Path) -> None:
    output = run("crier", "horn=1.1")
    assert "+  version: '1.1'" in output.splitlines()
    horn, stub = load_libraries(project / "vendor/ocaml.yaml").archives
    assert horn.version == "1.1"
    assert horn.sha256 == hashlib.sha256(b"horn 1.1").hexdigest()
    assert horn.checksums == ()
    assert [str(item) for item in horn.requires] == [
        "ocamlfind(lwt) >= 5.0, < 6",
        "pkgconfig(z)",
    ]
    assert [str(item) for item in horn.build_requires] == [
        "bin(ocamlopt) >= 4.14",
        "bin(cppo)",
    ]
    assert stub.overlay == "stub"
    assert "stub-1: no opam repository has it, so it is as it was" in output


def test_a_second_time_changes_nothing(project: Path) -> None:
    run("crier", "horn=1.1")
    before = (project / "vendor/ocaml.yaml").read_bytes()
    assert run("crier").splitlines() == ["stub-1: no opam repository has it, so it is as it was"]
    assert (project / "vendor/ocaml.yaml").read_bytes() == before


def test_keeps_a_pin_where_nothing_moved(project: Path) -> None:
    run("crier")
    assert load_libraries(project / "vendor/ocaml.yaml").archives[0].sha256 == "0" * 64


def test_refuses_a_file_that_is_not_what_opam_says(project: Path) -> None:
    (project / "horn-1.1.tbz").write_bytes(b"another")
    assert "horn-1.1 is not pinned: its sha512 is " in run("crier", "horn=1.1")
    assert load_libraries(project / "vendor/ocaml.yaml").archives[0].sha256 is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["crier", "horn=9"], "no opam repository has horn 9"),
        (["crier", "hron=1.1"], "no archive hron"),
        (["crier", "horn"], "expected NAME=VERSION, not 'horn'"),
        (["cryer"], "no component cryer"),
        (["crier", "--opam", "src"], "src is no opam repository"),
    ],
)
@pytest.mark.usefixtures("project")
def test_says_what_cannot_be_done(words: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["vendor", *words])
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("overlay: stub", "overlay: nowhere", "23: archives[1].overlay: no folder "),
        ("  overlay: stub\n", "", "19: archives[1].url: missing, and so is an overlay"),
        ("license: ISC\n  provides: [ocamlfind(s", "world: odl\n  license: ISC\n  provides: "
         "[ocamlfind(s", "21: archives[1].world: no such world (did you mean old?)"),
        ("ocamlfind(stub)", "ocamlfind(horn)",
         "19: archives[1]: another archive of its world, horn-1.0, provides the same"),
        ("overlay:", "overlai:", "23: archives[1].overlai: unknown key (did you mean overlay?)"),
    ],
)  # fmt: skip
def test_a_wrong_lock_file_is_refused_with_its_line(
    project: Path, old: str, new: str, problem: str
) -> None:
    file = project / "vendor/ocaml.yaml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    with pytest.raises(ProblemsError) as caught:
        load_libraries(file)
    assert problem in str(caught.value.problems[0])


@pytest.mark.parametrize("file", ["vendor/ocaml.yaml", "tests/vendored/project/vendor/ocaml.yaml"])
def test_a_lock_file_is_written_as_it_was_read(file: str) -> None:
    place = shipped(".") / file
    body = format_libraries(load_libraries(place))
    assert body.splitlines()[-3:] == place.read_text().splitlines()[-3:]
    assert body.partition("\narchives:")[2] == place.read_text().partition("\narchives:")[2]
