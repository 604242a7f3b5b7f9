# SPDX-License-Identifier: Apache-2.0
"""The lock files in requirements/ go with the ranges in pyproject.toml."""

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from person import PROGRAMS
from rendered import ROOT

# Each within the next: what xsbuild runs and is built with, what develops it, what measures it.
FILES = ("run", "dev", "bench")
_PIN = re.compile(r"^(\S+)==([^\s;]+)(?: ; .+)? \\\n((?: +--hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def pins(name: str) -> dict[tuple[str, str], frozenset[str]]:
    """The hashes in one lock file, by package and version."""
    text = (ROOT / f"requirements/{name}.txt").read_text()
    found = {
        (package, version): frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", hashes))
        for package, version, hashes in _PIN.findall(text)
    }
    assert len(found) == len(re.findall(r"^\w", text, re.MULTILINE)), "a line that is not a pin"
    return found


def ranges(name: str) -> list[str]:
    """The ranges in pyproject.toml that a lock file answers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    run = [
        *project["build-system"]["requires"], *project["project"]["dependencies"], *extras["build"]
    ]  # fmt: skip
    dev = [*run, *extras["dev"]]
    return {"run": run, "dev": dev, "bench": [*dev, *extras["bench"]]}[name]


@pytest.mark.parametrize("name", FILES)
def test_lock_answers_every_range(name: str) -> None:
    locked = pins(name)
    for text in ranges(name):
        wanted = Requirement(text)
        versions = [
            version for package, version in locked if package == canonicalize_name(wanted.name)
        ]
        assert versions, f"{text} is not in requirements/{name}.txt: run `make lock-dependencies`"
        assert all(map(wanted.specifier.contains, versions)), f"{text}: {versions}"


def test_every_pin_has_hashes() -> None:
    assert all(pins("bench").values())


@pytest.mark.parametrize(("smaller", "larger"), [("run", "dev"), ("dev", "bench")])
def test_lock_files_agree(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_wheel_is_built_with_locked_tools(tmp_path: Path) -> None:
    command = [str(PROGRAMS / "pip"), "wheel", "--quiet", "--quiet", "--no-index", "--no-deps"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)], check=True
    )
    (wheel,) = tmp_path.iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    shipped = ("distros/debian-13.yaml", ".github/workflows/packages.yml", ".gitlab/packages.yml")
    assert {"xsbuild/cli/main.py", *(f"xsbuild/_shipped/{name}" for name in shipped)} <= set(names)
