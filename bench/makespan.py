# SPDX-License-Identifier: Apache-2.0
"""How close to the lower bound a build of many components comes, and how long one of nothing takes.

The test project is built twice: the second time with dependencies in layers and with the times of
the first, after a change that rebuilds every component.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from bench.contestants import ROOT
from bench.measure import Spread, lower_bound, spread

from upstreams import make_upstreams
from xsbuild.errors import XsbuildError
from xsbuild.planner.target import Target, target_for
from xsbuild.project import find_project
from xsbuild.settings import Folders, Settings

_DISTRO = "debian-13"
_RUNS = 5
_MAINTAINER = re.compile(r"^(  maintainer: )(.*)( <)", re.MULTILINE)


def makespan(folder: Path, bases: Path) -> dict[str, str]:
    """Measures; returns what was found, or why nothing was, in words, by what it is."""
    try:
        return _measured(folder, bases)
    except (XsbuildError, subprocess.CalledProcessError, ValueError) as error:
        return {"the test project": f"not measured: {error}"}


def _measured(folder: Path, bases: Path) -> dict[str, str]:
    place = folder / "makespan"
    manifest = place / "work/project/components.yaml"
    if not manifest.exists():
        make_upstreams(place / "work")
    cache = place / "cache"
    cache.mkdir(exist_ok=True)
    if not (cache / "bases").exists():
        (cache / "bases").symlink_to(bases)
    _build(place, manifest)
    text = manifest.read_text()
    manifest.write_text(_MAINTAINER.sub(rf"\g<1>Bench {time.time_ns()}\g<3>", text))
    took, seconds = _build(place, manifest)
    target = _target(place, manifest)
    needs = {name: target.graph.needs(name) & frozenset(seconds) for name in seconds}
    bound = lower_bound(seconds, needs, len(os.sched_getaffinity(0)))
    nothing, start = _nothing(place, manifest)
    return {
        f"{len(seconds)} components of the test project, all rebuilt": f"{took:.1f} s, "
        f"{took / bound - 1:+.0%} of the lower bound of {bound:.1f} s",
        "the test project, nothing to do": f"{nothing} s, of which Python's start {start} s",
    }


def _environment(place: Path) -> dict[str, str]:
    return {
        "HOME": str(place),
        "XSBUILD_CACHE": str(place / "cache"),
        "XDG_DATA_HOME": str(place / "data"),
        "XDG_CONFIG_HOME": str(place / "config"),
        "PATH": os.environ["PATH"],
    }


def _command(manifest: Path) -> list[str]:
    xsbuild = Path(sys.executable).with_name("xsbuild")
    return [str(xsbuild), "--manifest", str(manifest), "--quiet", "build", "-d", _DISTRO, "--json"]


def _build(place: Path, manifest: Path) -> tuple[float, dict[str, float]]:
    """Builds; returns the seconds of all, and of each component that was built."""
    started = time.monotonic()
    done = subprocess.run(
        _command(manifest), env=_environment(place), cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    took = time.monotonic() - started
    rows = json.loads(done.stdout)["targets"]
    return took, {row["target"]: row["seconds"] for row in rows if row["result"] == "built"}


def _target(place: Path, manifest: Path) -> Target:
    folders = Folders(place / "cache", place / "data", place / "config")
    project = find_project(Settings(folders), manifest)
    return target_for(project, project.distros.get(_DISTRO))


def _nothing(place: Path, manifest: Path) -> tuple[Spread, Spread]:
    times: dict[str, list[float]] = {"build": [], "start": []}
    commands = {"build": _command(manifest), "start": [sys.executable, "-c", "pass"]}
    for _ in range(_RUNS):
        for name, command in commands.items():
            started = time.monotonic()
            subprocess.run(command, env=_environment(place), stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.monotonic() - started)
    return spread(times["build"]), spread(times["start"])
