# SPDX-License-Identifier: Apache-2.0
"""The jobs that a change needs, in a git repository with three components."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from xsbuild.cli.matrix import command
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.host import process
from xsbuild.planner.matrix import Job, jobs_for, project_at
from xsbuild.project import Project
from xsbuild.reports.pipelines import github_jobs, gitlab_jobs, pipeline
from xsbuild.settings import Folders, Settings

COMPONENT = """\
  {name}:
    summary: The component {name}
    description: A component.
    homepage: https://example.org/
    license: MIT
    copyright: ["2026 A"]
    version: "1.0"
    sources: [{{local: src/{name}}}]
    build: {{system: make, requires: {requires}}}
    packages:
      {name}: {{files: ["{{datadir}}/{name}/"]}}
    changelog: [{{version: 1.0-1, date: 2026-11-22, changes: [First]}}]
"""
MANIFEST = """\
product:
  name: product
  title: Product
  homepage: https://example.org/
  license: MIT
  maintainer: A <a@example.org>
  version: "1"
  date: 2026-11-22
components:
"""
ALL = [Job("debian-12", ("base", "user")), Job("debian-12", ("other",))]


def git(folder: Path, *args: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    process.run(["git", *identity, *args], cwd=folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    text = MANIFEST
    for name, requires in {"base": "[]", "user": "[base]", "other": "[]"}.items():
        text += COMPONENT.format(name=name, requires=requires)
        (root / "src" / name).mkdir(parents=True)
        (root / "src" / name / "Makefile").write_text("all:\n", encoding="utf-8")
    (root / "components.yaml").write_text(text, encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "first")
    return Project(root / "components.yaml", Settings(Folders(tmp_path, tmp_path, tmp_path)))


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    return change


CHANGES = [
    pytest.param(write("README.md", "more"), [], id="nothing that is built"),
    pytest.param(
        edit("components.yaml", "components:\n", "# a comment\ncomponents:\n"), [], id="a comment"
    ),
    pytest.param(edit("src/base/Makefile", "all", "all install"), ALL[:1], id="with its users"),
    pytest.param(
        edit("src/user/Makefile", "all", "all install"),
        [Job("debian-12", ("user",))],
        id="not what it needs",
    ),
    pytest.param(edit("src/other/Makefile", "all", "all install"), ALL[1:], id="its own group"),
    pytest.param(write("debian/other/README.Debian", "read"), ALL[1:], id="a file of its recipe"),
    pytest.param(
        edit("components.yaml", "license: MIT\n    copyright", "license: ISC\n    copyright"),
        ALL[:1],
        id="a fact",
    ),
]


def distro(project: Project) -> Distro:
    return project.distros.get("debian-12")


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_jobs(project: Project, change: Callable[[Path], None], expected: list[Job]) -> None:
    change(project.root)
    with project_at(project, "HEAD") as before:
        assert jobs_for(project, [distro(project)], before) == expected


def test_everything(project: Project) -> None:
    assert jobs_for(project, [distro(project)], None) == ALL
    with project_at(project, "0" * 40) as before:
        assert before is None


def test_what_was_wrong_before_counts_as_new(project: Project) -> None:
    edit("components.yaml", "product:", "prodact:")(project.root)
    git(project.root, "commit", "--quiet", "--all", "--message", "wrong")
    edit("components.yaml", "prodact:", "product:")(project.root)
    with project_at(project, "HEAD") as before:
        assert jobs_for(project, [distro(project)], before) == ALL


@pytest.mark.parametrize("revision", ["nothing", "--output=x"])
def test_no_revision(project: Project, revision: str) -> None:
    with pytest.raises(InputError, match="revision"), project_at(project, revision):
        pass


def test_pipelines_use_the_command_as_it_is() -> None:
    github = yaml.safe_load(pipeline("github"))["jobs"]
    calls = [step["run"] for job in github.values() for step in job["steps"] if "run" in step]
    calls += yaml.safe_load(pipeline("gitlab"))["jobs"]["script"]
    matrix = [call.split() for call in calls if "xsbuild matrix" in call]
    assert [words[: words.index("--changed-since")] for words in matrix] == [
        [".venv/bin/xsbuild", "matrix", "--format", form] for form in ("github", "gitlab")
    ]
    assert {"--format", "--changed-since"} <= {
        option for parameter in command.params for option in parameter.opts
    }


def test_jobs_of_a_change() -> None:
    name, _, value = github_jobs(ALL).rstrip("\n").partition("=")
    assert name == "jobs"
    assert json.loads(value)[0] == {"distro": "debian-12", "components": "base user"}
    pipeline = yaml.safe_load(gitlab_jobs(ALL))
    build = pipeline["debian-12: base user"]
    assert build["script"][-1] == ".venv/bin/xsbuild build --distro debian-12 base user"
    assert build["cache"]["key"] == "xsbuild-debian-12"
    assert github_jobs([]) == "jobs=[]\n"
    assert "nothing" in yaml.safe_load(gitlab_jobs([]))
