# SPDX-License-Identifier: Apache-2.0
"""What a person sees when something is wrong: one clear error with a hint, and never a traceback.

By the command itself, on the test project.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ordinary_user import UID, as_ordinary_user
from person import Person
from upstreams import make_upstreams
from xsbuild.host import process
from xsbuild.host.namespace import Namespace, private_namespace


class Bench(Person):
    """A copy of the test project with a home of its own."""

    def run(self, *args: str, within: Sequence[str] = ()) -> tuple[int, str]:
        command = [*within, *self.command(*args)]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        text = done.stdout + done.stderr
        assert "Traceback" not in text
        return done.returncode, text

    def edit(self, old: str, new: str) -> None:
        text = self.manifest.read_text()
        assert old in text
        self.manifest.write_text(text.replace(old, new, 1))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "home", make_upstreams(tmp_path / "home/work").manifest)


BUILD = ("build", "-d", "debian-13")


def test_a_wrong_hash_shows_both(bench: Bench) -> None:
    text = bench.manifest.read_text()
    start = text.index("sha256: ") + len("sha256: ")
    right = text[start : start + 64]
    bench.edit(right, "f" * 64)
    status, output = bench.run(*BUILD, "libgreet")
    assert status == 1
    assert right in output
    assert "f" * 64 in output


@pytest.mark.chroot
def test_an_unreachable_source_is_listed_with_what_needs_it(bench: Bench, bases: Path) -> None:
    (bench.home / "cache").mkdir()
    (bench.home / "cache/bases").symlink_to(bases)
    for archive in (bench.home / "work/upstreams").glob("libgreet-*"):
        archive.unlink()
    status, output = bench.run(*BUILD, "salutd")
    assert status == 1
    assert output.count("libgreet-1.2.0.tar.gz") == 1
    assert "needed by: salutd" in output
    assert "skipped: libgreet failed" in output


def test_an_unpinned_source_is_refused_and_the_command_that_pins_it_named(bench: Bench) -> None:
    text = bench.manifest.read_text()
    start = text.index("        sha256: ")
    bench.edit(text[start : text.index("\n", start) + 1], "")
    status, output = bench.run(*BUILD, "libgreet")
    assert status == 1
    assert "xsbuild bump libgreet 1.2.0" in output
    status, output = bench.run("check", "--json")
    assert status == 0
    (finding,) = [row for row in json.loads(output) if "not pinned" in row["text"]]
    assert finding["component"] == "libgreet"


def test_a_cycle_is_shown_with_its_places_and_reasons(bench: Bench) -> None:
    closing = "    build: {system: none, requires: [bin(salutd)]}"
    bench.edit("    build: {system: none}", closing)
    line = bench.manifest.read_text().split(closing)[0].count("\n") + 1
    status, output = bench.run("plan", "-d", "debian-13")
    assert status == 2
    assert f"components.yaml:{line}:38: components.greet-data.build.requires[0]: " in output
    assert "depend on each other in a cycle: greet-data needs salutd (bin(salutd))" in output


def test_a_mistake_in_the_manifest_has_line_key_and_nearest_word(bench: Bench) -> None:
    bench.edit("    build: {system: none}", "    biuld: {system: none}")
    line = bench.manifest.read_text().split("    biuld:")[0].count("\n") + 1
    status, output = bench.run("check")
    assert status == 2
    assert f"components.yaml:{line}:5: components.greet-data.biuld: unknown key" in output
    assert "did you mean `build`?" in output


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    with private_namespace() as made:
        yield made


@pytest.mark.chroot
def test_a_full_disk(bench: Bench, namespace: Namespace) -> None:
    cache = bench.home / "cache"
    cache.mkdir()
    namespace.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", cache)
    status, output = bench.run(*BUILD, "libgreet", within=namespace.enter)
    assert status == 1
    assert "full" in output or "No space left" in output
    assert "xsbuild clean" in output


@pytest.mark.chroot
def test_a_missing_tool_names_its_package(bench: Bench, namespace: Namespace) -> None:
    namespace.run("mount", "--bind", "/dev/null", "/usr/bin/dpkg-source")
    namespace.run("mount", "--bind", "/dev/null", "/usr/bin/mmdebstrap")
    status, output = bench.run(*BUILD, "greet-data", within=namespace.enter)
    assert status != 0
    assert "mmdebstrap is not installed" in output
    assert "xsbuild doctor" in output


@pytest.mark.chroot
def test_no_permission(bench: Bench) -> None:
    """A cache that belongs to somebody else."""
    cache = bench.home / "cache"
    cache.mkdir()
    process.run(["chown", f"{UID + 1}", cache])
    cache.chmod(0o755)
    done = as_ordinary_user(bench.command(*BUILD, "greet-data"), bench.home, env=bench.environment)
    assert done.status == 1
    assert "Traceback" not in done.output
    assert str(cache) in done.output
