# SPDX-License-Identifier: Apache-2.0
"""A short run of the fuzzer, and all inputs that once broke a rule."""

import subprocess
import sys
from pathlib import Path

import pytest

from xsbuild.host.process import is_program

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not is_program("bwrap"), reason="no bwrap on this machine")


def fuzz(*options: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_input_breaks_a_rule_again() -> None:
    fuzz("--replay")


def test_no_random_input_breaks_a_rule() -> None:
    fuzz("--count", "400", "--seconds", "12")


@pytest.mark.slow
def test_none_of_many_random_inputs_breaks_a_rule() -> None:
    fuzz("--count", "20000", "--seed", "long")
