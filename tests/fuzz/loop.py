# SPDX-License-Identifier: Apache-2.0
"""Fuzz xsbuild: ``python -m tests.fuzz --count 20000 --seed 1``.

Changes files of a small project at random, runs commands on them, and prints each input that
breaks a rule of `sandbox`, as small as it can be made. The same seed makes the same inputs.
"""

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz import box, sandbox
from tests.fuzz.case import Case, dump, load, make_case, minimised, run

REGRESSIONS = Path(__file__).with_name("regressions")
_SECONDS_TO_MINIMISE = 60
_SHOWN_LINES = 40


def main() -> int:
    """Run the command line; 1 if an input broke a rule."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="number of inputs")
    parser.add_argument("--seed", default="1", help="which inputs")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seconds", type=float, help="run no more inputs after this time")
    parser.add_argument("--replay", nargs="*", type=Path, help="run kept inputs; default: all")
    options = parser.parse_args()
    started = time.monotonic()
    cases = _kept(options.replay) if options.replay is not None else _made(options)
    total, found = 0, Counter[str]()
    for label, case in cases:
        total += 1
        found.update(_report(label, case, known=set(found)))
        if options.seconds and time.monotonic() - started > options.seconds:
            break
    seconds = time.monotonic() - started
    _print(f"{total} inputs in {seconds:.0f} s, {found.total()} broke a rule")
    for finding, count in found.most_common():
        _print(f"{count:6} {finding}")
    return int(bool(found))


def _kept(files: list[Path]) -> Iterator[tuple[str, Case]]:
    _prepare()
    for file in files or sorted(REGRESSIONS.glob("*.yaml")):
        yield file.stem, load(file)


def _made(options: argparse.Namespace) -> Iterator[tuple[str, Case]]:
    targets = _prepare()
    for number in range(options.first, options.first + options.count):
        label = f"{options.seed}:{number}"
        yield label, make_case(label, targets)


def _prepare() -> list[list[str]]:
    """Make the box, import everything, and return the files that can be changed."""
    sys.dont_write_bytecode = True
    box.make_box()
    sandbox.warm_up()
    gc.freeze()
    return box.targets()


def _report(label: str, case: Case, known: set[str]) -> tuple[str, ...]:
    found = run(case).findings
    if not known.issuperset(found):
        until = time.monotonic() + _SECONDS_TO_MINIMISE

        def fails(other: Case) -> bool:
            return time.monotonic() < until and set(run(other).findings) >= set(found)

        small = minimised(case, fails)
        output = run(small).output.splitlines()[-_SHOWN_LINES:]
        _print("\n".join([f"# {label}: {'; '.join(found)}", *(f"#   {line}" for line in output)]))
        _print(dump(small))
    return found


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
