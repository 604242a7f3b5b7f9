# SPDX-License-Identifier: Apache-2.0
"""`xsbuild render` for an RPM distro of which nothing is locked; rpm reads what it writes."""

import shutil
from pathlib import Path

import pytest

from cli.test_main import xsbuild
from xsbuild.host import process


@pytest.mark.skipif(not shutil.which("rpmspec"), reason="no rpmspec: `apt-get install rpm`")
def test_rpm_reads_the_spec_of_every_component(tmp_path: Path) -> None:
    done = xsbuild("render", "-d", "centos-stream-10", "--all", "-o", str(tmp_path))
    assert done.returncode == 1
    assert "  sm: python3(bitarray): not locked" in done.stderr
    assert "header(" not in done.stderr
    specs = list(tmp_path.glob("*/*.spec"))
    assert len(specs) == len(list(tmp_path.iterdir()))
    for spec in specs:
        read = process.run(["rpmspec", "--parse", "--define", f"_sourcedir {spec.parent}", spec])
        assert f"Name:           {spec.stem}\n" in read.output
