# SPDX-License-Identifier: Apache-2.0
"""Xen and libvirt, built for real from upstream's archives in Debian's pool, and installed.

On Debian also what is built beside the distro's own Xen. Some minutes of every core each.
"""

import json
import os
from pathlib import Path

import pytest

from linters import lint_debs, lint_rpms
from platforms import project_with
from rpmdistro.world import NAME, World
from test_end_to_end import Bench, leftovers, results

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]
XEN = ("xen-hypervisor", "xen-runtime", "xen-libs", "xen-devel")
BINDINGS = ("xen-ocaml", "xen-ocaml-devel")
LIBVIRT = (
    "libvirt-xen-libs",
    "libvirt-xen-client",
    "libvirt-xen-daemon",
    "libvirt-xen-driver",
    "libvirt-xen-devel",
)


def bench_of(home: Path, distro: str, builder: str) -> Bench:
    project = project_with(home / "project", ("xen", "xen-ocaml", "libvirt"))
    (home / "cache").mkdir()
    return Bench(home, project / "components.yaml", distro, builder)


def built(bench: Bench, *words: str) -> dict[str, str]:
    done = bench.build(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert leftovers(bench) == []
    return results(done)


def install(bench: Bench, *packages: str) -> list[str]:
    """Installs packages in a clean chroot; returns what its checks find."""
    done = bench.run("test-install", "-d", bench.distro, "--json", *packages)
    checks = json.loads(done.stdout)["checks"]
    assert checks, done.stderr
    failures = [failure for row in checks for failure in row.get("failures", ())]
    return [f"{failure['subject']}: {failure['reason']}" for failure in failures]


@pytest.mark.live
def test_on_debian(tmp_path: Path, bases: Path) -> None:
    bench = bench_of(tmp_path, "debian-13", "pbuilder")
    (bench.home / "cache/bases").symlink_to(bases)
    locked = bench.run("lock", "-d", bench.distro)
    assert locked.returncode == 0, locked.stdout + locked.stderr
    # beside the distro's own Xen
    assert built(bench, "xen-ocaml") == {"xen-ocaml": "built"}
    assert install(bench, *BINDINGS) == []
    # Xen itself, and what is built with it
    providers = ("--provider", "xen=build", "--provider", "libvirt=build")
    assert set(built(bench, *providers, "xen", "xen-ocaml", "libvirt").values()) == {"built"}
    lint_debs(bench.store, bench.repository)
    assert install(bench, *XEN, *BINDINGS, *LIBVIRT) == []


def test_in_the_test_rpm_distribution(tmp_path: Path, rpm_world_of_platform: World) -> None:
    bench = bench_of(tmp_path, NAME, "dnf")
    (bench.project / "distros").symlink_to(rpm_world_of_platform.distros)
    locked = bench.run("lock", "-d", NAME)
    assert "Traceback" not in locked.stderr
    # its stand-ins have the names of a Xen and nothing of it
    providers = [word for name in ("xen", "libvirt") for word in ("--provider", f"{name}=build")]
    assert set(built(bench, *providers, "xen", "xen-ocaml", "libvirt").values()) == {"built"}
    lint_rpms(bench.store, bench.repository)
    # its systemd is older than that type of service, and starts the daemon without it
    [failure] = install(bench, *XEN, *BINDINGS, *LIBVIRT)
    assert failure.startswith("libvirtd.service: line 29: ")
    assert "notify-reload" in failure
