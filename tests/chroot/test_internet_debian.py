# SPDX-License-Identifier: Apache-2.0
"""`xsbuild build --distro debian` with the shipped files, against a miniature internet.

Nothing but a user's settings `archives:` and `rewrite:` leads from the real addresses to the
loopback. What is installed is Debian's own: some 250 packages with the core, and OCaml to build it.
On a machine that ran eight other jobs the build took 10 minutes and the install test 5.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from subprocess import CompletedProcess

import pytest
import yaml

from internet.debian import NAME, serve_debian
from internet.server import serve_internet
from internet.upstreams import serve_upstreams
from internet.vendored import serve_vendored
from ordinary_user import ANY_STATUS, as_ordinary_user
from rendered import copy_product
from test_end_to_end import Bench, leftovers, results
from test_internet import CORE, METAS
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]


@dataclass(frozen=True)
class Machine(Bench):
    """A fresh machine with the product's own manifest, and no lock.

    Attributes:
        user: ``root``, or an ordinary user.
        keyrings: keyring of the machine → the file that takes its place.
    """

    user: str
    keyrings: Mapping[str, Path]

    def run(self, *args: str) -> CompletedProcess[str]:
        command = self.command("--quiet", *args)
        if self.user == "root":
            with private_namespace() as namespace:
                for place, file in self.keyrings.items():
                    namespace.run("mount", "--bind", file, place)
                within = namespace.enter
                done = process.run(command, within=within, env=self.environment, ok=ANY_STATUS)
        else:
            done = as_ordinary_user(command, self.home, env=self.environment, binds=self.keyrings)
        return CompletedProcess(args, done.status, done.output, done.output)


@pytest.fixture(params=["root", "packager"])
def machine(
    request: pytest.FixtureRequest, tmp_path: Path, pytestconfig: pytest.Config
) -> Iterator[Machine]:
    """A user on a machine that reaches the miniature internet."""
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("debian").resolve()
    project = copy_product(tmp_path / "project")
    rmtree(project / "locks")
    (tmp_path / "internet").mkdir()
    (tmp_path / "config/xsbuild").mkdir(parents=True)
    with serve_internet(tmp_path / "internet") as internet:
        served = serve_debian(internet, cache)
        serve_upstreams(internet, project / "components.yaml")
        serve_vendored(internet, project / "vendor/ocaml.yaml")
        settings = {"archives": dict(served.archives), "rewrite": internet.rewrite()}
        (tmp_path / "config/xsbuild/config.yaml").write_text(yaml.safe_dump(settings))
        manifest = project / "components.yaml"
        yield Machine(tmp_path, manifest, NAME, "pbuilder", request.param, served.keyrings)


def test_one_command_makes_the_core_and_apt_installs_it(machine: Machine) -> None:
    done = machine.run("build", "--distro", "debian", "--json", CORE)
    assert done.returncode == 0, done.stdout
    got = results(done)
    assert {name for name, result in got.items() if result == "made"} == METAS
    assert {result for name, result in got.items() if name not in METAS} == {"built"}
    assert "xapi" in got
    assert leftovers(machine) == []
    what_was_published_installs(machine)


def what_was_published_installs(machine: Machine) -> None:
    tried = machine.run("test-install", "--distro", "debian", "--json", CORE)
    report = json.loads(tried.stdout[tried.stdout.index("{\n") :])
    assert not any(row["failures"] for row in report["checks"]), tried.stdout
    assert tried.returncode == 0, tried.stdout
