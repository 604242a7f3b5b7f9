# SPDX-License-Identifier: Apache-2.0
"""Boots a root directory with systemd-nspawn(1), for tests of daemons under systemd."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xsbuild.host import process
from xsbuild.host.namespace import Namespace, overlay, private_namespace

_SCRIPT = "/xsbuild-test"
_OUTPUT = "/xsbuild-test.output"
_UNIT = f"""\
[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=exec
ExecStart=/bin/sh -c 'systemctl is-system-running --wait; exec {_SCRIPT}'
StandardOutput=file:{_OUTPUT}
StandardError=file:{_OUTPUT}
"""
_UNITS = "/etc/systemd/system"
_NAME = "xsbuild-test.service"
_NSPAWN = (
    "systemd-nspawn", "--quiet", "--settings=no", "--register=no", "--keep-unit",
    "--private-network", "--link-journal=no", "--console=pipe", "--boot",
)  # fmt: skip
_ANY = range(256)


def require_nspawn() -> None:
    """Skips the test on a machine without it."""
    if shutil.which("systemd-nspawn") is None:
        pytest.skip("no systemd-nspawn: install systemd-container")


@contextmanager
def writable(lower: Path, scratch: Path) -> Iterator[tuple[Namespace, Path]]:
    """A writable view of a root directory; what is written ends with the block.

    Args:
        lower: the root directory.
        scratch: an existing directory.
    """
    with private_namespace() as namespace:
        yield namespace, overlay(namespace, lower, scratch)


def boot(namespace: Namespace, root: Path, script: str, *, seconds: int = 180) -> str:
    """Boots a root directory and runs a script in it once the jobs of booting are done.

    Args:
        namespace: the root directory is seen in it.
        root: the root directory; what is written there stays.
        script: with its ``#!`` line; the machine is powered off when it ends.
        seconds: time until the machine is killed.

    Returns:
        What the script printed, with the state of the system in the first line.
    """
    write(namespace, f"{root}{_SCRIPT}", script, mode="755")
    write(namespace, f"{root}{_UNITS}/{_NAME}", _UNIT)
    wanted = f"{root}{_UNITS}/multi-user.target.wants"
    namespace.run("mkdir", "--parents", wanted)
    namespace.run("ln", "--symbolic", "--force", f"../{_NAME}", wanted)
    for mounted in _below(namespace, root):
        namespace.run("umount", "--recursive", mounted)
    namespace.run("umount", "--recursive", "/sys/fs/cgroup")
    # as systemd from 258 on wants it, also where the host still has the former hierarchy
    namespace.run("mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup")
    command = ["timeout", str(seconds), *_NSPAWN, f"--directory={root}"]
    done = process.run(command, within=namespace.enter, ok=_ANY)
    assert done.status == 0, done.output
    return namespace.run("cat", f"{root}{_OUTPUT}")


def _below(namespace: Namespace, root: Path) -> list[str]:
    """What is mounted directly in a root directory, as host directories by a package manager."""
    lines = namespace.run("cat", "/proc/self/mounts").splitlines()
    places = (Path(line.split()[1]) for line in lines)
    return [str(place) for place in places if place.parent == root]


def write(namespace: Namespace, path: str, text: str, *, mode: str = "644") -> None:
    """Writes a file in a namespace."""
    command = ["install", "-D", f"--mode={mode}", "/dev/stdin", path]
    process.run(command, within=namespace.enter, stdin=text.encode())
