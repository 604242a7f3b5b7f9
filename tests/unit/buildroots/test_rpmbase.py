# SPDX-License-Identifier: Apache-2.0
"""The state of yum repositories, by the mirror that answers."""

from hashlib import sha256
from pathlib import Path

import pytest

from xsbuild.buildroots.base_chroots import Variant
from xsbuild.buildroots.rpmbase import RpmBaseBuilder
from xsbuild.distros.model import Distro, Family, Rpm, YumRepository
from xsbuild.errors import SourceError
from xsbuild.settings import Folders, Settings


def release(folder: Path, *mirrors: str) -> str:
    repository = YumRepository(
        name="main",
        baseurl=tuple((folder / name).as_uri() for name in mirrors),
        keys=(folder.as_uri(),),
    )
    distro = Distro(
        name="test-1",
        title="Test 1",
        family=Family.RPM,
        version_suffix=".t1",
        architectures={"x86_64": "x86_64", "aarch64": "aarch64"},
        rpm=Rpm(buildroot=("rpm-build",), repositories=(repository,)),
    )
    settings = Settings(Folders(folder / "cache", folder / "data", folder / "config"))
    return RpmBaseBuilder(distro, Variant.BUILD, settings).release(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good/repodata").mkdir(parents=True)
    (tmp_path / "good/repodata/repomd.xml").write_text("<repomd/>")
    return tmp_path


@pytest.mark.parametrize(
    "mirrors", [("good",), ("gone", "good"), ("good", "gone"), ("a", "b", "good")]
)
def test_a_mirror_that_answers_is_enough(folder: Path, mirrors: tuple[str, ...]) -> None:
    assert release(folder, *mirrors) == f"{sha256(b'<repomd/>').hexdigest()}  main\n"


def test_no_mirror_that_answers_is_an_error(folder: Path) -> None:
    with pytest.raises(SourceError, match="b/repodata"):
        release(folder, "a", "b")
