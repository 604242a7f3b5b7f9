# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import createrepo_c  # type: ignore[import-untyped]
import pytest

from xsbuild.distros import apt_output
from xsbuild.installtest import apt, dnf
from xsbuild.installtest.install_test import age_warnings

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("release", "time"),
    [
        ("Suite: x\nDate: Thu, 01 Jan 1970 00:01:40 UTC\n", 100),
        ("Date: Thu, 01 Jan 1970 01:01:40 +0100\n", 100),
        ("Date: yesterday\n", None),
        ("Suite: x\n", None),
    ],
)
def test_the_date_of_an_apt_repository(tmp_path: Path, release: str, time: int | None) -> None:
    (tmp_path / "dists/x").mkdir(parents=True)
    (tmp_path / "dists/x/Release").write_text(release)
    assert apt.published_at(tmp_path) == time


@pytest.mark.parametrize("times", [[], [5], [7, 9]])
def test_the_date_of_a_yum_repository(tmp_path: Path, times: list[int]) -> None:
    (tmp_path / "repodata").mkdir()
    index = createrepo_c.Repomd()
    for number, time in enumerate(times):
        record = createrepo_c.RepomdRecord(f"kind{number}", "")
        record.timestamp = time
        index.set_record(record)
    (tmp_path / "repodata/repomd.xml").write_text(index.xml_dump())
    assert dnf.published_at(tmp_path) == max(times, default=None)


@pytest.mark.parametrize(
    ("published", "now", "days"),
    [(0, 31 * DAY, 31), (0, 30 * DAY, None), (10, 5, None), (None, 99 * DAY, None)],
)
def test_an_old_repository_is_named(published: int | None, now: int, days: int | None) -> None:
    warnings = list(age_warnings(Path("/dist/x"), published, now, 30 * DAY))
    text = f"/dist/x was published {days} days ago (limit `repository-age`: 30 days)"
    assert warnings == ([text] if days else [])


def test_an_expired_release_file_is_a_refusal() -> None:
    line = "E: Release file for file:/r/dists/x/InRelease is expired (invalid since 3d 2h)."
    assert apt_output.refusals(f"Reading...\n{line}\n") == [line.removeprefix("E: ")]
