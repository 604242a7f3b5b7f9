# SPDX-License-Identifier: Apache-2.0
"""What a source RPM is made from lies in one folder, under the names that the spec file has."""

import tarfile
from pathlib import Path

import pytest

from greetings import request_for
from xsbuild.recipes.rpm import render_rpm
from xsbuild.sourcepkgs.rpm import lay_out_srpm
from xsbuild.sources.model import Fetched


def test_every_file_has_its_name_and_time(tmp_path: Path) -> None:
    archive = tmp_path / "upstream.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("greetd-2.1/empty"))
    target = tmp_path / "target"
    target.mkdir()
    request = request_for("greetd", "centos-stream-10", folder="specs")
    lay_out_srpm(
        request,
        render_rpm(request),
        [Fetched(None, archive, archive.name, "0" * 64)],
        target,
        epoch=request.epoch,
        scratch=tmp_path,
        log=tmp_path / "log",
    )
    assert sorted(path.name for path in target.iterdir()) == [
        "greetd-2.1.tar.gz",
        "greetd-rpmlintrc",
        "greetd.preset",
        "greetd.spec",
        "greetd.sysusers",
    ]
    assert (target / "greetd-2.1.tar.gz").read_bytes() == archive.read_bytes()
    assert {path.stat().st_mtime for path in target.iterdir()} == {request.epoch}


def test_every_source_must_be_there(tmp_path: Path) -> None:
    request = request_for("greetd", "centos-stream-10", folder="specs")
    with pytest.raises(ValueError, match="argument 2 is longer"):
        lay_out_srpm(request, {}, [], tmp_path, epoch=0, scratch=tmp_path, log=tmp_path / "log")
