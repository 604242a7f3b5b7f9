# SPDX-License-Identifier: Apache-2.0
"""Vendored libraries as one source: fetched, put together, the same bytes every time."""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from xsbuild.capabilities.lockfile import Lock
from xsbuild.errors import SourceError
from xsbuild.host.files import sha256_of
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Component
from xsbuild.manifest.requirement import parse_capability
from xsbuild.planner.vendored import choices_for, with_vendored
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings
from xsbuild.shipped import shipped
from xsbuild.sources.fetch import fetch_sources
from xsbuild.sources.pins import pinned_digests

DEBIAN = "debian-13"


def pack(file: Path, files: dict[str, str]) -> None:
    with tarfile.open(file, "w:bz2") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"top/{name}")
            info.size = len(text)
            tar.addfile(info, BytesIO(text.encode()))


@pytest.fixture
def horn(project: Path) -> Path:
    """The project, with an archive that can be fetched, and an overlay."""
    file = project / "horn-1.0.tbz"
    pack(file, {"horn.ml": "let toot = ()\n", "dune": "old\n"})
    (project / "vendor/stub/dune").write_text("(library (name stub))\n")
    (project / "vendor/horn").mkdir()
    (project / "vendor/horn/dune").write_text("new\n")
    lock = project / "vendor/ocaml.yaml"
    text = lock.read_text().replace("0" * 64, sha256_of(file))
    lock.write_text(text.replace("  license: ISC\n", "  overlay: horn\n  license: ISC\n", 1))
    return project


def settled(root: Path, cache: Path) -> Project:
    folders = Folders(cache, cache / "data", cache / "config")
    return Project(root / "components.yaml", Settings(folders))


def component(project: Project, needs: str, *there: str) -> Component:
    """The component on a distro that has some libraries."""
    file = project.file
    text = file.read_text()
    file.write_text(text.replace("{system: dune}", f"{{system: dune, requires: [{needs}]}}"))
    manifest = load_manifest(file)
    file.write_text(text)
    capabilities = {name: {"package": "x", "version": "1"} for name in there}
    index = {"date": manifest.product.date, "hash": "0" * 64}
    lock = Lock.model_validate({"distro": DEBIAN, "index": index, "capabilities": capabilities})
    choices = choices_for(manifest, ["crier"], project.distros.get(DEBIAN), lock)
    return with_vendored(manifest, choices).components["crier"]


NEEDS = "ocamlfind(horn), ocamlfind(stub)"


def test_a_bundle_is_the_same_every_time(horn: Path, tmp_path: Path) -> None:
    projects = [settled(horn, tmp_path / name) for name in ("one", "two")]
    facts = component(projects[0], NEEDS, "ocamlfind(bell)")
    bundle, again = (
        fetch_sources("crier", facts, project, say=lambda _: None)[1] for project in projects
    )
    assert bundle.path.read_bytes() == again.path.read_bytes()
    assert (bundle.name, bundle.file_name) == ("vendor", "crier-1.0-vendor.tar.gz")
    with tarfile.open(bundle.path) as tar:
        files = {
            info.name.removeprefix("crier-1.0-vendor/"): read(tar, info)
            for info in tar.getmembers()
            if info.isfile()
        }
    readme = files.pop("README")
    assert "horn 1.0\n  ISC\n" in readme
    assert files == {
        "dune": "; Each is built as far as something needs it; its tests and its warnings are its"
        " authors' concern.\n(vendored_dirs *)\n",
        "horn-1.0/horn.ml": "let toot = ()\n",
        "horn-1.0/dune": "new\n",
        "stub-1/dune": "(library (name stub))\n",
    }


def read(tar: tarfile.TarFile, info: tarfile.TarInfo) -> str:
    content = tar.extractfile(info)
    assert content is not None
    return content.read().decode()


def test_what_decides_it_is_in_the_key(horn: Path, tmp_path: Path) -> None:
    project = settled(horn, tmp_path / "cache")
    facts = component(project, NEEDS, "ocamlfind(bell)")
    before = pinned_digests(facts, horn)
    assert before.keys() == {".", "vendor/horn-1.0", "vendor/stub-1"}
    (horn / "vendor/stub/dune").write_text("(library (name other))\n")
    after = pinned_digests(facts, horn)
    assert {name for name in before if before[name] != after[name]} == {"vendor/stub-1"}


def test_on_a_distro_that_has_all_there_is_no_bundle(horn: Path, tmp_path: Path) -> None:
    project = settled(horn, tmp_path / "cache")
    facts = component(project, NEEDS, "ocamlfind(horn)", "ocamlfind(stub)")
    assert len(facts.sources) == 1
    assert facts.license == "MIT"


def test_vendored_libraries_bring_what_they_need_and_their_licence(
    horn: Path, tmp_path: Path
) -> None:
    facts = component(settled(horn, tmp_path / "cache"), NEEDS)
    assert facts.build
    assert [str(item) for item in facts.build.requires] == [
        "ocamlfind(horn)",
        "ocamlfind(stub)",
        "ocamlfind(bell)",
    ]
    assert facts.license == "MIT AND ISC"


def test_an_archive_that_is_another_one_is_refused(horn: Path, tmp_path: Path) -> None:
    pack(horn / "horn-1.0.tbz", {"horn.ml": "let toot = 1\n"})
    project = settled(horn, tmp_path / "cache")
    with pytest.raises(SourceError, match=r"1 archives of vendor/ocaml.yaml cannot be fetched"):
        fetch_sources("crier", component(project, NEEDS), project, say=lambda _: None)


def test_every_library_of_xapi_has_a_place_to_come_from() -> None:
    project = Project(shipped(".") / "components.yaml", Settings(Folders(*[Path("/nowhere")] * 3)))
    manifest = project.manifest
    lock = Lock.model_validate({"distro": DEBIAN, "index": {"date": manifest.product.date,
                                                            "hash": "0" * 64}})  # fmt: skip
    every = choices_for(manifest, list(manifest.components), project.distros.get(DEBIAN), lock)
    lost = {
        item.capability for item in every["xapi"].missing if item.capability.kind == "ocamlfind"
    }
    # Only its tests use the one, and the other comes with OCaml.
    expected = {"ocamlfind(crowbar)", "ocamlfind(findlib)"}
    assert lost <= set(map(parse_capability, expected))
