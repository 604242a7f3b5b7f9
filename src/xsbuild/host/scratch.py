# SPDX-License-Identifier: Apache-2.0
"""Scratch directories, each owned by a process and removed when it ends."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from xsbuild.host.files import storage
from xsbuild.host.locks import file_lock, free_lasting_lock, free_lock, lasting_lock
from xsbuild.host.namespace import private_namespace


@contextmanager
def owned_folder(parent: Path) -> Iterator[Path]:
    """Create an empty directory and remove it afterwards; `sweep` does if this process is killed.

    Args:
        parent: created if missing; on the file system where the work is to be done.

    Yields:
        ``PARENT/PID-RANDOM``; ``PARENT/PID-RANDOM.lock`` is held meanwhile.

    Raises:
        StorageError: the disk is full, read-only or someone else's.
    """
    folder = parent / f"{os.getpid()}-{secrets.token_hex(6)}"
    with ExitStack() as held:
        with storage(parent):
            parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(lasting_lock(parent, shared=True))
            held.enter_context(file_lock(_lock_of(folder)))
            folder.mkdir()
        held.callback(remove, folder)
        yield folder


@contextmanager
def idle(parent: Path) -> Iterator[bool]:
    """Yield whether no process has a directory there; if so, new ones wait until the block ends."""
    if not parent.is_dir():
        yield True
        return
    with free_lasting_lock(parent) as free:
        yield free


def sweep(parent: Path) -> list[Path]:
    """Remove the directories left by killed processes.

    Args:
        parent: as given to `owned_folder`; it need not exist.

    Returns:
        The removed directories.
    """
    removed = []
    for lock in sorted(parent.glob("*.lock")):
        folder = lock.with_suffix("")
        with storage(parent), free_lock(lock) as free:
            if free:
                remove(folder)
                removed.append(folder)
    return removed


def remove(folder: Path) -> None:
    """Remove a directory, if it exists, including files owned by this user's subordinate ids."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        remove_tree(folder)


def remove_tree(folder: Path) -> None:
    """Remove a directory whose files may belong to this user's subordinate ids."""
    if os.geteuid() == 0:
        shutil.rmtree(folder)
        return
    with private_namespace() as namespace:
        namespace.run("rm", "--recursive", "--force", "--one-file-system", "--", folder)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")
