# SPDX-License-Identifier: Apache-2.0
"""``python -m bench [--rounds N]``: every figure of the project's speed, in one run.

It writes a table and a plot to ``bench/results/`` and the short form of them into the README.
"""

import argparse
import os
import sys
from pathlib import Path

import platformdirs
from bench.contestants import Contestant, Subject, mock, obs_build, pbuilder, sbuild
from bench.makespan import makespan
from bench.planning import planning
from bench.report import Report, write
from bench.rounds import Measured, machine, measure
from bench.subjects import deb_subjects, debian_source, rpm_subjects

from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.distros.load import find_distros
from xsbuild.settings import Settings, default_folders

_ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description="Measure xsbuild against what others use.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each builds")
    parser.add_argument("--distro", default="debian-12", help="of the deb family")
    parser.add_argument("--package", default="xxhash", help="of that distro's archive")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("pbuilder and obs-build need root: run this with sudo")
    folder = platformdirs.user_cache_path("xsbuild-bench")
    measured = [
        *_debs(folder, options.distro, options.package, options.rounds),
        *_rpms(folder, options.rounds),
    ]
    figures = {**planning(), **makespan(folder, default_folders().bases)}
    report = Report(machine(), measured, figures)
    write(report, _ROOT / "bench/results", _ROOT / "README.md")


def _debs(folder: Path, name: str, package: str, rounds: int) -> list[Measured]:
    settings = Settings(default_folders())
    distro = find_distros([_ROOT / "distros"]).get(name)
    folder.mkdir(parents=True, exist_ok=True)
    base: Base = ensure_base(distro, Variant.BUILD, settings, step=print, log=folder / "base.log")
    source = debian_source(base, package, folder / name)
    subjects = deb_subjects(distro, source, folder / name)
    _share(settings.folders.bases, subjects["root"])
    others: list[Contestant] = [
        pbuilder(subjects["root"], base),
        sbuild(subjects["user"], base),
        obs_build(subjects["root"], base, settings),
    ]
    return [
        measure(f"{package}, deb, root", [*subjects["root"].own(), *others], rounds),
        measure(f"{package}, deb, user", subjects["user"].own(), rounds),
    ]


def _rpms(folder: Path, rounds: int) -> list[Measured]:
    subjects = rpm_subjects(folder / "rpm")
    root, user = subjects["root"], subjects["user"]
    return [
        measure("libgreet, rpm, root", [*root.own(), mock(root)], rounds),
        measure("libgreet, rpm, user", user.own(), rounds),
    ]


def _share(bases: Path, subject: Subject) -> None:
    """Lets root use the base chroots that are there."""
    link = subject.folder / "cache/bases"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(bases)


if __name__ == "__main__":
    main()
