# SPDX-License-Identifier: Apache-2.0
"""A writable root over a base, to run commands in: for install tests and shells."""

import os
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xsbuild.buildroots.base_chroots import IN_USE, Base
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.locks import lasting_lock
from xsbuild.host.namespace import LOWERS, UPPER, Namespace, overlay, private_namespace

# As in mock and sbuild: POSIX semaphores require a /dev/shm that everyone may write
# (shm_overview(7)), and programs count processors and NUMA nodes in /sys (sysfs(5)).
_SHARED = ("--perms", "1777", "--tmpfs", "/dev/shm", "--ro-bind", "/sys", "/sys")  # noqa: S108
# bwrap(1) mounts its own /proc and a minimal /dev; each command has its own process namespace, so
# that its daemons end with it.
_BWRAP = (
    "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """How to enter a buildroot in the environment of a build step.

    Attributes:
        user: the user of the step; None: root.
        directory: the working directory inside.
        env: variables in addition to `process.environment`.
        network: whether it had the host's network.
        again: the command that completes the build.
    """

    user: str | None
    directory: str
    env: Mapping[str, str]
    network: bool
    again: str


@dataclass(frozen=True, slots=True)
class Buildroot:
    """A mounted root.

    Attributes:
        path: its mount point, visible only in `namespace`.
        namespace: the namespace in which it is mounted.
        binds: host path → absolute path inside, read-only.
    """

    path: Path
    namespace: Namespace
    binds: Mapping[Path, str] = field(default_factory=dict)

    def words(
        self, *, user: str | None = None, network: bool = False, directory: str = "/"
    ) -> tuple[str, ...]:
        """Return the command prefix that enters it, for `process.run(within=...)`.

        Args:
            user: a user of the chroot; None: root.
            network: whether the host's network is available; else only a loopback interface.
            directory: the working directory inside.
        """
        binds = dict(self.binds)
        if network:
            binds[Path("/etc/resolv.conf").resolve()] = "/etc/resolv.conf"
        mounts = [word for host, place in binds.items() for word in _bind(host, place)]
        offline = () if network else ("--unshare-net",)
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        root = ("--bind", self.path, "/", "--proc", "/proc", "--dev", "/dev", *_SHARED)
        where = ("--chdir", directory)
        words = (*self.namespace.enter, *_BWRAP, *where, *offline, *root, *mounts, "--", *become)
        return tuple(str(word) for word in words)

    def run(
        self,
        args: Sequence[str | Path],
        *,
        log: Path | None = None,
        user: str | None = None,
        network: bool = False,
        env: Mapping[str, str] | None = None,
        ok: Collection[int] = (0,),
        guard: process.Guard | None = None,
    ) -> process.Completed:
        """Run a command in it; see `words` and `process.run`."""
        within = self.words(user=user, network=network)
        variables = {"DEBIAN_FRONTEND": "noninteractive", **(env or {})}
        return process.run(args, within=within, env=variables, log=log, ok=ok, guard=guard)

    def shell(self, entry: Entry) -> int:
        """Run an interactive shell in it and return its exit status."""
        within = self.words(user=entry.user, network=entry.network, directory=entry.directory)
        env = {"TERM": os.environ.get("TERM", "dumb"), **entry.env}
        return process.interact(["bash"], within=within, env=env)

    def rename_host(self) -> None:
        """Set a host name that differs from the default of builds."""
        self.namespace.run("hostname", "elsewhere")


def _bind(host: Path, place: str) -> tuple[str | Path, ...]:
    # directories implicitly created by bwrap are inaccessible to other users, as apt's
    folder = ("--perms", "0755", "--dir", posixpath.dirname(place))
    return (*folder, "--ro-bind", host, place)


@contextmanager
def buildroot(
    base: Base, scratch: Path, *layers: Path, binds: Mapping[Path, str] | None = None
) -> Iterator[Buildroot]:
    """Mount a fresh writable copy of a base; on exit, end its processes and unmount it.

    Works as root and, in a user namespace, as an ordinary user.

    Args:
        base: the base, not changed.
        scratch: an existing empty directory for changes; the caller removes it, with
            `remove_tree` because other ids may own its files.
        layers: read-only directories over the base, kept by the caller.
        binds: host path → absolute path inside, read-only.

    Raises:
        XsbuildError: this user may not create namespaces.
    """
    with base.in_use(), private_namespace() as namespace:
        yield Buildroot(overlay(namespace, base.path, scratch, *layers), namespace, binds or {})


class GoneError(XsbuildError):
    """A buildroot cannot be mounted again: its base or a lower layer was removed."""


@contextmanager
def reopened(
    left: Path, scratch: Path, *, binds: Mapping[Path, str] | None = None
) -> Iterator[Buildroot]:
    """Mount a former `buildroot` again, with its changes, any number of times.

    Args:
        left: its scratch directory, not changed; may be removed meanwhile.
        scratch: an existing empty directory for changes; see `buildroot`.
        binds: host path → absolute path inside, read-only.

    Raises:
        GoneError: its base or a lower layer no longer exists.
    """
    lower, *layers = map(Path, (left / LOWERS).read_text().splitlines())
    with ExitStack() as stack:
        for place in (lower, *layers):
            if not place.is_dir():
                raise GoneError(
                    f"the lower layer {place} of this buildroot was removed", code="XSB-BASE-GONE"
                )
            stack.enter_context(lasting_lock(place.parent / IN_USE, shared=True))
        namespace = stack.enter_context(private_namespace())
        mine = scratch / "left"
        namespace.run("cp", "--archive", "--link", left / UPPER, mine)
        root = overlay(namespace, lower, scratch, *layers, mine)
        yield Buildroot(root, namespace, binds or {})
