# SPDX-License-Identifier: Apache-2.0
"""The checks of `xsbuild doctor`, of what a machine says."""

from pathlib import Path

import pytest

from xsbuild.checks.machine import (
    check_machine,
    clock,
    disk_space,
    mirror,
    overlayfs,
    subordinate_ids,
    user_namespaces,
)
from xsbuild.settings import Folders, Settings

CLONE = "/proc/sys/kernel/unprivileged_userns_clone"


@pytest.mark.parametrize(("free", "good"), [(9 * 10**9, False), (10 * 10**9, True)])
def test_disk_space(free: int, *, good: bool) -> None:
    check = disk_space(Path("/cache"), free)
    assert (check.good, bool(check.hint)) == (good, not good)
    assert "/cache" in check.result


@pytest.mark.parametrize(
    ("text", "good"), [("nodev\tproc\nnodev\toverlay\n", True), ("nodev\tproc\n\text4\n", False)]
)
def test_overlayfs(text: str, *, good: bool) -> None:
    assert overlayfs(text).good == good


@pytest.mark.parametrize(
    ("values", "root", "good"),
    [({CLONE: "0"}, False, False), ({CLONE: "0"}, True, True), ({CLONE: "1"}, False, True)],
)
def test_user_namespaces(values: dict[str, str], *, root: bool, good: bool) -> None:
    check = user_namespaces(values, root=root)
    assert check.good == good
    assert ("kernel.unprivileged_userns_clone" in check.hint) == (not good)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("ann:100000:65536", True),
        ("1000:100000:65536", True),
        ("ann:100000:1000", False),
        ("bob:100000:65536", False),
        ("ann:100000\nann:1:many", False),
        ("", False),
    ],
)
def test_subordinate_ids(text: str, *, good: bool) -> None:
    check = subordinate_ids("/etc/subuid", text, ("ann", "1000"), root=False)
    assert check.good == good
    assert ("usermod --add-subuids" in check.hint) == (not good)


@pytest.mark.parametrize(
    ("now", "dates", "good"),
    [
        (5000, [], True),
        (5000, [4990.0], True),
        (5000, [4000.0], False),
        (5000, [9000.0, 5001.0], True),  # one wrong server is not our clock
    ],
)
def test_clock(now: float, dates: list[float], *, good: bool) -> None:
    assert clock(now, dates).good == good


def test_a_mirror_that_does_not_answer_has_a_hint() -> None:
    assert "`archives`" in mirror("http://x.invalid/", None).hint
    assert not mirror("http://x.invalid/", 0).hint


def test_this_machine(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "not/yet", tmp_path, tmp_path)
    names = [check.name for check in check_machine(Settings(folders, offline=True))]
    assert names == ["disk space", "overlayfs", "user namespaces", "subuid", "subgid", "clock"]
