# SPDX-License-Identifier: Apache-2.0
"""`xsbuild build --distro centos` with the shipped files, against a miniature internet.

Nothing but a user's `rewrite:` setting leads from the real addresses to the loopback; the mirror of
Debian's archive, where Xen's source is, is a user's setting as well. Build and installation test
took 110 seconds, with the start of the daemons, while the other of the two ran as well.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from internet.centos import NAME, serve_centos
from internet.daemons import NOT_ON_XEN, set_up, troubles
from internet.installed import Machine, installed
from internet.server import Internet, serve_internet
from internet.upstreams import serve_pool, serve_upstreams
from nspawn import require_nspawn
from ordinary_user import as_ordinary_user
from rendered import copy_product
from rpmdistro.world import World
from test_end_to_end import Bench, leftovers, results
from xsbuild.host.scratch import owned_folder

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]
CORE = "xenserver-core"
# by packages of the core, with daemons of their own
RECOMMENDED = ("rrdd-plugins", "varstored-guard", "wsproxy", "xapi-nbd", "xapi-storage-script")
METAS = {CORE, f"{CORE}-platform", f"{CORE}-toolstack"}


@pytest.fixture
def internet(tmp_path: Path, rpm_world: World) -> Iterator[Internet]:
    """A miniature internet with the distro."""
    (tmp_path / "internet").mkdir()
    (tmp_path / "scratch").mkdir()
    with serve_internet(tmp_path / "internet") as served:
        serve_centos(served, rpm_world, tmp_path / "scratch")
        yield served


class Packager(Bench):
    """An ordinary user."""

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        done = as_ordinary_user(self.command(*args), self.home, env=self.environment)
        return subprocess.CompletedProcess(args, done.status, done.output, done.output)


def bench_of(home: Path, internet: Internet, kind: type[Bench] = Bench) -> Bench:
    """A user on a fresh machine, with the product's own manifest, and no lock."""
    project = copy_product(home / "project")
    serve_upstreams(internet, project / "components.yaml")
    pool = serve_pool(internet, project / "components.yaml")
    (home / "config/xsbuild").mkdir(parents=True)
    settings = {"rewrite": internet.rewrite(), "archives": {"debian": pool}}
    (home / "config/xsbuild/config.yaml").write_text(yaml.safe_dump(settings))
    return kind(home, project / "components.yaml", NAME, "dnf")


def test_one_command_makes_the_core_and_dnf_installs_it(tmp_path: Path, internet: Internet) -> None:
    require_nspawn()
    bench = bench_of(tmp_path, internet)
    one_command_makes_the_core(bench)
    what_was_published_installs(bench)
    with (
        owned_folder(bench.home / "cache/work") as scratch,
        installed(bench, NAME, scratch, CORE, *RECOMMENDED, "grub2-tools") as machine,
    ):
        every_unit_starts_on_xen(machine)
        without_an_essential_setting_a_daemon_does_not(machine)


def test_an_ordinary_user_makes_the_core(tmp_path: Path, internet: Internet) -> None:
    bench = bench_of(tmp_path, internet, Packager)
    one_command_makes_the_core(bench)
    what_was_published_installs(bench)


def one_command_makes_the_core(bench: Bench) -> None:
    done = bench.run("--quiet", "build", "--distro", "centos", "--json", CORE)
    assert done.returncode == 0, done.stdout + done.stderr
    got = results(done)
    assert {name for name, result in got.items() if result == "made"} == METAS
    assert {result for name, result in got.items() if name not in METAS} == {"built"}
    assert {"xapi", "xenguest"} <= got.keys()
    assert leftovers(bench) == []


def what_was_published_installs(bench: Bench) -> None:
    tried = bench.run("--quiet", "test-install", "--distro", "centos", "--json", CORE)
    checks = {
        row["check"]: row["failures"]
        for row in json.loads(tried.stdout[tried.stdout.index("{\n") :])["checks"]
    }
    assert not any(checks.values()), checks
    assert tried.returncode == 0, tried.stderr


def every_unit_starts_on_xen(machine: Machine) -> None:
    assert set_up(machine) == [NOT_ON_XEN]
    assert "xenopsd-xc.service" in machine.enabled
    found, journal = troubles(machine)
    assert not found, journal


def without_an_essential_setting_a_daemon_does_not(machine: Machine) -> None:
    text = machine.read("/etc/xenopsd.conf")
    machine.write("/etc/xenopsd.conf", text.replace("vif-script", "# vif-script"))
    found, journal = troubles(machine)
    ends = {name: unit["Result"] for name, unit in found.items()}
    assert ends == {"xenopsd-xc.service": "exit-code"}, journal
