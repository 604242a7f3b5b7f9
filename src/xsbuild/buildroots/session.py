# SPDX-License-Identifier: Apache-2.0
"""A writable root over a base in which commands run: for trying packages and for looking around."""

import os
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xsbuild import process
from xsbuild.buildroots.keeper import Base
from xsbuild.buildroots.namespace import Namespace, overlay, private_namespace

# bwrap(1) mounts a /proc and a minimal /dev of its own; each command has its own processes, so that
# a daemon that it leaves ends with it.
_BWRAP = (
    "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL",
    "--chdir", "/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buildroot:
    """A mounted root.

    Attributes:
        path: its directory; something is there only inside `namespace`.
        namespace: where it is mounted.
        binds: host path → absolute place inside, read-only.
    """

    path: Path
    namespace: Namespace
    binds: Mapping[Path, str] = field(default_factory=dict)

    def words(self, *, user: str | None = None, network: bool = False) -> tuple[str, ...]:
        """The words that enter it, for `process.run(within=...)`.

        Args:
            user: a user of the chroot; root where None.
            network: whether the host's network is there; else only a loopback interface.
        """
        binds = dict(self.binds)
        if network:
            binds[Path("/etc/resolv.conf").resolve()] = "/etc/resolv.conf"
        mounts = [word for host, place in binds.items() for word in _bind(host, place)]
        offline = () if network else ("--unshare-net",)
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        root = ("--bind", self.path, "/", "--proc", "/proc", "--dev", "/dev")
        words = (*self.namespace.enter, *_BWRAP, *offline, *root, *mounts, "--", *become)
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
    ) -> process.Completed:
        """Runs a command in it; see `words` and `process.run`."""
        within = self.words(user=user, network=network)
        variables = {"DEBIAN_FRONTEND": "noninteractive", **(env or {})}
        return process.run(args, within=within, env=variables, log=log, ok=ok)

    def shell(self, args: Sequence[str] = ("bash",), *, user: str | None = None) -> int:
        """Gives the terminal to a command in it, and returns its exit status."""
        env = {"TERM": os.environ.get("TERM", "dumb"), "HOME": "/root"}
        return process.interact(args, within=self.words(user=user, network=True), env=env)


def _bind(host: Path, place: str) -> tuple[str | Path, ...]:
    # a directory that bwrap makes unasked is closed to other users, as apt's is
    folder = ("--perms", "0755", "--dir", posixpath.dirname(place))
    return (*folder, "--ro-bind", host, place)


@contextmanager
def buildroot(
    base: Base, scratch: Path, *, binds: Mapping[Path, str] | None = None
) -> Iterator[Buildroot]:
    """Mounts a fresh writable copy of a base; leaving ends what runs in it and unmounts it.

    Works as root and, in a user namespace, as an ordinary user.

    Args:
        base: stays as it is.
        scratch: an existing empty directory that takes what is written; the caller removes it,
            with `remove_tree` because other ids may own what is in it.
        binds: host path → absolute place inside, read-only.

    Raises:
        XsbuildError: this user may not make namespaces.
    """
    with base.in_use(), private_namespace() as namespace:
        yield Buildroot(overlay(namespace, base.path, scratch), namespace, binds or {})
