# SPDX-License-Identifier: Apache-2.0
"""Runs a command as an ordinary user with subordinate ids, on a machine where tests are root.

Nothing on the host changes: the user exists only in copies of ``/etc/passwd`` and its like, which
are bind-mounted in a private namespace.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from xsbuild.host import process
from xsbuild.host.namespace import Namespace, private_namespace

NAME = "packager"
UID = 61234
_ADDED = {
    "passwd": "{name}:x:{uid}:{uid}:Test user:{home}:/bin/sh\n",
    "group": "{name}:x:{uid}:\n",
    "subuid": "{name}:700000:65536\n",
    "subgid": "{name}:700000:65536\n",
}
_PROJECT = Path(__file__).parents[2]
ANY_STATUS = range(-64, 256)


def as_ordinary_user(
    args: Sequence[str | Path],
    home: Path,
    *,
    env: Mapping[str, str] | None = None,
    ok: Collection[int] = ANY_STATUS,
    binds: Mapping[str, Path] | None = None,
) -> process.Completed:
    """Runs a command as an ordinary user; as oneself where the tests do not run as root.

    Args:
        args: the command.
        home: a directory that becomes the user's home and owns what is in it.
        env: added to the fixed environment and the user's ``HOME`` and ``USER``.
        ok: exit statuses that are no failure; all by default.
        binds: file of the machine → the file that takes its place, which only root can do.
    """
    variables = {"HOME": str(home), "USER": NAME, "LOGNAME": NAME, **(env or {})}
    if os.geteuid() != 0:
        return process.run(args, env=variables, cwd=home, ok=ok)
    _give(home)
    with private_namespace() as namespace:
        namespace.run("hostname", "workstation")
        _add_user(namespace, home)
        _make_passable(namespace, home, _PROJECT)
        for place, file in (binds or {}).items():
            namespace.run("mount", "--bind", file, place)
        become = ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--")
        within = (*namespace.enter, *become, "env", f"--chdir={home}")
        return process.run(args, within=within, env=variables, ok=ok)


def _give(home: Path) -> None:
    for folder, folders, files in os.walk(home):
        os.chown(folder, UID, UID)
        for name in files:
            os.lchown(Path(folder, name), UID, UID)
        # What belongs to the user's subordinate ids stays as it is.
        folders[:] = [name for name in folders if Path(folder, name).lstat().st_uid in {0, UID}]


def _make_passable(namespace: Namespace, *paths: Path) -> None:
    """Lets the user reach some paths in directories of root's, in the namespace alone.

    A directory that others may not enter is covered by one that they may, with the one entry that
    leads to the path. (Changing its mode would not last: each pytest resets that of its own.)
    """
    closed = sorted({pair for path in paths for pair in _closed(path)})
    for folder, pairs in groupby(closed, key=lambda pair: pair[0]):
        namespace.run("mount", "--bind", folder, "/mnt")
        namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
        for _, entry in pairs:
            namespace.run("mkdir", entry)
            namespace.run("mount", "--bind", Path("/mnt", entry.name), entry)
        namespace.run("umount", "/mnt")


def _closed(path: Path) -> list[tuple[Path, Path]]:
    chain = [*reversed(path.parents), path]
    return [
        (folder, entry)
        for folder, entry in pairwise(chain)
        if folder.stat().st_mode & 0o001 == 0 and folder.stat().st_uid == 0
    ]


def _add_user(namespace: Namespace, home: Path) -> None:
    copies = home.parent / f"{home.name}.etc"
    copies.mkdir(exist_ok=True)
    for name, line in _ADDED.items():
        original = Path("/etc", name)
        copy = copies / name
        copy.write_text(original.read_text() + line.format(name=NAME, uid=UID, home=home))
        namespace.run("mount", "--bind", copy, original)
