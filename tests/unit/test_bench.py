# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the benchmark, and who takes part in it."""

import pytest
from bench.contestants import Contestant
from bench.measure import Spread, excess, lower_bound, ratios, spread
from bench.rounds import measure

from xsbuild.host.process import CommandFailedError


def test_a_median_is_given_with_its_range() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert str(spread([1.0, 2.0])) == "1.50 (1.00-2.00)"


def test_only_what_one_round_measured_is_compared() -> None:
    # the machine was twice as slow in the second round, and the third had no reference
    assert ratios([4.0, 8.0, 99.0], [2.0, 4.0]) == Spread(2.0, 2.0, 2.0)
    assert excess([4.0, 4.5], [2.0, 2.5]) == Spread(2.0, 2.0, 2.0)
    assert excess([6.0, 6.5, 99.0], [2.0, 2.5, 9.0], [1.0, 1.0]) == Spread(3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("ours", "bare"),
    [
        ([17.0, 9.5], [12.7, 26.1]),  # the machine was busy in one round
        ([4.0, 8.0], [2.0, 4.0]),
        ([4.0], [2.0]),
    ],
)
def test_a_difference_within_the_noise_is_no_result(ours: list[float], bare: list[float]) -> None:
    assert excess(ours, bare) is None


NEEDS = {"a": frozenset[str](), "b": frozenset({"a"}), "c": frozenset({"a"}), "d": frozenset("bc")}


@pytest.mark.parametrize(
    ("seconds", "cores", "bound"),
    [
        ({"a": 1, "b": 2, "c": 5, "d": 1}, 2, 7),  # a, c, d
        ({"a": 1, "b": 5, "c": 5, "d": 1}, 1, 12),  # all of it
        ({"a": 1, "b": 5, "c": 5, "d": 1}, 2, 7),  # as long as a chain
        ({}, 2, 0),
    ],
)
def test_no_schedule_beats_the_longest_chain_or_all_work_on_all_cores(
    seconds: dict[str, float], cores: int, bound: float
) -> None:
    assert lower_bound(seconds, NEEDS, cores) == bound


def test_what_fails_is_left_out_with_its_reason() -> None:
    output = "[  334s] E: Couldn't find these debs: x\n[  334s] Failed to set up\n[  334s]\n"

    def fail() -> float:
        raise CommandFailedError(["obs-build"], 1, output)

    measured = measure("w", [Contestant("a", lambda: 1.0), Contestant("b", fail)], rounds=2)
    assert measured.seconds == {"a": [1.0, 1.0]}
    assert measured.missing == {"b": "E: Couldn't find these debs: x"}
