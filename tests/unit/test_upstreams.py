# SPDX-License-Identifier: Apache-2.0
"""The test project is what the tests that build it rely on."""

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from upstreams import (
    PROJECT,
    TOOLCHAINS,
    Upstreams,
    commit_tree,
    make_upstreams,
    pack_tree,
    tree_of,
)
from xsbuild.host import process
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import GitSource, LocalSource, UrlSource
from xsbuild.manifest.systems import find_systems
from xsbuild.planner.graph import make_graph


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory: pytest.TempPathFactory) -> Upstreams:
    return make_upstreams(tmp_path_factory.mktemp("upstreams"))


def test_every_source_is_pinned_to_what_is_there(upstreams: Upstreams) -> None:
    manifest = load_manifest(upstreams.manifest)
    kinds = set()
    for component in manifest.components.values():
        for source in component.sources:
            kinds.add(type(source))
            if isinstance(source, UrlSource):
                file = Path(source.url.format(version=component.version).removeprefix("file://"))
                assert hashlib.sha256(file.read_bytes()).hexdigest() == source.sha256
            elif isinstance(source, GitSource):
                git = ["git", f"--git-dir={source.git.removeprefix('file://')}", "rev-parse"]
                tag = f"v{component.version}^{{commit}}"
                assert process.run([*git, tag]).output.strip() == source.commit
    assert kinds == {UrlSource, GitSource, LocalSource}


def test_only_addresses_and_pins_differ_from_what_is_committed(upstreams: Upstreams) -> None:
    committed = load_manifest(PROJECT / "components.yaml")
    made = load_manifest(upstreams.manifest)
    for name, component in made.components.items():
        before = committed.components[name]
        assert component.model_copy(update={"sources": before.sources}) == before
        assert [source.name for source in component.sources] == [
            source.name for source in before.sources
        ]


def test_addresses_can_be_on_a_server(tmp_path: Path) -> None:
    made = make_upstreams(tmp_path, "http://127.0.0.1:8000/up")
    sources = load_manifest(made.manifest).components["greet-tools"].sources
    assert [getattr(source, "git", None) or getattr(source, "url", "") for source in sources] == [
        "http://127.0.0.1:8000/up/greet-tools.git",
        "http://127.0.0.1:8000/up/greet-formats-1.0.tar.gz",
    ]


def test_the_same_trees_give_the_same_bytes(tmp_path: Path) -> None:
    tree = tree_of("salutd")
    assert pack_tree(tree, "salutd-1") == pack_tree(tree, "salutd-1")
    commits = {commit_tree(tree, tmp_path / f"{number}.git", "v1") for number in range(2)}
    assert len(commits) == 1


def test_the_project_has_one_of_everything(upstreams: Upstreams) -> None:
    components = load_manifest(upstreams.manifest).components.values()
    further = load_manifest(PROJECT / TOOLCHAINS).components.values()
    built = {part.build.system for part in (*components, *further) if part.build}
    assert built == set(find_systems().files)
    assert any(part.patches for part in components)
    packages = [package for part in components for package in part.packages.values()]
    for key in ("users", "config", "units", "install", "docs", "directories", "recommends"):
        assert any(getattr(package, key) for package in packages), key


def test_the_graph_has_a_diamond(upstreams: Upstreams) -> None:
    manifest = load_manifest(upstreams.manifest)
    graph = make_graph(manifest, manifest.components)
    for side in ("salutd", "greet-tools"):
        for user, needed in pairwise(("greet-suite", side, "libgreet")):
            assert needed in graph.closure([user])
    assert "salutd" not in graph.closure(["greet-tools"])
