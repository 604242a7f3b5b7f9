# SPDX-License-Identifier: Apache-2.0
"""A meta-package for every RPM distro is the same bytes wherever it is made."""

import hashlib
from pathlib import Path

import pytest

from greetings import greetings
from xsbuild.errors import RecipeError
from xsbuild.host import process
from xsbuild.manifest.requirement import parse_capability
from xsbuild.recipes.meta_rpm import build_meta_rpm

NAMES = {
    parse_capability("kernel(dom0)"): ("kernel", "kernel-default"),
    parse_capability("bin(stunnel)"): ("stunnel",),
}


def build(folder: Path) -> Path:
    folder.mkdir(parents=True)
    manifest = greetings()
    meta = manifest.meta_packages["greeting"]
    return build_meta_rpm("greeting", meta, manifest.product, NAMES, folder)


def query(package: Path, what: str) -> list[str]:
    return process.run(["rpm", "--query", "--package", what, package]).output.splitlines()


def test_what_it_says(tmp_path: Path) -> None:
    package = build(tmp_path / "a")
    assert package.name == "greeting-1.2-1.noarch.rpm"
    required = [text for text in query(package, "--requires") if not text.startswith("rpmlib(")]
    assert required == ["(kernel or kernel-default)", "greetd", "stunnel >= 5.55"]
    assert query(package, "--recommends") == ["greetctl"]
    assert query(package, "--list") == ["(contains no files)"]


def test_the_same_bytes_whatever_the_place(tmp_path: Path) -> None:
    packages = [build(tmp_path / name) for name in ("a", "b/c")]
    assert len({hashlib.sha256(package.read_bytes()).hexdigest() for package in packages}) == 1


def test_a_requirement_without_a_name_is_an_error(tmp_path: Path) -> None:
    manifest = greetings()
    with pytest.raises(RecipeError, match=r"kernel\(dom0\)"):
        build_meta_rpm(
            "greeting", manifest.meta_packages["greeting"], manifest.product, {}, tmp_path
        )
