# SPDX-License-Identifier: Apache-2.0
"""What a spec file looks like for each build system, and for one of many packages."""

import dataclasses
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from specfile.specfile import Specfile

from greetings import ROOT, greetings, request_for
from xsbuild.manifest.model import (
    DebianPoolSource,
    GitSource,
    Install,
    LocalSource,
    Package,
    PypiSource,
    Source,
    UrlSource,
)
from xsbuild.manifest.requirement import parse_requirement
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm, source_files
from xsbuild.recipes.rpm_package import requirements
from xsbuild.recipes.tree import FileTree, write_tree

NAMES = list(greetings().components)
DISTRO = "centos-stream-10"


def request(name: str, **fields: str | tuple[Source, ...]) -> RecipeRequest:
    found = request_for(name, DISTRO, folder="specs")
    return dataclasses.replace(found, component=found.component.model_copy(update=fields))


def spec_of(tree: FileTree) -> str:
    (spec,) = (file for path, file in tree.items() if path.suffix == ".spec")
    return spec.content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, compare: Callable[[str, FileTree], None]) -> None:
    compare(f"{DISTRO}/{name}", render_rpm(request(name)))


@pytest.mark.parametrize("name", NAMES)
def test_others_can_read_it(name: str, tmp_path: Path) -> None:
    write_tree(render_rpm(request(name)), tmp_path)
    component = greetings().components[name]
    file = tmp_path / f"{name}.spec"
    command = ["/usr/bin/rpmspec", "--query", "--queryformat", "%{name} %{version}\n", str(file)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = {f"{package} {component.version}" for package in component.packages}
    assert wanted <= set(printed.splitlines())
    with Specfile(file).sections() as sections:
        assert {"prep", "install", "changelog"} <= {str(section.id) for section in sections}
    with Specfile(file).changelog() as changelog:
        assert changelog is not None
        assert [entry.header.rpartition(" - ")[2] for entry in changelog] == [
            entry.version for entry in reversed(component.changelog)
        ]


def test_percent_signs_of_the_manifest_are_no_macros(tmp_path: Path) -> None:
    write_tree(render_rpm(request("shapes", description="100%build", summary="%{name}")), tmp_path)
    command = ["/usr/bin/rpmspec", "--query", "--queryformat", "%{summary}|%{description}"]
    file = str(tmp_path / "shapes.spec")
    done = subprocess.run([*command, file], capture_output=True, text=True, check=True)
    assert done.stdout == "%{name}|100%build"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bin(a) >= 1, < 3", ["a >= 1", "a < 3"]),
        ("bin(b) >= 2", ["(b >= 2 or b-ng >= 2)"]),
        ("xapi-core", ["xapi-core"]),
    ],
)
def test_requirements(text: str, expected: list[str]) -> None:
    requirement = parse_requirement(text)
    names = {requirement.capability: ("a",) if "(a)" in text else ("b", "b-ng")}
    if not requirement.capability.kind:
        names = {}
    assert requirements([requirement, requirement], names) == expected


SOURCES: list[tuple[Source, str, str]] = [
    (UrlSource(url="https://h.example/x-{version}.tar.xz"), "x-0.3.tar.xz", "%autosetup -N -c -T"),
    (GitSource(git="https://h.example/x.git"), "shapes-0.3.tar.gz", "%autosetup -p1"),
    (LocalSource(local="greet-data"), "shapes-0.3.tar.gz", "%autosetup -p1"),
    (PypiSource(pypi="Shapes"), "shapes-0.3.tar.gz", "%autosetup -N -c -T"),
    (DebianPoolSource(debian_pool="pool/x/x_1.tgz"), "x_1.tgz", "%autosetup -N -c -T"),
]


@pytest.mark.parametrize(("source", "file_name", "setup"), SOURCES)
def test_sources(source: Source, file_name: str, setup: str) -> None:
    asked = request("shapes", sources=(source,))
    (found,) = source_files("shapes", asked.component)
    assert found.file_name == file_name
    spec = spec_of(render_rpm(asked))
    assert f"/{file_name}" in f"/{found.tag}"
    assert f"Source0:        {found.tag}\n" in spec
    assert f"%prep\n{setup}\n" in spec


def test_further_sources_and_none() -> None:
    more = LocalSource(local="greet-data", name="more")
    first = LocalSource(local="greet-data")
    both = spec_of(render_rpm(request("shapes", sources=(first, more))))
    assert "%autosetup -N\nrm -rf more && mkdir more\n" in both
    assert "--directory=more --file=%{SOURCE1}" in both
    only = spec_of(render_rpm(request("shapes", sources=(more,))))
    assert "%autosetup -N -c -T\nrm -rf more" in only
    assert "Source" not in spec_of(render_rpm(request("shapes", sources=())))


def test_dependencies_of_python_are_generated_where_it_is_built() -> None:
    asked = request("colours")
    build = asked.component.build
    assert build is not None
    changed = build.model_copy(
        update={
            "system": "python",
            "environment": {"PRETEND_VERSION": "1.0"},
            "subdirectory": "py",
        }
    )
    component = asked.component.model_copy(update={"build": changed})
    tree = render_rpm(dataclasses.replace(asked, component=component))
    section = spec_of(tree).partition("%generate_buildrequires\n")[2].partition("%endif")[0]
    # what it prints is required, so that nothing else may print
    assert section == "export PRETEND_VERSION=1.0\ncd py\n%pyproject_buildrequires\n"


def test_a_projects_own_spec_overrides_blocks(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "shapes.spec.j2").write_text(
        '{% extends "_base.spec.j2" %}{% block check %}\n\n%check\ntrue\n{% endblock %}'
    )
    asked = request_for("shapes", DISTRO, folder="specs", project=tmp_path)
    spec = spec_of(render_rpm(dataclasses.replace(asked, project_root=ROOT)))
    assert "%check\ntrue\n" in spec
    assert "%ctest" not in spec
    assert "%cmake" in spec


def test_patches_lie_beside_the_spec_file() -> None:
    tree = render_rpm(request("greet"))
    assert PurePosixPath("polite.patch") in tree
    assert "Patch0:         polite.patch\n" in spec_of(tree)


def test_patches_of_one_base_name(tmp_path: Path) -> None:
    names = ("one/fix.patch", "two/fix.patch", "three/other.patch")
    for name in names:
        path = tmp_path / "patches/greet" / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    found = request("greet")
    component = found.component.model_copy(update={"patches": names})
    tree = render_rpm(dataclasses.replace(found, component=component, project_root=tmp_path))
    contents = {str(path): file.content.decode() for path, file in tree.items()}
    assert contents["one-fix.patch"] == "one/fix.patch"
    assert contents["two-fix.patch"] == "two/fix.patch"
    assert contents["other.patch"] == "three/other.patch"
    assert "Patch1:         two-fix.patch\n" in spec_of(tree)


def test_sources_of_one_file_name() -> None:
    component = greetings().components["greet"]
    sources = (
        UrlSource(url="https://one.example/v1.tar.gz"),
        UrlSource(name="extra", url="https://two.example/v1.tar.gz"),
        UrlSource(name="local", url="file:///x/v1.tar.gz"),
    )
    files = source_files("greet", component.model_copy(update={"sources": sources}))
    assert [(file.file_name, file.tag) for file in files] == [
        ("v1.tar.gz", "https://one.example/v1.tar.gz"),
        ("extra-v1.tar.gz", "https://two.example/v1.tar.gz#/extra-v1.tar.gz"),
        ("local-v1.tar.gz", "local-v1.tar.gz"),
    ]


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"files": ("{sysconfdir}/shapes/",)}, {"%config(noreplace) %{_sysconfdir}/shapes/"}),
        ({"files": ("/etc/shapes*.conf",)}, {"%config(noreplace) /etc/shapes*.conf"}),
        (
            {"files": ("{sysconfdir}/a b",), "config": ("{sysconfdir}/a b", "{datadir}/x")},
            {'%config(noreplace) "%{_sysconfdir}/a b"', "%config(noreplace) %{_datadir}/x"},
        ),
        (
            {"install": (Install(source="conf/x", to="{sysconfdir}/shapes"),)},
            {"%config(noreplace) %{_sysconfdir}/shapes/x", "%dir %{_sysconfdir}/shapes"},
        ),
        (
            {"links": {"{sysconfdir}/x": "y"}, "files": ("/etcetera",)},
            {"%{_sysconfdir}/x", "/etcetera"},
        ),
    ],
)
def test_files_below_etc_are_configuration(fields: dict[str, Any], lines: set[str]) -> None:
    asked = request("shapes")
    packages = {"shapes": Package(**fields)}
    component = asked.component.model_copy(update={"packages": packages})
    spec = spec_of(render_rpm(dataclasses.replace(asked, component=component)))
    assert set(spec.split("%files\n")[1].split("\n\n")[0].splitlines()) == lines
