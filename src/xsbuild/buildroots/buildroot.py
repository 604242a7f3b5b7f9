# SPDX-License-Identifier: Apache-2.0
"""A writable root over a base in which commands run: for trying packages and for looking around."""

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

# bwrap(1) mounts a /proc and a minimal /dev of its own; each command has its own processes, so that
# a daemon that it leaves ends with it.
_BWRAP = (
    "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """How to enter a buildroot in the environment of a build step.

    Attributes:
        user: who ran the step; root where None.
        directory: where, inside.
        env: its variables, beside what `process.environment` fixes.
        network: whether it had the host's network.
        again: the command that does the rest of the build.
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
        path: its directory; something is there only inside `namespace`.
        namespace: where it is mounted.
        binds: host path → absolute place inside, read-only.
    """

    path: Path
    namespace: Namespace
    binds: Mapping[Path, str] = field(default_factory=dict)

    def words(
        self, *, user: str | None = None, network: bool = False, directory: str = "/"
    ) -> tuple[str, ...]:
        """Return the command prefix that enters it, for `process.run(within=...)`.

        Args:
            user: a user of the chroot; root where None.
            network: whether the host's network is there; else only a loopback interface.
            directory: where, inside.
        """
        binds = dict(self.binds)
        if network:
            binds[Path("/etc/resolv.conf").resolve()] = "/etc/resolv.conf"
        mounts = [word for host, place in binds.items() for word in _bind(host, place)]
        offline = () if network else ("--unshare-net",)
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups") if user else ()
        root = ("--bind", self.path, "/", "--proc", "/proc", "--dev", "/dev")
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
    ) -> process.Completed:
        """Run a command in it; see `words` and `process.run`."""
        within = self.words(user=user, network=network)
        variables = {"DEBIAN_FRONTEND": "noninteractive", **(env or {})}
        return process.run(args, within=within, env=variables, log=log, ok=ok)

    def shell(self, entry: Entry) -> int:
        """Run an interactive shell in it and return its exit status."""
        within = self.words(user=entry.user, network=entry.network, directory=entry.directory)
        env = {"TERM": os.environ.get("TERM", "dumb"), **entry.env}
        return process.interact(["bash"], within=within, env=env)

    def rename_host(self) -> None:
        """Set another host name than that of all builds."""
        self.namespace.run("hostname", "elsewhere")


def _bind(host: Path, place: str) -> tuple[str | Path, ...]:
    # a directory that bwrap makes unasked is closed to other users, as apt's is
    folder = ("--perms", "0755", "--dir", posixpath.dirname(place))
    return (*folder, "--ro-bind", host, place)


@contextmanager
def buildroot(
    base: Base, scratch: Path, *layers: Path, binds: Mapping[Path, str] | None = None
) -> Iterator[Buildroot]:
    """Mount a fresh writable copy of a base; leaving ends what runs in it and unmounts it.

    Works as root and, in a user namespace, as an ordinary user.

    Args:
        base: stays as it is.
        scratch: an existing empty directory that takes what is written; the caller removes it,
            with `remove_tree` because other ids may own what is in it.
        layers: directories over the base that stay as they are, too; whoever gives them keeps them.
        binds: host path → absolute place inside, read-only.

    Raises:
        XsbuildError: this user may not make namespaces.
    """
    with base.in_use(), private_namespace() as namespace:
        yield Buildroot(overlay(namespace, base.path, scratch, *layers), namespace, binds or {})


class GoneError(XsbuildError):
    """A buildroot cannot be mounted again: a base or a layer below it has been removed."""


@contextmanager
def reopened(
    left: Path, scratch: Path, *, binds: Mapping[Path, str] | None = None
) -> Iterator[Buildroot]:
    """Mount what a `buildroot` left, with all that was written in it, as often as one likes.

    Args:
        left: its scratch directory, which stays as it is and may be removed meanwhile.
        scratch: an existing empty directory that takes what is written; see `buildroot`.
        binds: host path → absolute place inside, read-only.

    Raises:
        GoneError: what it was mounted over is no longer there.
    """
    lower, *layers = map(Path, (left / LOWERS).read_text().splitlines())
    with ExitStack() as stack:
        for place in (lower, *layers):
            if not place.is_dir():
                raise GoneError(
                    f"{place}, which this buildroot was on, has been removed", code="XSB-BASE-GONE"
                )
            stack.enter_context(lasting_lock(place.parent / IN_USE, shared=True))
        namespace = stack.enter_context(private_namespace())
        mine = scratch / "left"
        namespace.run("cp", "--archive", "--link", left / UPPER, mine)
        root = overlay(namespace, lower, scratch, *layers, mine)
        yield Buildroot(root, namespace, binds or {})
