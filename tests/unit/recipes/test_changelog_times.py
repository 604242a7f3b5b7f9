# SPDX-License-Identifier: Apache-2.0
"""Times of changelog entries, newest first: they grow, and depend on nothing but the entries."""

import datetime

import pytest

from xsbuild.manifest.model import ChangelogEntry
from xsbuild.recipes.model import changelog_times

DAY = 86400


@pytest.mark.parametrize(
    ("days", "times"),
    [
        ([3, 1], [2 * DAY, 0]),
        ([1, 1], [1, 0]),
        ([2, 2, 2, 1], [DAY + 2, DAY + 1, DAY, 0]),
        ([1, 2], [DAY + 1, DAY]),
        ([4], [3 * DAY]),
    ],
)
def test_times(days: list[int], times: list[int]) -> None:
    entries = [
        ChangelogEntry(version="1-1", date=datetime.date(1970, 1, day), changes=("Change",))
        for day in days
    ]
    assert changelog_times(entries) == times
