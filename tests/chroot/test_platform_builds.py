# SPDX-License-Identifier: Apache-2.0
"""Xen, Linux, QEMU and libvirt, built for real from archives in Debian's pool, and installed.

On Debian also what is built beside the distro's own Xen. On the test RPM distribution they boot,
too: see build/test-logs/rpm-dom0.log. On two cores that were busy with other tests the kernel took
59 minutes, Xen 16, libvirt 9, QEMU 23; the boot takes 100 seconds on idle ones.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from linters import lint_debs, lint_rpms
from machine import boot, needs_machine
from platforms import project_with, take_from_pool
from rootfs import dom0_of, install_root
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


PLATFORM = ("xen", "kernel", "libvirt")
BOOTED = ("kernel-xen", *XEN[:3], *LIBVIRT[:4])


def bench_of(home: Path, components: Sequence[str], distro: str, builder: str) -> Bench:
    project = project_with(home / "project", components)
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
    bench = bench_of(tmp_path, ("xen", "xen-ocaml", "libvirt"), "debian-13", "pbuilder")
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


@pytest.fixture(scope="module")
def rpm_platform(rpm_world_of_platform: World, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The platform without QEMU, built in the test RPM distribution."""
    home = tmp_path_factory.mktemp("rpm-platform")
    bench = bench_of(home, (*PLATFORM, "xen-ocaml", "qemu"), NAME, "dnf")
    take_from_pool(bench.manifest)
    (bench.project / "distros").symlink_to(rpm_world_of_platform.distros)
    fetched = bench.run("fetch", *PLATFORM, "qemu")
    if "XSB-SOURCE-DOWNLOAD" in fetched.stderr:
        pytest.skip(f"Debian's pool has other versions by now: {fetched.stderr}")
    assert fetched.returncode == 0, fetched.stderr
    assert "Traceback" not in bench.run("lock", "-d", NAME).stderr
    # its stand-ins have the names of a platform and nothing of it
    assert set(built(bench, *built_here(*PLATFORM), *PLATFORM, "xen-ocaml").values()) == {"built"}
    return bench


def built_here(*components: str) -> list[str]:
    """Options that make them build, not taken from the distro."""
    return [word for name in components for word in ("--provider", f"{name}=build")]


def test_in_the_test_rpm_distribution(rpm_platform: Bench) -> None:
    lint_rpms(rpm_platform.store, rpm_platform.repository)
    # its systemd is older than that type of service, and starts the daemon without it
    [failure] = install(rpm_platform, *BOOTED, "xen-devel", "libvirt-xen-devel", *BINDINGS)
    assert failure.startswith("libvirtd.service: line 29: ")
    assert "notify-reload" in failure


@pytest.mark.xfail(reason="after its removal /usr/lib/.build-id is left, not yet understood")
def test_qemu_in_the_test_rpm_distribution(rpm_platform: Bench) -> None:
    providers = built_here(*PLATFORM, "qemu")
    assert built(rpm_platform, *providers, "qemu")["qemu"] == "built"
    assert install(rpm_platform, "qemu-xen") == []


@needs_machine
def test_the_test_rpm_distribution_boots_as_dom0(
    rpm_platform: Bench, rpm_world_of_platform: World, tmp_path: Path
) -> None:
    packages = (*BOOTED, "bash", "coreutils", "grep", "login", "systemd-udev", "testdistro-release")
    root = install_root(
        tmp_path / "install",
        rpm_world_of_platform.distro,
        rpm_platform.repository,
        packages,
        tmp_path / "dnf.log",
    )
    with boot("rpm-dom0", dom0_of(root, tmp_path).hardware(), tmp_path) as machine:
        machine.expect("Xen version", timeout=120)
        machine.expect("login: ", timeout=1200)
        machine.send("root\r")
        machine.expect("[#$] ")
        machine.use_shell()
        info = machine.check("xl info")
        assert machine.check("uname -r") in info
        assert "Domain-0" in machine.check("virsh -c xen:/// list")
        assert machine.check("systemctl --failed --no-legend --plain") == ""
        machine.power_off()
