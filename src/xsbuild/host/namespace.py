# SPDX-License-Identifier: Apache-2.0
"""A private mount and process namespace: everything in it ends with xsbuild.

All mounts of a build are made in one, so none can be left on the host, and the kernel ends every
process and mount in it as soon as its first process ends (pid_namespaces(7)).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import XsbuildError
from xsbuild.host import process

_NEW = ("unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc")
# An ordinary user is root in a user namespace of the ids that /etc/subuid gives.
_NEW_USER = ("--user", "--map-root-user", "--map-auto")
# The kernel itself reaps the orphans of an init that ignores SIGCHLD (wait(2), notes); `cat` ends
# when its standard input is closed.
_INIT = ("env", "--ignore-signal=CHLD", "cat")
# Not below the user's home, which a build's subordinate ids may not enter (0700 is adduser's
# default). /boot is on every host, and nothing in a namespace uses it.
_PLACE = Path("/boot/xsbuild")
# The upper directory of an overlay, and a file that lists the lower ones, the lowest first.
UPPER = "upper"
LOWERS = "lowers"


@dataclass(frozen=True, slots=True)
class Namespace:
    """A private namespace.

    Attributes:
        pid: its first process, as the host sees it.
        enter: the command prefix for `process.run(within=...)`.
        rootless: it belongs to an ordinary user.
    """

    pid: int
    enter: tuple[str, ...]
    rootless: bool

    def run(self, *args: str | Path) -> str:
        """Run a host program as the namespace's root and return what it printed."""
        return process.run(args, within=self.enter).output


@contextmanager
def private_namespace() -> Iterator[Namespace]:
    """Hold a private namespace open; leaving ends all its processes and mounts.

    Raises:
        XsbuildError: this user may not create one.
    """
    rootless = os.geteuid() != 0
    user = _NEW_USER if rootless else ()
    try:
        holder = process.hold([*_NEW, *user, *_INIT])
        with holder as pid:
            yield _namespace(process.only_child(pid), rootless)
    except process.HolderFailedError as error:
        raise _refused(error, rootless) from error


def _namespace(pid: int, rootless: bool) -> Namespace:
    user = ("--user",) if rootless else ()
    enter = ("nsenter", f"--target={pid}", *user, "--mount", "--uts", "--ipc", "--pid", "--")
    namespace = Namespace(pid, enter, rootless)
    namespace.run("hostname", "localhost")
    return namespace


def _refused(error: process.HolderFailedError, rootless: bool) -> XsbuildError:
    hint = (
        "as an ordinary user this needs user namespaces and subordinate ids: as root, "
        f"`usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {os.getuid()}`"
        if rootless
        else "this container may not make mount and process namespaces"
    )
    return XsbuildError(
        f"no private namespace can be made: {error}", hint=hint, code="XSB-HOST-NAMESPACE"
    )


def overlay(namespace: Namespace, lower: Path, scratch: Path, *layers: Path) -> Path:
    """Mount a fresh writable view of a read-only directory, seen only in the namespace.

    Args:
        namespace: the namespace to mount it in; it has room for one.
        lower: the read-only directory.
        scratch: an existing directory for the upper layer.
        layers: further read-only directories over `lower`, the lowest first.

    Returns:
        The mount point, which every user of the namespace can reach.
    """
    upper, work = (scratch / name for name in (UPPER, "work"))
    for folder in (upper, work):
        folder.mkdir()
    upper.chmod(0o755)
    # written first, so that the overlay can be mounted again from the upper directory
    (scratch / LOWERS).write_text("".join(f"{path}\n" for path in (lower, *layers)))
    # volatile: what is written is thrown away, so fsync has nothing to protect (as eatmydata, but
    # for every process and without a preloaded library).
    lowers = ":".join(map(str, (*reversed(layers), lower)))
    options = [f"lowerdir={lowers}", f"upperdir={upper}", f"workdir={work}", "volatile"]
    if namespace.rootless:
        options.append("userxattr")  # trusted.* attributes need the host's root
    namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", _PLACE.parent)
    namespace.run("mkdir", _PLACE)
    namespace.run("mount", "-t", "overlay", "-o", ",".join(options), "overlay", _PLACE)
    return _PLACE
