# SPDX-License-Identifier: Apache-2.0
"""From the manifest to `apt-get install`, for real: the test project, in chroots, by the command.

Each distro is built once as root with pbuilder and once as an ordinary user with sbuild. What is
built is used for the next question, as building is what takes time.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from both_families import meet
from linters import lint_debs
from ordinary_user import as_ordinary_user
from person import Person
from upstreams import make_upstreams
from xsbuild.settings import default_folders
from xsbuild.store.history import REUSED

pytestmark = [pytest.mark.chroot]
COMPONENTS = {
    "greet-data",
    "libgreet",
    "salutd",
    "greet-tools",
    "greet-meson",
    "python-greet",
    "ogreet",
    "greet-suite",
    "chime",
}
METAS = {"greeting-core", "greeting-runtime", "greeting-tools", "greeting-sounds"}


@dataclass(frozen=True)
class Bench(Person):
    """A project to build, for one distro, in one way.

    Attributes:
        distro: the distro's name.
        builder: the builder's name.
    """

    distro: str
    builder: str

    @property
    def store(self) -> Path:
        return self.home / "cache/store"

    @property
    def repository(self) -> Path:
        return self.project / "dist" / self.distro

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        if self.builder == "sbuild":
            done = as_ordinary_user(self.command(*args), self.home, env=self.environment)
            return subprocess.CompletedProcess(args, done.status, done.output, done.output)
        return subprocess.run(
            self.command(*args), env=self.environment, capture_output=True, text=True, check=False
        )

    def build(self, *targets: str) -> subprocess.CompletedProcess[str]:
        return self.run(
            "--quiet", "build", "-d", self.distro, "--builder", self.builder, "-j4", "--json",
            *targets,
        )  # fmt: skip


def results(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    text = done.stdout[done.stdout.index("{\n") :]
    return {row["target"]: row["result"] for row in json.loads(text)["targets"]}


def make_bench(distro: str, builder: str, home: Path, bases: Path) -> Bench:
    made = make_upstreams(home / "work")
    (home / "cache").mkdir()
    if builder == "pbuilder":
        for folder in (bases, default_folders().layers):
            folder.mkdir(parents=True, exist_ok=True)
            (home / "cache" / folder.name).symlink_to(folder)
    return Bench(home, made.manifest, distro, builder)


@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_as_root_with_pbuilder(distro: str, tmp_path: Path, bases: Path, run_folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root: run the tests with sudo")
    bench = make_bench(distro, "pbuilder", tmp_path, bases)
    everything_builds(bench)
    a_second_run_builds_nothing(bench)
    what_was_published_installs(bench)
    if distro == "debian-13":
        lint_debs(bench.store, bench.repository)
        meet(bench, run_folder)
        another_state_of_the_archives_compiles_nothing(bench)
        a_component_that_fails_stops_only_what_needs_it(bench)


@pytest.mark.slow  # a package takes five times as long as with pbuilder
@pytest.mark.parametrize("distro", ["debian-13", "debian-12"])
def test_as_an_ordinary_user_with_sbuild(distro: str, tmp_path: Path, bases: Path) -> None:
    bench = make_bench(distro, "sbuild", tmp_path, bases)
    everything_builds(bench)
    a_second_run_builds_nothing(bench)
    if distro == "debian-13":
        what_was_published_installs(bench)


def everything_builds(bench: Bench) -> None:
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    got = results(done)
    assert set(got) == COMPONENTS | METAS
    assert {got[name] for name in COMPONENTS} <= {"built", "up to date"}
    assert {got[name] for name in METAS} == {"made"}
    assert leftovers(bench) == []


def leftovers(bench: Bench) -> list[str]:
    work = bench.home / "cache" / "work"
    return [
        *processes_of(bench),
        *mounts_of(bench),
        *(str(path) for path in work.iterdir() if path.name != "failed"),
        *(str(path) for path in (bench.home / "cache/store/new").iterdir()),
        *(str(path) for path in (bench.home / "cache/store/locks").iterdir()),
    ]


def processes_of(bench: Bench) -> list[str]:
    """Processes that work below the bench's home; those that end right now get a moment."""
    wait = threading.Event()
    found: list[str] = []
    for _ in range(100):
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                text = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, UnicodeDecodeError):
                continue
            if str(bench.home) in text and entry.name != str(os.getpid()):
                found.append(f"{entry.name} {text}")
        if not found:
            break
        wait.wait(0.1)
    return found


def mounts_of(bench: Bench) -> list[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return [line for line in lines if str(bench.home) in line]


def a_second_run_builds_nothing(bench: Bench) -> None:
    started = time.monotonic()
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {results(done)[name] for name in COMPONENTS} == {"up to date"}
    assert time.monotonic() - started < 30  # that is: without a buildroot; bench/ has figures


def what_was_published_installs(bench: Bench) -> None:
    done = bench.run("test-install", "-d", bench.distro, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    triggers_of_other_packages_ran(bench)


def triggers_of_other_packages_ran(bench: Bench) -> None:
    (log,) = (bench.home / "cache").rglob(f"test-install@{bench.distro}*")
    assert "chime after greetings changed: ding dong" in log.read_text()


def another_state_of_the_archives_compiles_nothing(bench: Bench) -> None:
    """The base of all tests, seen as one that was made of another Release file."""
    bases = bench.home / "cache/bases"
    shared = bases.resolve()
    (made,) = shared.glob(f"{bench.distro}-build-*-root/current")
    place = bench.home / "bases" / made.parent.name / "1"
    place.mkdir(parents=True)
    (place / "root").symlink_to(made.resolve() / "root")
    for name in ("packages.txt", "recipe.txt", "release.txt"):
        shutil.copy(made / name, place)
    with (place / "release.txt").open("a") as release:
        release.write(f"{'0' * 64}  security_InRelease\n")
    for name in ("checked", "in-use"):
        (place / name).touch()
    (place.parent / "current").symlink_to(place.name)
    bases.unlink()
    bases.symlink_to(bench.home / "bases")
    done = bench.run("build", "-d", bench.distro, "--builder", bench.builder, "greet-data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"greet-data@{bench.distro}: up to date: {REUSED}" in done.stderr
    bases.unlink()
    bases.symlink_to(shared)


def a_component_that_fails_stops_only_what_needs_it(bench: Bench) -> None:
    manifest = bench.project / "components.yaml"
    before = manifest.read_text()
    broken = before.replace("- SBINDIR={sbindir}", "- SBINDIR={sbindir}\n        - CC=false", 1)
    assert broken != before
    manifest.write_text(broken)
    try:
        done = bench.build()
        assert done.returncode == 1
        got = results(done)
        assert got["salutd"] == "FAILED"
        assert got["greet-suite"] == "skipped: salutd failed"
        others = COMPONENTS - {"salutd", "greet-suite"}
        assert {got[name] for name in others} == {"up to date"}
        text = json.loads(done.stdout[done.stdout.index("{\n") :])["errors"]["salutd"]
        assert "false" in text["message"]
        assert text["shell"] == f"xsbuild shell salutd --distro {bench.distro}"
        assert "false" in Path(text["log"]).read_text()
        a_shell_is_where_the_build_failed(bench)
    finally:
        manifest.write_text(before)
    assert bench.build().returncode == 0
    assert list((bench.home / "cache/work/failed").iterdir()) == []


def a_shell_is_where_the_build_failed(bench: Bench) -> None:
    """Twice the same: what was changed in the first shell is not in the second."""
    again = "dpkg-buildpackage --build=binary --no-sign --no-pre-clean"
    typed = f"""
        pwd; id -un; echo $HOME; echo $DEB_BUILD_OPTIONS; grep --max-count=1 CC=false debian/rules
        ls /xsbuild/repository/xsbuild.sources
        ls /build/changed; touch /build/changed; {again} 2>&1 | tail -n1
    """
    for _ in range(2):
        done = subprocess.run(
            bench.command("shell", "salutd", "-d", bench.distro),
            input=typed, env=bench.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        *lines, last = done.stdout.splitlines()
        assert "CC=false" in lines[4]
        assert lines == [
            "/build/salutd-0.9", "pbuilder", "/nonexistent", "parallel=4", lines[4],
            "/xsbuild/repository/xsbuild.sources",
        ]  # fmt: skip
        assert "returned exit status 2" in last
        assert "the last build of salutd@debian-13 failed" in done.stderr
        assert "what failed: make -j4" in done.stderr
        assert f"continue with `{again}`" in done.stderr
