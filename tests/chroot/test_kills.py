# SPDX-License-Identifier: Apache-2.0
"""Killed at any moment, xsbuild goes on where it was, and leaves nothing that is in the way."""

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import Machine, check_a_plain_run, kill_a_build, machine

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.skipif(os.geteuid() != 0, reason="watches a whole machine: needs root"),
]
_BASE_SECONDS = 30.0
SEED = int(os.environ.get("XSBUILD_KILLS_SEED", time.time_ns() % 1_000_000))


def kill(there: Machine, kills: int, *, bases: bool = False) -> None:
    """Kills so often, now and then twice or thrice in a row, with a plain run after each time.

    Args:
        there: where.
        kills: how often.
        bases: at first, and now and then, a build has to make its base chroot, too.
    """
    chance = random.Random(SEED)
    began = time.monotonic()
    seconds, done, rounds = 20.0, 0, 0
    while done < kills:
        rounds += 1
        if rounds % 12 == 0:
            there.forget()
        again = chance.randint(1, 3)
        if bases and rounds % 30 == 1:
            there.forget_bases()
            seconds, again = seconds + _BASE_SECONDS, 6
        # what the others need only now and then, as all is built then
        there.write(there.components[0 if rounds % 4 == 0 else -1], f"{SEED} {rounds}\n")
        for _ in range(again):
            victim = kill_a_build(there, chance, seconds)
            done += bool(victim)
            seconds *= 1 if victim else 0.8  # it had ended before
            sys.stdout.write(f"{done}: {victim}\n")
        before = time.monotonic()
        check_a_plain_run(there)
        seconds = (seconds + time.monotonic() - before) / 2
        assert rounds < 2 * kills + 10
    spent = time.monotonic() - began
    sys.stdout.write(f"seed {SEED}: {done} kills, {spent / done:.1f} s each: {there.phases}\n")


@pytest.fixture
def there(tmp_path: Path, bases: Path) -> Iterator[Machine]:
    sys.stdout.write(f"XSBUILD_KILLS_SEED={SEED}\n")  # shown where it fails
    with machine(tmp_path, bases) as made:
        yield made


def test_a_few_kills(there: Machine) -> None:
    there.components = ("words",)
    kill(there, 5)


@pytest.mark.slow
def test_two_hundred_kills(there: Machine) -> None:
    kill(there, 200, bases=True)
