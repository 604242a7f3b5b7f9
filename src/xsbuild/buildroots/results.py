# SPDX-License-Identifier: Apache-2.0
"""Take the results of a build out of its buildroot.

The build may have left anything in place of its packages: a link to a file of the host, a device, a
file still being written. So no process of the host follows a path writable for the build user:

1. inside the chroot, its root moves plain files to `INSIDE`, which the build user cannot write;
2. from there the host copies them, links and special files left behind.
"""

from collections.abc import Sequence
from pathlib import Path

from xsbuild.host.namespace import Namespace

INSIDE = "/xsbuild/results"


def gathering(folders: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the command that gathers results, to be run as root of the chroot.

    Args:
        folders: absolute paths inside the chroot; links are not followed.
        patterns: patterns of file names, as in find(1).
    """
    names = [word for pattern in patterns for word in ("-o", "-name", pattern)][1:]
    return (
        "find", *folders, "-type", "f", "(", *names, ")",
        "-exec", "install", "-D", "--mode=644", f"--target-directory={INSIDE}", "--", "{}", "+",
    )  # fmt: skip


def take(namespace: Namespace, root: Path, results: Path) -> None:
    """Copy the gathered files to a directory of the host.

    Args:
        namespace: the namespace in which the buildroot is mounted.
        root: its mount point.
        results: an existing directory of the host.
    """
    copy = ("cp", "--no-preserve=all", f"--target-directory={results}", "--")
    place = root / INSIDE[1:]
    namespace.run("mkdir", "--parents", place)
    namespace.run("find", place, "-maxdepth", "1", "-type", "f", "-exec", *copy, "{}", "+")
