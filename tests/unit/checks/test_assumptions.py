# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from capabilities.conftest import DATA, distro
from capabilities.test_lock import lock
from xsbuild.checks.assumptions import (
    check_assumptions,
    check_manifest_assumptions,
    check_recipe_assumptions,
    version_words,
)
from xsbuild.manifest.model import Manifest
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings
from xsbuild.shipped import shipped
from xsbuild.yamlfile import load

WORDS = version_words([distro("debian-13"), distro("debian-14"), distro("rocky-10")])


def manifest(folder: Path, build: str) -> Manifest:
    text = (DATA / "components.yaml").read_text(encoding="utf-8")
    old = "requires: [pkgconfig(xencontrol), header(d.h)]"
    assert old in text
    (folder / "components.yaml").write_text(text.replace(old, build), encoding="utf-8")
    return load(folder / "components.yaml", Manifest)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("requires: [pkgconfig(xencontrol)]", []),
        ("options: [--with-stable, --codename=testing]", []),
        (
            "options: [--codename=trixie]",
            ["build.options[0]: trixie is one version of a distro"],
        ),
        (
            "environment: {DIST: deb13}",
            ["build.environment.DIST: deb13 is one version of a distro"],
        ),
        ("options: [--dist=.el10]", ["build.options[0]: el10 is one version of a distro"]),
        (
            'requires: ["package(deb: xen-utils-4.17, rpm: xen)"]',
            ["build.requires[0]: xen-utils-4.17 has the version of debian-12's in its name"],
        ),
        (
            "requires: [file(/usr/lib/python3.11/os.py)]",
            ["build.requires[0]: /usr/lib/python3.11/os.py has the version of debian-12's "
             "in its name"],
        ),
    ],
)  # fmt: skip
def test_manifest(tmp_path: Path, build: str, expected: list[str]) -> None:
    known = lock(
        {
            "package(deb: xen-utils-4.17, rpm: xen)": ("xen-utils-4.17", "4.17.7-1"),
            "file(/usr/lib/python3.11/os.py)": ("libpython3-stdlib", "3.11.2-1"),
            "pkgconfig(xencontrol)": ("libxen-dev", "4.17.7-1"),
        }
    )
    found = check_manifest_assumptions(manifest(tmp_path, build), WORDS, [known])
    assert [finding.text for finding in found] == expected


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Depends: {{ package.depends | join(', ') }}", None),
        ("{# trixie's debhelper warns of it #}", None),
        ("# bookworm", None),
        ("debhelper-compat (= 13)", None),
        ("License: GPL-2.0-only", None),
        ("/usr/share/common-licenses/GPL-2", None),
        ("%if 0%{?rhel} >= 10", "asks which distro it is"),
        ("{% if distro.name == 'x' %}", "asks which distro it is"),
        ("echo trixie", "trixie is one version of a distro"),
        ("Release: 1.el10", "el10 is one version of a distro"),
        ("Depends: xen-hypervisor-4.17-amd64", "xen-hypervisor-4.17-amd64 has a version"),
        ("/usr/bin/env python3.11", "python3.11 has a version in its name"),
    ],
)
def test_recipes(tmp_path: Path, line: str, wrong: str | None) -> None:
    file = tmp_path / "demo/control.j2"
    file.parent.mkdir()
    file.write_text(f"Source: demo\n{line}\n", encoding="utf-8")
    texts = [finding.text for finding in check_recipe_assumptions([tmp_path], WORDS)]
    assert len(texts) == (wrong is not None)
    for text in texts:
        assert text.startswith(f"{file}:2: ")
        assert wrong is not None
        assert wrong in text


def test_this_project_assumes_nothing(tmp_path: Path) -> None:
    settings = Settings(Folders(tmp_path, tmp_path, tmp_path))
    project = Project(shipped("distros").parent / "components.yaml", settings)
    assert list(check_assumptions(project)) == []
