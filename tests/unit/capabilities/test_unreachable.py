# SPDX-License-Identifier: Apache-2.0
"""Repositories that cannot be reached: one line says which distro, why, and what to do."""

from pathlib import Path

import pytest

from capabilities.conftest import distro
from xsbuild.capabilities.fetch_index import open_index
from xsbuild.errors import XsbuildError
from xsbuild.host.process import is_program
from xsbuild.settings import Folders, Settings


@pytest.mark.skipif(not is_program("dnf"), reason="no dnf on this machine")
@pytest.mark.parametrize("name", ["centos-stream-10", "opensuse-leap-15.6"])
def test_the_error_is_about_the_distro(tmp_path: Path, name: str) -> None:
    nowhere = {"https://": f"file://{tmp_path}/nowhere/"}
    settings = Settings(Folders(tmp_path, tmp_path, tmp_path), rewrite=nowhere)
    target = distro(name)
    with (
        pytest.raises(XsbuildError) as caught,
        open_index(target, settings, lambda _: None),
    ):
        pass
    [line] = str(caught.value).splitlines()
    start, _, reason = line.partition(" cannot be fetched: ")
    assert start == f"{target.title}: the indexes of its archives"
    assert reason
    assert caught.value.code == "XSB-DISTRO-MIRRORS"
    assert caught.value.hint
