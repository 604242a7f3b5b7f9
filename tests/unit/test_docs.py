# SPDX-License-Identifier: Apache-2.0
"""What the documentation tells people to type works as it stands there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from person import XSBUILD
from rendered import ROOT, copy_product

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Of these a plan or a file is the result; the others fetch, build or wait for a person.
_QUICK = {"plan", "why", "graph", "check", "distros", "doctor", "providers"}
_COMMAND = re.compile(r"^(?:    |\$ )(xsbuild .*?)(?:  +#.*)?$", re.MULTILINE)


def commands(page: Path) -> list[str]:
    return [match for match in _COMMAND.findall(page.read_text()) if "…" not in match]


ALL = [(page.name, line) for page in PAGES for line in commands(page)]


TEXTS = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *PAGES]
TEXTS += sorted((ROOT / "docs/decisions").glob("*.md"))


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_every_make_target_and_link_is_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z.-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`| {4})make ([^`\n]+)", text)
    assert {word for words in named for word in words.split()} <= targets
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_place_in_the_architecture_is_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    places = set(re.findall(r"`([a-z_/]+/[a-z_]*(?:\.[a-z]+)?)`", text))
    places |= {
        folder + file
        for folder, file in re.findall(r"^\| `(\w+/)` .*\| `(\w+\.py)` \|$", text, re.M)
    }
    roots = (ROOT, ROOT / "src/xsbuild")
    assert [name for name in sorted(places) if not any((r / name).exists() for r in roots)] == []


def run(line: str, project: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(line)
    return subprocess.run(
        [str(XSBUILD), *words[1:]], cwd=project, capture_output=True, text=True, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the product that a reader may change."""
    return copy_product(tmp_path)


@pytest.mark.parametrize(("page", "line"), ALL)
def test_every_option_that_is_shown_exists(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    command = next((word for word in words if not word.startswith("-")), None)
    if command is None:
        return
    shown = run(f"xsbuild {command} --help", ROOT)
    assert shown.returncode == 0, f"{page}: no command {command}"
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.stdout, f"{page}: {command} has no {option}"


@pytest.mark.parametrize(
    ("page", "line"),
    [item for item in ALL if item[0] == "README.md" and item[1].split()[1] in _QUICK],
)
def test_what_builds_nothing_runs(page: str, line: str, project: Path) -> None:
    done = run(line, project)
    assert done.returncode == 0, f"{page}: {line}\n{done.stdout}{done.stderr}"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.chroot
@pytest.mark.live
def test_adding_a_component_by_its_page(project: Path) -> None:
    page = ROOT / "docs/adding-a-component.md"
    manifest = project / "components.yaml"
    text = manifest.read_text()
    described = blocks(page, "yaml")[0]
    manifest.write_text(text.replace("\ncomponents:\n", f"\ncomponents:\n{described}\n", 1))
    follow(page, project)
    assert list((project / "dist/debian-13/pool").rglob("python3-fasteners_*.deb"))


@pytest.mark.chroot
@pytest.mark.live
def test_adding_a_distro_by_its_page(project: Path) -> None:
    page = ROOT / "docs/adding-a-distro.md"
    (project / "distros").mkdir()
    (project / "distros/debian-13-backports.yaml").write_text(blocks(page, "yaml")[0])
    follow(page, project)
    assert list((project / "dist/debian-13-backports/pool").rglob("python3-xenapi_*bpo_*.deb"))


def follow(page: Path, project: Path) -> None:
    """Types what a page says, in its order."""
    for line in commands(page):
        done = run(line, project)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
