# SPDX-License-Identifier: Apache-2.0
"""What is no plain file of the project is refused in a sentence, wherever the project reads one."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from xsbuild.cli.main import run

VALID = Path(__file__).with_name("invalid") / "valid"
SECRET = "TOP SECRET: x\n"


def _outside(file: Path) -> None:
    secret = file.parents[len(file.relative_to(Path.cwd()).parts)] / "secret"
    secret.write_text(SECRET)
    file.symlink_to(secret)


def _through_folder(file: Path) -> None:
    outside = Path.cwd().with_name("outside")
    outside.mkdir()
    (outside / file.name).write_text(SECRET)
    if file.parent == Path.cwd():
        file.symlink_to(outside / file.name)
    else:
        shutil.rmtree(file.parent)
        file.parent.symlink_to(outside)


def _too_large(file: Path) -> None:
    file.touch()
    os.truncate(file, 1 << 40)


KINDS: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "device": lambda file: file.symlink_to("/dev/zero"),
    "loop": lambda file: file.symlink_to(file.name),
    "link to nothing": lambda file: file.symlink_to("nowhere"),
    "link out": _outside,
    "folder that is a link out": _through_folder,
    "too large": _too_large,
    "not UTF-8": lambda file: file.write_bytes(b"a: \xff\xfe"),
}
PLACES = (
    "components.yaml",
    "locks/debian-13.yaml",
    "patches/greet/polite.patch",
    "debian/greet/rules.j2",
    "debian/greet/NEWS",
    "debian/_base/licenses/MIT",
    "systems/make/system.yaml",
)
# Copied byte for byte; a patch may have any encoding, and a folder below debian/ is one of it.
ACCEPTED = {
    ("debian/greet/NEWS", "not UTF-8"), ("debian/greet/NEWS", "folder"),
    ("patches/greet/polite.patch", "not UTF-8"), ("debian/_base/licenses/MIT", "folder"),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(VALID, folder)
    manifest = folder / "components.yaml"
    manifest.write_text(manifest.read_text().replace("license: Apache-2.0", "license: MIT"))
    for variable in ("HOME", "XSBUILD_CACHE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
def test_no_reader_takes_anything_but_a_file_of_the_project(
    project: Path, capsys: pytest.CaptureFixture[str], place: str, kind: str
) -> None:
    file = project / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    KINDS[kind](file)
    status = run(["render", "--distro", "debian-13", "--output", "out", "greet"])
    error = capsys.readouterr().err
    if (place, kind) not in ACCEPTED:
        assert status == 2, error
        assert error.count("error:") == 1
    assert "SECRET" not in error
    rendered = (path for path in Path("out").rglob("*") if path.is_file())
    assert not [path for path in rendered if b"SECRET" in path.read_bytes()]


@pytest.mark.parametrize(
    "content",
    [
        "root:$6$SECRET:19000:0:99999:7:::\n",
        "[section]\nSECRET = x\n",
        "-----BEGIN SECRET KEY-----\nSECRET\n-----END SECRET KEY-----\n",
        "{SECRET",
        "!SECRET x\n",
    ],
)
def test_a_distro_behind_a_link_is_not_quoted(
    project: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    secret = project.with_name("secret")
    secret.write_text(content)
    (project / "distros").mkdir()
    (project / "distros/other.yaml").symlink_to(secret)
    status = run(["plan", "--distro", "other"])
    error = capsys.readouterr().err
    assert status == 2
    assert "link out of the project" in error
    assert "SECRET" not in error


def test_distros_may_be_links(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "distros").symlink_to(Path(__file__).parents[2] / "distros")
    assert run(["render", "--distro", "debian-13", "--output", "out", "greet"]) == 0
    assert capsys.readouterr().err == ""
