# SPDX-License-Identifier: Apache-2.0
"""What a person sees when RPMs cannot be built: component, step and likely cause, by the command.

What does not depend on the family is in test_failures.py. Seven components that fail, each in its
own way, are built by one command, as most of the time goes into making a buildroot.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_failures import Bench
from xsbuild.host import process
from xsbuild.host.namespace import Namespace, private_namespace
from xsbuild.repos.signing import signing_key
from xsbuild.settings import Folders, Settings

pytestmark = [pytest.mark.chroot]
HEAD = """\
product:
  {name: sample, title: Sample, homepage: "https://example.org", license: MIT, version: "1",
   maintainer: Nobody <nobody@example.org>, date: 2026-11-22}
components:
"""
COMPONENT = """\
  {name}:
    summary: Sample
    description: Sample
    homepage: https://example.org
    license: MIT
    version: "1.0"
    sources: [{{local: data}}]
    build: {{system: none, requires: [{requires}]}}
    packages:
      {name}:
        architecture: all
        install: [{{source: data.txt, to: "{{datadir}}/{name}"}}]
        files: [{files}]
    changelog: [{{version: 1.0-1, date: 2026-11-22, changes: [First package]}}]
"""
RECIPE = '{{% extends "_base.spec.j2" %}}\n{{% block {block} %}}\n{text}\n{{% endblock %}}\n'
# component → what its recipe changes: the block, and what stands there
_RECIPES = {
    "unpacks": ("prep", "echo oh dear\nfalse"),
    "compiles": ("build", "%build\necho oh dear: error: no good\nfalse"),
    "tests": ("check", "%check\necho oh dear\nfalse"),
    "forgets": ("after_install", "{{ super() }}\ntouch %{buildroot}/forgotten"),
    "misspelt": ("preamble", "{{ super() }}\nLicence: MIT"),
}
_MEANT = "{bindir}/absent"
_CASES = {
    "needs": "install build dependencies: {}: no-such-package",
    "unpacks": "unpack: %prep fails",
    "compiles": "build: {}oh dear: error: no good",
    "tests": "test: its tests fail",
    "forgets": "make packages: no package takes these files: /forgotten",
    "lacks": "make packages: packages name files that the build did not make: /usr/bin/absent",
    "misspelt": "unpack: the spec file is wrong: line",
}


@pytest.fixture
def bench(tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path) -> Bench:
    """A project of components that do not build, and a good one."""
    home = tmp_path / "home"
    project = home / "project"
    (project / "specs").mkdir(parents=True)
    (project / "data").mkdir()
    (project / "data/data.txt").touch()
    shutil.copytree(rpm_world_with_ocaml.distros, project / "distros")
    text = HEAD
    for name in (*_CASES, "good"):
        requires = '"package(rpm: no-such-package)"' if name == "needs" else ""
        files = f'"{_MEANT}"' if name == "lacks" else ""
        text += COMPONENT.format(name=name, requires=requires, files=files)
    for name, (block, change) in _RECIPES.items():
        recipe = RECIPE.format(block=block, text=change)
        (project / "specs" / f"{name}.spec.j2").write_text(recipe)
    (project / "components.yaml").write_text(text)
    (home / "cache").mkdir()
    (home / "cache/bases").symlink_to(rpm_bases)
    return Bench(home, project / "components.yaml")


BUILD = ("--quiet", "build", "-d", NAME, "--builder", "dnf")


def test_each_failure_names_component_step_and_cause(bench: Bench) -> None:
    status, output = bench.run(*BUILD, "-j2", "--json")
    assert status == 1
    text = output[output.index("{\n") : output.rindex("\n}") + 2]
    summary = json.loads(text)
    results = {row["target"]: row["result"] for row in summary["targets"]}
    assert results == {**dict.fromkeys(_CASES, "FAILED"), "good": "built"}
    for name, wanted in _CASES.items():
        error = summary["errors"][name]
        begin, _, rest = wanted.partition("{}")
        head = f"{name} does not build on Test distribution 1: {begin}"
        assert error["message"].startswith(head)
        assert rest in error["message"]
        assert Path(error["log"]).stat().st_size > 0
        assert error["shell"] == f"xsbuild shell {name} --distro {NAME}"


def test_a_wrong_key_of_the_distro_is_named(bench: Bench, tmp_path: Path) -> None:
    stranger = signing_key(
        Settings(Folders(tmp_path, tmp_path / "stranger", tmp_path / "config")),
        say=lambda _text: None,
    )
    key = tmp_path / "stranger.asc"
    key.write_bytes(stranger.public)
    (bench.home / "cache/bases").unlink()
    file = bench.manifest.parent / f"distros/{NAME}.yaml"
    lines = file.read_text().splitlines()
    right = next(line for line in lines if "keys: [" in line)
    start, end = right.index('keys: ["'), right.index('"]')
    wrong = f'{right[:start]}keys: ["{key.as_uri()}{right[end:]}'
    file.write_text(file.read_text().replace(right, wrong))
    status, output = bench.run(*BUILD, "good")
    assert status == 1
    assert "the base chroot of Test distribution 1 cannot be made" in output
    assert "not signed with the keys that the distro's file names" in output


def test_a_damaged_database_of_packages_is_named(bench: Bench, rpm_bases: Path) -> None:
    status, output = bench.run(*BUILD, "good")
    assert status == 0, output
    bases = bench.home / "cache/bases"
    bases.unlink()
    process.run(["cp", "--archive", "--link", rpm_bases, bases])
    (place,) = bases.glob(f"{NAME}-build-*/current/root/var/lib/rpm")
    for file in place.iterdir():
        file.unlink()
    (place / "rpmdb.sqlite").write_bytes(b"nonsense" * 4096)
    bench.edit("files: []", "files: []\n        requires: [good]")  # the first component's
    status, output = bench.run(*BUILD, "needs")
    assert status == 1
    assert "needs does not build on Test distribution 1" in output
    assert "rpm database cannot be used" in output


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    with private_namespace() as made:
        yield made


def test_a_missing_tool_names_its_package(bench: Bench, namespace: Namespace) -> None:
    (bench.home / "cache/bases").unlink()
    namespace.run("mount", "--bind", "/dev/null", "/usr/bin/dnf")
    status, output = bench.run(*BUILD, "good", within=namespace.enter)
    assert status != 0
    assert "dnf is not installed" in output
    assert "xsbuild doctor" in output


def test_a_full_disk(bench: Bench, namespace: Namespace) -> None:
    (bench.home / "cache/bases").unlink()
    namespace.run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", bench.home / "cache")
    status, output = bench.run(*BUILD, "good", within=namespace.enter)
    assert status == 1
    assert "full" in output or "No space left" in output
    assert "xsbuild clean" in output
