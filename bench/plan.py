# SPDX-License-Identifier: Apache-2.0
"""Measures planning: ``.venv/bin/python bench/plan.py``.

Goals: a build with nothing to do takes 0.5 s on top of Python's own start; a manifest of 10,000
components is planned in 3 s and 500 MB; a schedule is within a tenth of the lower bound. It prints
the figures as JSON: what it is → what was found.
"""

import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/unit")]

# ruff: noqa: E402
from engine.test_queue import critical_path, like_a_distro, simulate, works_of
from fakebuilds import DISTRO, make_base, make_shop
from xsbuild.engine.queue import Machine

XSBUILD = ROOT / ".venv/bin/xsbuild"
COMPONENTS = 10_000
RUNS = 9
SCHEDULES = 100
MEGABYTE = 1024  # of ru_maxrss, which is in KiB
Figure = tuple[str, str]
_CLOCKS = {"wall": "by the clock", "cpu": "of the processor"}
# xsbuild with a builder that has no options in place of pbuilder.
_FAKED = """
from xsbuild.buildroots import deb
class FakeBuilder:
    options = dict
deb.builders = {"pbuilder": FakeBuilder}
from xsbuild.cli.main import main
main()
"""
_HEAD = """\
product:
  name: synthetic
  title: Synthetic
  homepage: https://example.org/
  license: MIT
  maintainer: A <a@example.org>
  version: "1"
  date: 2026-11-22
components:
"""
_COMPONENT = """\
  c{number}:
    summary: Component number {number}
    description: One of many.
    homepage: https://example.org/c{number}
    license: MIT
    copyright: ["2026 A"]
    version: "1.{number}"
    sources: [{{url: "https://example.org/c{number}-{{version}}.tar.gz", sha256: {digest}}}]
    build: {{system: make, requires: [{requires}]}}
    packages:
      c{number}:
        requires: [{requires}]
        files: ["{{bindir}}/c{number}", "{{libdir}}/libc{number}.so.*"]
    changelog: [{{version: 1.{number}-1, date: 2026-11-22, changes: [First package]}}]
"""


def synthetic(folder: Path, count: int) -> Path:
    """Writes a manifest of many small components: groups of a hundred, each with its libraries."""
    dice = random.Random(1)  # noqa: S311 - the same every time
    with (folder / "components.yaml").open("w") as stream:
        stream.write(_HEAD)
        for number in range(count):
            group = number - number % 100
            near = range(group, number)
            needs = dice.sample(near, min(len(near), dice.choice((0, 1, 1, 2, 3))))
            requires = ", ".join(f"c{need}" for need in needs)
            digest = f'"{number:064x}"'
            stream.write(_COMPONENT.format(number=number, requires=requires, digest=digest))
    return folder / "components.yaml"


@dataclass(frozen=True)
class Took:
    """What a command took: wall-clock and processor seconds, MiB."""

    wall: float
    cpu: float
    memory: float


def took(*command: str | Path) -> Took:
    """Runs a command that must succeed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, after.ru_maxrss / MEGABYTE)


def nothing_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Figure]:
    """A build with everything built, beside a Python that does nothing, in turns."""
    shop = make_shop(folder, monkeypatch)
    # as many inputs as the product has
    for name in ("debian", "specs", "systems", "files", "patches", "distros"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, shop.root / name)
    for _ in range(2):
        done = shop.build()
        assert done.exit_code == 0, done.output
    faked = (sys.executable, "-c", _FAKED)
    command = (*faked, "--manifest", shop.root / "components.yaml", "build", "-d", DISTRO)
    pairs = [(took(sys.executable, "-c", "pass"), took(*command)) for _ in range(RUNS)]
    for what in ("wall", "cpu"):
        bare = statistics.median(getattr(pair[0], what) for pair in pairs)
        build = statistics.median(getattr(pair[1], what) for pair in pairs)
        text = f"{build - bare:.3f} s above Python's {bare:.3f} s (goal 0.5)"
        yield f"nothing to do, {_CLOCKS[what]}", text
    help_ = statistics.median(took(XSBUILD, "--help").wall for _ in range(RUNS))
    yield "--help", f"{help_:.3f} s (goal 0.3)"


def many_components(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Figure]:
    """A plan of a big manifest, without and with a base chroot."""
    shop = make_shop(folder, monkeypatch)
    command = (XSBUILD, "--manifest", shop.root / "components.yaml", "plan", "-d", DISTRO)
    synthetic(shop.root, COMPONENTS)
    base = shop.base.parent
    base.rename(base.with_name("aside"))
    yield _many("no base chroot yet, so graph and order alone", took(*command))
    shutil.rmtree(base)
    base.with_name("aside").rename(base)
    make_base(shop, "2")
    yield _many("never built, so also recipes and keys of what needs nothing", took(*command))


def _many(what: str, plan: Took) -> Figure:
    text = f"{plan.wall:.2f} s, of processor {plan.cpu:.2f} s, {plan.memory:.0f} MiB"
    return f"plan of {COMPONENTS} components, {what}", f"{text} (goal 3 s, 500 MB)"


def schedules() -> Iterator[Figure]:
    """Simulated builds of made-up distros: how much longer than the lower bound they take."""
    for threads in (2, 4, 8, 16):
        ratios = []
        for seed in range(SCHEDULES):
            needs, seconds = like_a_distro(seed, 100)
            run = simulate(works_of(needs, seconds), seconds, Machine(threads, 0))
            path = critical_path(needs, seconds)
            ratios.append(run.makespan / max(sum(seconds.values()) / threads, path))
        middle, worst = statistics.median(ratios), max(ratios)
        text = f"{middle:.3f} of the lower bound, at worst {worst:.3f} (goal 1.10)"
        yield f"{SCHEDULES} simulated builds of 100 components on {threads} threads", text


def main() -> None:
    """Prints the figures."""
    figures = {"machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"}
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as monkeypatch:
        figures |= dict(nothing_to_do(Path(place, "nothing"), monkeypatch))
        figures |= dict(many_components(Path(place, "many"), monkeypatch))
    figures |= dict(schedules())
    print(json.dumps(figures, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
