# SPDX-License-Identifier: Apache-2.0
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from xsbuild.errors import InputError
from xsbuild.plainfile import inside, read_bytes, read_text


def _loop(file: Path) -> None:
    file.symlink_to(file)


def _outside(file: Path) -> None:
    file.symlink_to("/etc/passwd")


def _outside_by_folder(file: Path) -> None:
    (file.parent / "etc").symlink_to("/etc")
    file.symlink_to("etc/passwd")


def _large(file: Path) -> None:
    file.touch()
    os.truncate(file, 1 << 40)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Path.mkdir, "it is a folder"),
        (os.mkfifo, "not a plain file"),
        (lambda file: file.symlink_to("/dev/zero"), "not a plain file"),
        (_loop, "cannot read"),
        (_outside, "a link out of"),
        (_outside_by_folder, "a link out of"),
        (_large, "larger than"),
        (lambda file: file.write_bytes(b"a\xff"), "not UTF-8"),
        (Path.exists, "cannot read"),
    ],
)
def test_only_plain_files_of_the_project_are_read(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    file = tmp_path / "file"
    make(file)
    with pytest.raises(InputError, match=message):
        read_text(file, within=tmp_path)


def test_a_link_within_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    (tmp_path / "b").symlink_to("a")
    assert read_bytes(tmp_path / "b", within=tmp_path) == b"text"


def test_a_folder_outside_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("/etc")
    with pytest.raises(InputError, match="a link out of"):
        inside(tmp_path / "data", tmp_path)
