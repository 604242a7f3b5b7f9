# SPDX-License-Identifier: Apache-2.0
"""Hostile text in every string of the manifest is refused with its line, or stays data.

The fields are found in the model's JSON Schema, so that a new one is tested without a change here.
What was rendered is read back by the programs that read it in a build: its structure (fields,
packages, scriptlets, variables, targets) must be that of the harmless manifest.
"""

import copy
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from debian.deb822 import Deb822

from greetings import request_for
from xsbuild.distros.load import find_distros
from xsbuild.errors import ProblemsError
from xsbuild.host.confined import run_confined
from xsbuild.host.process import is_program
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Manifest
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm
from xsbuild.recipes.tree import FileTree, write_tree
from xsbuild.shipped import shipped

HOSTILE = (
    "a\nXInjected: 1",
    "a\n%post\ntouch pwned",
    "a\n\nXInjected := 1\n",
    "%{lua: io.open('pwned', 'w')}%(touch pwned)",
    "x y $(shell touch pwned) `touch pwned`; touch pwned #",
    "/x y $(touch pwned) 'a' \"b\" 100% [c]",
    "%if 0",
    "# \\",
)
# One of each model that is optional; the fields of each that the sample lacks are added.
SAMPLE = """\
product: {name: prod, title: T, homepage: https://e.org, license: MIT, maintainer: N <n@e.org>,
  version: "1", date: 2026-11-20}
components:
  greet:
    summary: Some library
    description: Some text.
    homepage: https://e.org
    license: MIT
    licensed-files: [{files: [a], license: MIT, copyright: [Someone]}]
    version: "1"
    sources: [{local: src}]
    build: {system: make, options: [a], environment: {A: b}}
    packages:
      greet:
        architecture: all
        directories: [{path: /var/lib/greet}]
        install: [{source: file, to: /usr/share/greet}]
        units: [{name: greet.service}]
        users: [{name: greet, comment: Greets}]
        groups: [{name: greeters}]
        scripts: {after-install: "true"}
        triggers: {paths: [/usr/share/greet], script: "true"}
    tests: {smoke: {script: "true"}}
    changelog: [{version: 1-1, date: 2026-11-20, changes: [First]}]
meta-packages:
  all: {summary: Everything there is, description: Some text., requires: [greet]}
"""
OPTIONAL = {"Vcs-Git", "Vcs-Browser"}  # fields that the sample lacks, and that take any text
Place = tuple[str | int, ...]
Node = dict[str, Any]  # a part of a JSON Schema


def strings(schema: Node, node: Node, data: object, place: Place = ()) -> Iterator[Place]:
    """Places of strings; "" in one stands for a new key, and 0 for an item of a list."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    for option in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from strings(schema, option, data, place)
    if node.get("type") == "string" and "enum" not in node and "const" not in node:
        yield place
    inner = node.get("items")
    if inner:
        yield from strings(schema, inner, data[0] if isinstance(data, list) else None, (*place, 0))
    properties = node.get("properties", {})
    if properties and isinstance(data, dict):
        for key, value in properties.items():
            yield from strings(schema, value, data.get(key), (*place, key))
    extra = node.get("additionalProperties")
    extra = next(iter(node.get("patternProperties", {}).values()), extra)
    if isinstance(extra, dict):
        yield (*place, "")
        key = next(iter(data), "k") if isinstance(data, dict) else "k"
        value = data.get(key) if isinstance(data, dict) else None
        yield from strings(schema, extra, value, (*place, key))


def with_text(data: Node, place: Place, text: str) -> Node:
    changed = copy.deepcopy(data)
    at: Any = changed
    for part, following in pairwise(place):
        empty: object = [] if isinstance(following, int) else {}
        if isinstance(at, list):
            if not at:
                at.append(empty)
            at = at[0]
        else:
            at = at.setdefault(part, empty)
    if place[-1] == "":
        at[text] = next(iter(at.values()), "v")
    elif isinstance(at, list):
        at[:] = [text]
    else:
        at[place[-1]] = text
    return changed


SCHEMA = Manifest.model_json_schema()
BASE = cast("Node", yaml.safe_load(SAMPLE))
PLACES = sorted(set(strings(SCHEMA, SCHEMA, BASE)), key=str)


def read(data: Node, folder: Path) -> tuple[Manifest | None, list[int | None]]:
    """The manifest, or the lines of its problems."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "file").touch()
    file = folder / "components.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    try:
        return load_manifest(file), []
    except ProblemsError as error:
        return None, [problem.line for problem in error.problems]


def request_of(manifest: Manifest, kind: str, distro: str) -> RecipeRequest:
    base = request_for("greet", distro, folder=kind)
    return RecipeRequest(
        "greet", manifest.components["greet"], manifest.product,
        find_distros([shipped("distros")]).get(distro), (shipped(kind),),
        base.project_root, base.systems, {},
    )  # fmt: skip


def structure(manifest: Manifest, folder: Path) -> object:
    """What the readers of both families see, but for texts."""
    debian = render_debian(request_of(manifest, "debian", "debian-13"))
    spec = render_rpm(request_of(manifest, "specs", "centos-stream-10"))
    return _debian(debian, folder / "deb"), _spec(spec, folder / "rpm")


def _debian(tree: FileTree, folder: Path) -> object:
    write_tree(tree, folder / "debian")
    fields = [
        sorted({*part} - OPTIONAL)
        for name in ("control", "copyright", "tests/control")
        for part in Deb822.iter_paragraphs((folder / "debian" / name).read_bytes())
    ]
    make = ("make", "--print-data-base", "--question", "-f", "debian/rules", "nothing")
    database = run_confined(make, folder=folder, ok=(0, 1, 2)).output
    variables = set(re.findall(r"^(XInjected|pwned)\b", database, re.MULTILINE))
    assert not list(folder.rglob("pwned"))
    return fields, variables


def _spec(tree: FileTree, folder: Path) -> object:
    write_tree(tree, folder)
    query = r"%{NAME} %{POSTINPROG} %{POSTIN} [%{TRANSFILETRIGGERNAME}]\n"
    done = run_confined(
        ("rpmspec", "--query", "--define", "_unitdir /u", "--qf", query, "greet.spec"),
        folder=folder,
    )
    assert not list(folder.rglob("pwned"))
    return [line for line in done.output.splitlines() if line.startswith("greet ")]


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("harmless")
    manifest, _ = read(BASE, folder)
    assert manifest
    return structure(manifest, folder)


def test_every_model_has_a_sample() -> None:
    reached = {str(part) for place in PLACES for part in place}
    expected = {"comment", "to", "after-install", "changes", "name", "maintainer", "environment"}
    assert expected <= reached
    assert len(PLACES) > 60


@pytest.mark.skipif(not is_program("rpmspec"), reason="no rpmspec on this machine")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_hostile_text_is_refused_with_its_line_or_stays_data(
    place: Place, harmless: object, tmp_path: Path
) -> None:
    for number, text in enumerate(HOSTILE):
        folder = tmp_path / str(number)
        folder.mkdir()
        manifest, lines = read(with_text(BASE, place, text), folder)
        assert all(lines), text
        # A script is shell text, and runs as such.
        if manifest and "scripts" not in place and "greet" in manifest.components:
            assert structure(manifest, folder) == harmless, text
