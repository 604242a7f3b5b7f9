# SPDX-License-Identifier: Apache-2.0
"""What is measured: xsbuild, the bare compile, and what a packager would use instead."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ordinary_user import as_ordinary_user
from xsbuild.buildroots.base import Base
from xsbuild.distros.mirrors import mirrors_of
from xsbuild.distros.model import Distro
from xsbuild.host import process
from xsbuild.settings import Settings

ROOT = Path(__file__).parents[1]
_JOBS = len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that builds a source package.

    Attributes:
        name: what people call it.
        build: builds it once and returns how many seconds that took.
        rounds: in how many rounds it takes part, at most.
        warms: it makes caches the first time, which then does not count.
    """

    name: str
    build: Callable[[], float]
    rounds: int = 99
    warms: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What is built, and where.

    Attributes:
        distro: for which distro.
        distros: the folder that defines it.
        source: the ``.dsc``, or the folder with the spec file.
        builder: xsbuild's builder for it.
        folder: takes caches and results; it is the home of the one who builds.
        user: an ordinary user builds; else root.
    """

    distro: Distro
    distros: Path
    source: Path
    builder: str
    folder: Path
    user: bool

    def measure(self, kind: str) -> float:
        """The seconds that `bench.one` finds."""
        words: list[str | Path] = [
            sys.executable, "-m", "bench.one", kind, self.builder, self.distros,
            self.distro.name, self.source, self.folder / "cache",
        ]  # fmt: skip
        env = {"PYTHONPATH": str(ROOT)}
        if self.user:
            done = as_ordinary_user(words, self.folder, env=env, ok=(0,))
        else:
            done = process.run(words, env={**env, "HOME": str(self.folder)})
        return float(done.output.splitlines()[-1])

    def own(self) -> list[Contestant]:
        """The bare compile, the bare installation, and xsbuild after and before it has a layer."""
        return [
            Contestant("bare compile", lambda: self.measure("bare"), warms=True),
            Contestant("xsbuild", lambda: self.measure("warm"), warms=True),
            Contestant("bare installation", lambda: self.measure("install"), rounds=2),
            Contestant("xsbuild, first build", lambda: self.measure("cold"), rounds=2),
        ]


def pbuilder(subject: Subject, base: Base) -> Contestant:
    """pbuilder with its defaults but for aptitude, and a tarball of the same base."""

    def build() -> float:
        tarball = _tarball(subject, base, "gz")
        results = _empty(subject.folder / "pbuilder")
        (results / "place").mkdir()
        # The default needs aptitude in the chroot; this is faster, too.
        apt = "PBUILDERSATISFYDEPENDSCMD=/usr/lib/pbuilder/pbuilder-satisfydepends-apt\n"
        (subject.folder / ".pbuilderrc").write_text(apt)
        command: list[str | Path] = [
            # of its own, so that no mount of a build that fails is left
            "unshare", "--mount", "pbuilder", "build", "--basetgz", tarball,
            "--buildresult", results, "--buildplace", results / "place", subject.source,
        ]  # fmt: skip
        env = {"HOME": str(subject.folder), "DEB_BUILD_OPTIONS": f"parallel={_JOBS}"}
        return _timed(command, env)

    return Contestant("pbuilder", build, rounds=2)


def sbuild(subject: Subject, base: Base) -> Contestant:
    """sbuild without root, and a tarball of the same base; no checks of the results."""

    def build() -> float:
        tarball = _tarball(subject, base, "zst", "--exclude=./dev/*")  # which it could not make
        home = subject.folder / "sbuild"
        home.mkdir(exist_ok=True)
        command: list[str | Path] = [
            sys.executable, "-m", "bench.timed", "sbuild", "--chroot-mode=unshare",
            f"--chroot={tarball}", f"--dist={subject.distro.archives[0].suites[0]}",
            "--no-run-lintian", "--no-run-piuparts", "--no-run-autopkgtest", "--no-clean-source",
            f"--jobs={_JOBS}", subject.source,
        ]  # fmt: skip
        done = as_ordinary_user(command, home, env={"PYTHONPATH": str(ROOT)}, ok=(0,))
        return float(done.output.splitlines()[-1])

    return Contestant("sbuild (unshare)", build, rounds=2)


def obs_build(subject: Subject, base: Base, settings: Settings) -> Contestant:
    """obs-build, from the archive's own repository."""

    def build() -> float:
        process.require("obs-build")
        archive = subject.distro.archives[0]
        mirror, suite = mirrors_of([archive], settings)[archive.name][0], archive.suites[0]
        place = _empty(subject.folder / "obs-build")
        command: list[str | Path] = [
            "obs-build", "--root", place, "--clean", "--dist", _obs_config(subject, base),
            "--cachedir", subject.folder / "obs-cache",
            "--repo", f"{mirror}?dist={suite}&component=main", f"--jobs={_JOBS}", subject.source,
        ]  # fmt: skip
        return _timed(command, {"HOME": str(subject.folder)})

    # One run takes minutes; the first one on a machine downloads, too.
    return Contestant("obs-build", build, rounds=1)


def _obs_config(subject: Subject, base: Base) -> Path:
    """obs-build's own definitions of Debian name packages that are gone: say what the base has."""
    query = "--showformat=${Package} ${Priority}\n"
    admin = f"--admindir={base.path / 'var/lib/dpkg'}"
    lines = process.run(["dpkg-query", admin, "--show", query]).output.splitlines()
    packages = dict(map(str.split, lines))
    # unpacked before dpkg can run: what it and its scripts need
    first = [
        name
        for name, priority in packages.items()
        if priority == "required" or (name.startswith("lib") and not name.endswith("-dev"))
    ]
    config = subject.folder / "obs.conf"
    config.write_text(
        "Repotype: debian\ntype: dsc\nOrder: base-passwd:base-files\n"
        f"Preinstall: {' '.join(first)}\nPrefer: {' '.join(packages)}\n"
        "Required: build-essential apt mount fakeroot dpkg-dev hostname\n"
        # its script refuses a root that is not merged, as the one is that obs-build unpacks
        "Ignore: usr-is-merged usrmerge\n"
    )
    return config


def mock(subject: Subject) -> Contestant:
    """mock, where it is, with its root cache and the configuration that xsbuild gives it."""

    def build() -> float:
        process.require("mock")
        return replace(subject, builder="mock").measure("warm")

    return Contestant("mock", build, rounds=2, warms=True)


def _timed(command: list[str | Path], env: dict[str, str]) -> float:
    started = time.monotonic()
    process.run(command, env=env)
    return time.monotonic() - started


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _tarball(subject: Subject, base: Base, suffix: str, *options: str) -> Path:
    """The base as an archive, made once for each base."""
    place = subject.folder / f"{subject.distro.name}-{base.identity[:12]}.tar.{suffix}"
    if not place.exists():
        options = ("--auto-compress", "--numeric-owner", "--one-file-system", *options)
        process.run(["tar", "--create", "--file", place, *options, "-C", base.path, "."])
    return place
