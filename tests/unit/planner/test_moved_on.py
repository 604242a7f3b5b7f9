# SPDX-License-Identifier: Apache-2.0
"""A build says when the archive is newer than the lock it goes by."""

from hashlib import sha256
from pathlib import Path

import pytest

from fakebuilds import DISTRO, make_shop
from xsbuild.planner.plan import moved_on
from xsbuild.planner.target import target_for


@pytest.mark.parametrize("same", [True, False])
def test_it_is_said_only_where_the_archive_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    digests = ["a" * 64, "b" * 64]
    release = f"{digests[1]}  updates_InRelease\n{digests[0]}  main_InRelease\n"
    (shop.base / "release.txt").write_text(release)
    if same:
        lock = shop.root / f"locks/{DISTRO}.yaml"
        now = sha256("".join(digests).encode()).hexdigest()
        lock.write_text(lock.read_text().replace("0" * 64, now))
    project = shop.project
    text = moved_on(target_for(project, project.distros.get(DISTRO)))
    assert (text is None) == same
    if text is not None:
        assert f"xsbuild lock --distro {DISTRO}" in text
