# SPDX-License-Identifier: Apache-2.0
"""Files are replaced whole or not at all, and drafts go."""

from pathlib import Path

import pytest

from xsbuild.host.files import replacing, write_file


def test_a_reader_sees_the_old_content_until_the_block_ends(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_file(file, "old")
    with replacing(file) as draft:
        draft.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_an_exception_leaves_the_old_content_and_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_file(file, "old")

    def replace_half() -> None:
        with replacing(file) as draft:
            draft.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        replace_half()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_draft_of_a_killed_process_is_replaced_by_who_is_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with replacing(file, alone=True) as draft:
        left = draft
        draft.write_text("first")
    left.write_text("left by a killed process")
    with replacing(file, alone=True) as draft:
        assert not draft.exists()
        draft.write_text("second")
    assert file.read_text() == "second"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_switched(tmp_path: Path) -> None:
    link = tmp_path / "current"
    for target in ("1", "2"):
        with replacing(link, alone=True) as draft:
            draft.symlink_to(target)
        assert str(link.readlink()) == target
