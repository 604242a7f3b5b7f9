# SPDX-License-Identifier: Apache-2.0
"""The lock file: read strictly, written the same way every time, renewed from opam."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from xsbuild.cli.main import cli
from xsbuild.errors import ProblemsError
from xsbuild.maintain.vendor import format_libraries
from xsbuild.manifest.libraries import load_libraries
from xsbuild.shipped import shipped


def run(*args: str) -> str:
    result = CliRunner().invoke(cli, ["vendor", *args], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


CACHES = f"opam-caches: {{repo: {{url: 'https://x.invalid/r.tar.gz', sha256: '{'0' * 64}'}}}}\n"
MD5 = hashlib.md5(b"horn 1.1", usedforsecurity=False).hexdigest()
SHA512 = hashlib.sha512(b"horn 1.1").hexdigest()


def state_md5_only(project: Path) -> None:
    for opam in project.glob("opam/packages/*/*/opam"):
        opam.write_text(opam.read_text().replace(f"sha512={SHA512}", f"md5={MD5}"))


def test_takes_the_sha512_of_opam_for_a_pin(project: Path) -> None:
    (project / "horn-1.1.tbz").unlink()  # nothing needs to be fetched
    run("crier", "horn=1.1")
    horn, _ = load_libraries(project / "vendor/ocaml.yaml", project).archives
    assert (horn.sha256, horn.sha512, horn.checksums) == (None, SHA512, ())
    assert horn.pinned


def test_moves_an_archive_and_pins_it(project: Path) -> None:
    state_md5_only(project)
    output = run("crier", "horn=1.1")
    assert "+  version: '1.1'" in output.splitlines()
    horn, stub = load_libraries(project / "vendor/ocaml.yaml", project).archives
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
    assert load_libraries(project / "vendor/ocaml.yaml", project).archives[0].sha256 == "0" * 64


def test_refuses_a_file_that_is_not_what_opam_says(project: Path) -> None:
    state_md5_only(project)
    (project / "horn-1.1.tbz").write_bytes(b"another")
    assert "horn-1.1 is not pinned: its md5 is " in run("crier", "horn=1.1")
    assert load_libraries(project / "vendor/ocaml.yaml", project).archives[0].sha256 is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["crier", "horn=9"], "no opam repository has horn 9"),
        (["crier", "hron=1.1"], "unknown archive 'hron'"),
        (["crier", "horn"], "expected NAME=VERSION, not 'horn'"),
        (["cryer"], "unknown component 'cryer'"),
        (["crier", "--opam", "src"], "src is not an opam repository"),
    ],
)
@pytest.mark.usefixtures("project")
def test_says_what_cannot_be_done(words: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["vendor", *words])
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("overlay: stub", "overlay: nowhere", "23: archives[1].overlay: folder "),
        ("  overlay: stub\n", "",
         "19: archives[1].url: missing; required unless there is `overlay`"),
        ("license: ISC\n  provides: [ocamlfind(s", "world: odl\n  license: ISC\n  provides: "
         "[ocamlfind(s", "21: archives[1].world: unknown world (did you mean `old`?)"),
        ("ocamlfind(stub)", "ocamlfind(horn)",
         "19: archives[1]: horn-1.0 of the same world has the same name or libraries"),
        ("  overlay: stub\n", "  opam-cache: none\n",
         "23: archives[1].opam-cache: expected one of `opam-caches`: none"),
        ("  overlay: stub\n", "  opam-cache: repo\n",
         "23: archives[1].opam-cache: requires `checksums`, by which opam finds the file"),
        ("overlay:", "overlai:",
         "23: archives[1].overlai: unknown key (did you mean `overlay`?)"),
    ],
)  # fmt: skip
def test_a_wrong_lock_file_is_refused_with_its_line(
    project: Path, old: str, new: str, problem: str
) -> None:
    file = project / "vendor/ocaml.yaml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    if "opam-cache: repo" in new:
        file.write_text(file.read_text() + CACHES)
    with pytest.raises(ProblemsError) as caught:
        load_libraries(file, project)
    first = caught.value.problems[0]
    assert problem in f"{first.line}: {first.text} ({first.hint})"


@pytest.mark.parametrize(
    "file", ["vendor/ocaml.yaml", "tests/support/vendored/project/vendor/ocaml.yaml"]
)
def test_a_lock_file_is_written_as_it_was_read(file: str) -> None:
    place = shipped(".") / file
    body = format_libraries(load_libraries(place, shipped(".")))
    assert body.splitlines()[-3:] == place.read_text().splitlines()[-3:]
    assert body.partition("\narchives:")[2] == place.read_text().partition("\narchives:")[2]


def test_a_bump_leaves_vendored_libraries_alone(project: Path) -> None:
    result = CliRunner().invoke(cli, ["bump", "crier", "1.0"], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, "")
    assert load_libraries(project / "vendor/ocaml.yaml", project).archives[0].version == "1.0"
