# SPDX-License-Identifier: Apache-2.0
"""Programs that link a dozen OCaml libraries are built with those that a distro lacks, and run.

Their own tests compare what they say. Archives come from Debian's stable releases.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_end_to_end import Bench, results

pytestmark = [pytest.mark.chroot, pytest.mark.slow]
PROJECT = Path(__file__).parents[2] / "support/vendored/project"
# Of these nothing else in the program is made, so that Debian's other libraries can stay.
LEAVES = ("base64", "bos", "fpath", "lwt_log", "rresult", "stringext", "uutf", "xmlm")


def make_bench(home: Path, distro: str, builder: str) -> Bench:
    if os.geteuid() != 0:
        pytest.skip("not root: run the tests with sudo")
    project = home / "project"
    shutil.copytree(PROJECT, project)
    (home / "cache").mkdir()
    return Bench(home, project / "components.yaml", distro, builder)


def lock(bench: Bench) -> Path:
    done = bench.run("lock", "-d", bench.distro)
    assert done.returncode == 0, done.stdout + done.stderr
    return bench.project / "locks" / f"{bench.distro}.yaml"


def vendored(bench: Bench) -> dict[str, list[str]]:
    """Component → the archives that are built in it."""
    done = bench.run("plan", "-d", bench.distro, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return {row["component"]: row["vendored"] for row in json.loads(done.stdout)}


def builds(bench: Bench, *targets: str) -> None:
    done = bench.build(*targets)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {results(done)[name] for name in targets} == {"built"}


@pytest.mark.live
def test_on_debian_with_the_one_that_it_lacks(tmp_path: Path, bases: Path) -> None:
    bench = make_bench(tmp_path, "debian-13", "pbuilder")
    (tmp_path / "cache/bases").symlink_to(bases)
    file = lock(bench)
    assert vendored(bench) == {"crier": ["ctypes-0.23.0"], "crier-web": ["ctypes-0.23.0"]}
    builds(bench, "crier", "crier-web")
    # a Debian that lacks some more, and dune
    lack = ["bin(dune)", *(f"ocamlfind({name})" for name in LEAVES)]
    lines = file.read_text().splitlines()
    lines = [line for line in lines if not line.startswith(tuple(f"  {name}:" for name in lack))]
    at = lines.index("missing:") + 1
    file.write_text("\n".join([*lines[:at], *(f"- {name}" for name in lack), *lines[at:], ""]))
    names = [item.rpartition("-")[0] for item in vendored(bench)["crier"]]
    assert sorted(names) == sorted([*LEAVES, "ctypes", "dune"])
    builds(bench, "crier")


def test_in_the_test_rpm_distribution_with_all_of_them(
    tmp_path: Path, rpm_world_with_ocaml: World
) -> None:
    bench = make_bench(tmp_path, NAME, "dnf")
    (bench.project / "distros").symlink_to(rpm_world_with_ocaml.distros)
    lock(bench)
    found = vendored(bench)["crier"]
    assert {"dune-3.17.2", "lwt-5.6.1", "ppxlib-0.27.0", "ctypes-0.23.0"} <= set(found)
    assert len(found) > len(LEAVES) * 3
    builds(bench, "crier")
