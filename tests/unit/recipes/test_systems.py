# SPDX-License-Identifier: Apache-2.0
"""Build systems are folders: those that are shipped, and one that a project adds."""

import dataclasses
import re
import shutil
from pathlib import Path, PurePosixPath

import pytest

from greetings import ROOT, request_for
from xsbuild.distros.model import Family
from xsbuild.errors import InputError, ProblemsError
from xsbuild.host import process
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.systems import find_systems, tool_names
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm

PAGE = Path(__file__).parents[3] / "docs" / "recipes.md"
_FILE = re.compile(r"^`(?P<path>systems/just/\S+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.M | re.S)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the build system that docs/recipes.md adds."""
    found = {match["path"]: match["text"] for match in _FILE.finditer(PAGE.read_text())}
    assert len(found) == 3
    for path, text in found.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def request(project: Path, distro: str, folder: str, *, check: bool = True) -> RecipeRequest:
    """The component `shapes`, built with just."""
    asked = request_for("shapes", distro, folder=folder, project=project)
    build = asked.component.build
    assert build is not None
    build = build.model_copy(update={"system": "just", "check": check})
    component = asked.component.model_copy(update={"build": build})
    return dataclasses.replace(asked, component=component, project_root=ROOT)


def rules(project: Path, *, check: bool = True) -> str:
    tree = render_debian(request(project, "debian-13", "debian", check=check))
    return tree[PurePosixPath("rules")].content.decode()


def spec(project: Path, *, check: bool = True) -> str:
    tree = render_rpm(request(project, "centos-stream-10", "specs", check=check))
    return tree[PurePosixPath("shapes.spec")].content.decode()


def test_a_manifest_can_name_it(project: Path) -> None:
    text = (ROOT / "components.yaml").read_text()
    (project / "components.yaml").write_text(text.replace("system: cmake", "system: just"))
    shutil.copytree(ROOT / "patches", project / "patches")
    shutil.copytree(ROOT / "greet-data", project / "greet-data")
    shutil.copy(ROOT / "libsounds.symbols", project)
    components = load_manifest(project / "components.yaml").components
    assert "just" in {part.build.system for part in components.values() if part.build}
    (project / "systems/just/system.yaml").unlink()
    with pytest.raises(ProblemsError, match=r"build\.system: expected one of .*make"):
        load_manifest(project / "components.yaml")


def test_debian_gets_its_lines_and_tools(project: Path) -> None:
    text = rules(project)
    assert "\tdh $@ --buildsystem=none" in text
    assert "\noverride_dh_auto_build:\n\tjust build" in text
    assert "\n\tjust test\nendif\n" in text
    tree = render_debian(request(project, "debian-13", "debian"))
    assert re.search(r"^ just,?$", tree[PurePosixPath("control")].content.decode(), re.M)


def test_a_spec_file_gets_its_lines_and_tools(project: Path) -> None:
    text = spec(project)
    assert re.search(r"^BuildRequires: +just$", text, re.M)
    for section, line in (
        ("build", "just build"),
        ("install", "just install %{buildroot}"),
        ("check", "just test"),
    ):
        assert line in text.split(f"\n%{section}\n")[1].split("\n\n")[0]


def test_tests_are_left_out_in_both_families(project: Path) -> None:
    assert "just test" not in rules(project, check=False)
    assert "just test" not in spec(project, check=False)


def test_a_project_hides_what_is_shipped(tmp_path: Path) -> None:
    folder = tmp_path / "systems" / "meson"
    folder.mkdir(parents=True)
    (folder / "system.yaml").write_text("summary: Meson, differently\n")
    assert find_systems(tmp_path).get("meson").summary == "Meson, differently"
    assert find_systems().get("meson").debhelper == "meson"


def test_an_unknown_one_is_an_error() -> None:
    with pytest.raises(InputError, match="unknown build system mesno") as caught:
        find_systems().get("mesno")
    assert "meson" in str(caught.value.hint)


@pytest.mark.parametrize("name", find_systems().files)
def test_what_is_shipped(name: str) -> None:
    systems = find_systems()
    folder = systems.files[name].parent
    assert {file.name for file in folder.iterdir()} == {"system.yaml", "rules.j2", "spec.j2"}
    assert systems.get(name).summary


def test_a_tool_may_have_alternatives_and_be_of_one_family(tmp_path: Path) -> None:
    folder = tmp_path / "systems" / "x"
    folder.mkdir(parents=True)
    tools = '["package(deb: a)", ["package(rpm: b)", "package(rpm: c)"]]'
    (folder / "system.yaml").write_text(f"summary: X\ntools: {tools}\n")
    found = find_systems(tmp_path).get("x").tools
    assert list(tool_names(found, Family.DEB)) == [("a",)]
    assert list(tool_names(found, Family.RPM)) == [("b", "c")]


def test_a_tool_is_named_for_each_family(tmp_path: Path) -> None:
    folder = tmp_path / "systems" / "x"
    folder.mkdir(parents=True)
    (folder / "system.yaml").write_text("summary: X\ntools: [bin(x)]\n")
    with pytest.raises(ProblemsError, match=r"tools\[0\].*package\(deb: NAME, rpm: NAME\)"):
        find_systems(tmp_path).get("x")


@pytest.mark.parametrize(
    ("makefile", "folder", "run"),
    [
        ("check:\n\t@echo ran $@\n", "test", "ran check\n"),
        ("test:\n\t@echo ran $@\ncheck:\n\t@echo ran $@\n", "other", "ran test\n"),
        (".PHONY: test\ntest: a\na:\n\t@echo ran $@\n", "test", "ran a\n"),
        ("all:\n\t@echo ran $@\n", "check", ""),
        ("all:\n\t@echo ran $@\n", "other", ""),
    ],
)
def test_tests_that_a_spec_file_runs(tmp_path: Path, makefile: str, folder: str, run: str) -> None:
    spec = render_rpm(request_for("greetd", "centos-stream-10", folder="specs"))
    text = spec[PurePosixPath("greetd.spec")].content.decode()
    loop = re.search(r"^for target in test check; do\n.*?^done\n", text, re.M | re.S)
    assert loop is not None
    script = re.sub(r"%make_build \$target(.*\\\n)?(.*\\\n)*.*\n", "make $target\n", loop[0])
    (tmp_path / "Makefile").write_text(makefile)
    (tmp_path / folder).mkdir()
    assert process.run(["sh", "-ec", script], cwd=tmp_path).output == run
