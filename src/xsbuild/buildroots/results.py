# SPDX-License-Identifier: Apache-2.0
"""Take the results of a build out of its buildroot.

The code that was built may have left anything where its packages are expected: a link to a file of
the host, a device, a file that a process of it still writes. So nothing of the host follows a path
that the build user could have written:

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
        folders: absolute places inside the chroot; a link in the place of one is not followed.
        patterns: of file names, as find(1) has them.
    """
    names = [word for pattern in patterns for word in ("-o", "-name", pattern)][1:]
    return (
        "find", *folders, "-type", "f", "(", *names, ")",
        "-exec", "install", "-D", "--mode=644", f"--target-directory={INSIDE}", "--", "{}", "+",
    )  # fmt: skip


def take(namespace: Namespace, root: Path, results: Path) -> None:
    """Copy what was gathered to a directory of the host.

    Args:
        namespace: in which the buildroot is mounted.
        root: where it is mounted.
        results: an existing directory of the host.
    """
    copy = ("cp", "--no-preserve=all", f"--target-directory={results}", "--")
    place = root / INSIDE[1:]
    namespace.run("mkdir", "--parents", place)
    namespace.run("find", place, "-maxdepth", "1", "-type", "f", "-exec", *copy, "{}", "+")
