# SPDX-License-Identifier: Apache-2.0
"""A meta-package is the same bytes wherever it is made, and says what it needs."""

import datetime
import hashlib
import subprocess
from pathlib import Path

import pytest
from debian.debfile import DebFile

from xsbuild.errors import RecipeError
from xsbuild.manifest.model import MetaPackage, Product
from xsbuild.manifest.requirement import Capability
from xsbuild.recipes.meta import build_meta_deb

PRODUCT = Product(
    name="core",
    title="Core",
    homepage="https://example.org",
    license="MIT",
    maintainer="A <a@example.org>",
    version="1.2",
    date=datetime.date(2026, 1, 2),
)
META = MetaPackage.model_validate(
    {
        "summary": "All that a host needs",
        "description": "First paragraph.\n\nSecond one.",
        "requires": ("kernel(dom0)", "tool >= 3", "bin(xl)"),
        "recommends": ("bin(jq)",),
    }
)
NAMES = {
    Capability("kernel", "dom0"): ("linux-image-amd64", "linux-image-generic"),
    Capability("bin", "xl"): ("xen-utils-common",),
    Capability("bin", "jq"): ("jq",),
}


def test_the_control_file(tmp_path: Path) -> None:
    deb = build_meta_deb("core-all", META, PRODUCT, NAMES, tmp_path)
    control = DebFile(str(deb)).debcontrol()
    assert control["Version"] == "1.2"  # of no distro
    assert control["Architecture"] == "all"
    assert control["Depends"] == (
        "linux-image-amd64 | linux-image-generic, tool (>= 3), xen-utils-common"
    )
    assert control["Recommends"] == "jq"
    assert control["Description"] == "All that a host needs\n First paragraph.\n .\n Second one."


def test_the_same_bytes_whatever_the_time_and_place(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a", "b/c"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        deb = build_meta_deb("core-all", META, PRODUCT, NAMES, folder)
        hashes.add(hashlib.sha256(deb.read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_lintian_finds_no_error(tmp_path: Path) -> None:
    deb = build_meta_deb("core-all", META, PRODUCT, NAMES, tmp_path)
    command = ["lintian", "--fail-on", "error", "--suppress-tags", "no-changelog", str(deb)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_requirement_without_a_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"kernel\(dom0\)"):
        build_meta_deb("core-all", META, PRODUCT, {}, tmp_path)
