# SPDX-License-Identifier: Apache-2.0
"""Trees of rendered files are written the same way each time."""

import os
from pathlib import Path, PurePosixPath

from xsbuild.recipes.tree import File, digest, digests, write_tree

TREE = {
    PurePosixPath("rules"): File(b"#!/bin/sh\n", executable=True),
    PurePosixPath("source/format"): File(b"3.0 (quilt)\n"),
}


def test_modes_and_times_depend_on_nothing_else(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_tree(TREE, tmp_path / "debian", epoch=1_700_000_000)
    finally:
        os.umask(before)
    found = {
        str(path.relative_to(tmp_path)): (path.stat().st_mode & 0o777, path.stat().st_mtime)
        for path in tmp_path.rglob("*")
    }
    assert found["debian/rules"] == (0o755, 1_700_000_000)
    assert found["debian/source/format"] == (0o644, 1_700_000_000)
    assert found["debian"][0] == found["debian/source"][0] == 0o755


def test_a_digest_sees_names_contents_and_modes() -> None:
    path = PurePosixPath("rules")
    others = [
        {**TREE, path: File(b"#!/bin/sh\n")},
        {**TREE, path: File(b"#!/bin/bash\n", executable=True)},
        {PurePosixPath("rule"): TREE[path], PurePosixPath("source/format"): File(b"3.0 (quilt)\n")},
    ]
    assert len({digest(tree) for tree in (TREE, *others)}) == 4
    assert digest(dict(reversed(TREE.items()))) == digest(TREE)


def test_digests_are_by_path() -> None:
    assert list(digests(TREE)) == ["rules*", "source/format"]
