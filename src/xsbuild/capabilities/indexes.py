# SPDX-License-Identifier: Apache-2.0
"""Indexes of distros: fetched, kept by the state of their archives, shared by all processes."""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from xsbuild.capabilities.debarchive import make_private_apt, update
from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.index import FORMAT, Index, write_index
from xsbuild.capabilities.lock import IndexStamp
from xsbuild.capabilities.patterns import Patterns
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.settings import Settings

_FILE = "index.sqlite"


@contextmanager
def open_index(distro: Distro, settings: Settings, step: Callable[[str], None]) -> Iterator[Index]:
    """Opens the index of a distro, refreshed first unless offline.

    It is of the first architecture the distro names: names of packages do not depend on it.

    Args:
        step: told what takes time.

    Raises:
        InputError: the archives are not known well enough, or offline and never fetched.
        CommandFailedError: they could not be fetched, or are not signed as they must be.
    """
    folder = index_folder(distro, settings)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _refresh(distro, settings, folder, step)
        # Opened before the next process may replace it; an open file stays what it is.
        index = Index(folder / _FILE)
    with closing(index):
        yield index


def index_folder(distro: Distro, settings: Settings) -> Path:
    """Where the index of a distro is kept, with the private apt that it was fetched by."""
    return settings.folders.indexes / f"{distro.name}-{_machine(distro)}"


def _machine(distro: Distro) -> str:
    return next(iter(distro.architectures))


def _refresh(distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]) -> None:
    if distro.family is not Family.DEB:
        raise InputError(f"{distro.title}: indexes of rpm distros cannot be made yet")
    apt = make_private_apt(folder / "apt", distro.architectures[_machine(distro)])
    if not settings.offline:
        step(f"{distro.name}: asking the archives")
        update(apt, distro, settings, step)
    stamp = apt.stamp()
    if stamp is None:
        raise InputError(
            f"{distro.title}: nothing is known of its archives", hint="run it without --offline"
        )
    if _is_current(folder / _FILE, stamp):
        return
    step(f"{distro.name}: indexing the archives as of {stamp.date}")
    write_index(
        folder / _FILE,
        stamp=stamp,
        family=distro.family,
        patterns=Patterns(_machine(distro)),
        packages=read_packages(apt.targets("Packages")),
        files=read_contents(apt.targets("Contents")),
    )


def _is_current(file: Path, stamp: IndexStamp) -> bool:
    if not file.exists():
        return False
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        try:
            row = database.execute("SELECT hash, format FROM stamp").fetchone()
        except sqlite3.DatabaseError:
            return False
    return bool(row == (stamp.hash, FORMAT))
