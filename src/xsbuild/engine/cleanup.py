# SPDX-License-Identifier: Apache-2.0
"""Delete leftovers of dead processes, caches by name and cache entries unused for long.

Keys, published repositories and entries in use are never deleted.
"""

import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from operator import attrgetter
from pathlib import Path

from xsbuild.buildroots.layers import Layers, take_away
from xsbuild.errors import XsbuildError
from xsbuild.host.files import size_of, storage
from xsbuild.host.locks import free_lasting_lock
from xsbuild.host.scratch import idle, owned_folder, remove, remove_tree, sweep
from xsbuild.settings import Folders, Keep

_DAY = 24 * 3600
_GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was removed.

    Attributes:
        what: in words.
        path: where it was.
        size: the disk space that it took, in bytes; without what this user may not read.
    """

    what: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be made or fetched again.

    Attributes:
        what: in words.
        path: where it is.
        used: when it was last used, in seconds since the epoch.
        size: the disk space that it takes, in bytes.
        remove: removes it, and says whether it did.
    """

    what: str
    path: Path
    used: float
    size: int
    remove: Callable[[], bool] = field(compare=False, repr=False)


def overdue(items: Iterable[Item], limits: Keep, now: float) -> list[Item]:
    """Select entries to remove: expired ones, then the least recently used down to the limit."""
    chosen = []
    left = limits.gigabytes * _GIGABYTE
    for item in sorted(items, key=attrgetter("used"), reverse=True):
        left -= item.size
        if left < 0 or item.used < now - limits.days * _DAY:
            chosen.append(item)
    return chosen


def evict(folders: Folders, limits: Keep) -> list[Removed]:
    """Remove overdue layers, and overdue sources and results if no other xsbuild is running.

    Raises:
        StorageError: something is someone else's.
    """
    with storage(folders.cache), idle(folders.work) as alone:
        items = [*_layers(folders)]
        if alone:
            items += [*_sources(folders), *_results(folders)]
        return [
            Removed(item.what, item.path, item.size)
            for item in overdue(items, limits, time.time())
            if item.remove()
        ]


def _layers(folders: Folders) -> Iterator[Item]:
    layers = Layers(folders.layers)
    layers.settle()
    for kept in layers.kept():
        remove = partial(_remove_layer, kept.place)
        yield Item("unused build dependencies", kept.place, kept.used, kept.size, remove)


def _remove_layer(place: Path) -> bool:
    with owned_folder(place.parent / "new") as trash:
        return take_away(place, trash)


def _sources(folders: Folders) -> Iterator[Item]:
    for folder in (*folders.sources.glob("sha256/*"), *folders.sources.glob("sha512/*")):
        remove = partial(_remove_source, folder)
        yield Item("unused source", folder, folder.stat().st_mtime, size_of(folder), remove)


def _remove_source(folder: Path) -> bool:
    shutil.rmtree(folder)
    return True


def _results(folders: Folders) -> Iterator[Item]:
    used = {one: one.stat().st_mtime for one in folders.store.glob("[0-9a-f][0-9a-f]/*")}
    seen: set[tuple[int, int]] = set()  # results may share files: with the one used last they go
    for folder in sorted(used, key=used.__getitem__, reverse=True):
        remove = partial(_remove_result, folder, folders.store / "new")
        yield Item("unused result", folder, used[folder], size_of(folder, seen), remove)


def _remove_result(folder: Path, new: Path) -> bool:
    with owned_folder(new) as trash:
        folder.rename(trash / folder.name)
    return True


class Cache(StrEnum):
    """A cache that a user can name."""

    SOURCES = "sources"
    BASES = "bases"
    STORE = "store"
    LAYERS = "layers"
    INDEXES = "indexes"
    LOCKS = "locks"
    LOGS = "logs"


class InUseError(XsbuildError):
    """The files to be removed are in use by another process."""


def clean(folders: Folders, caches: Collection[Cache], limits: Keep) -> list[Removed]:
    """Remove leftovers of dead processes and failed builds, overdue entries, and the named caches.

    Raises:
        InUseError: another process uses one of the caches; none is removed then.
        StorageError: something is someone else's.
    """
    removed = [*_left_behind(folders), *evict(folders, limits)]
    if not caches:
        return removed
    _check_idle(folders)
    with ExitStack() as held:
        held.enter_context(storage(folders.cache))
        for file in _locks(folders, caches):
            held.enter_context(_lock(file))
        # Renamed first: whoever starts now gets an empty cache, never half of one.
        trash = held.enter_context(owned_folder(folders.work))
        for cache in caches:
            folder = folders.cache / cache
            if folder.exists():
                removed.append(Removed(f"cache: {cache}", folder, size_of(folder)))
                folder.rename(trash / cache)
    return removed


def _left_behind(folders: Folders) -> Iterator[Removed]:
    for parent in (folders.work, folders.store / "new", folders.layers / "new"):
        sizes = {path: size_of(path) for path in parent.glob("*-*") if path.is_dir()}
        for path in sweep(parent):
            yield Removed("left by a process that was killed", path, sizes.get(path, 0))
    yield from _remove_all("left by a failed build", folders.work.glob("failed/*"), remove)
    yield from _remove_all("damaged result", folders.store.glob("damaged/*"), remove)
    for lock in sorted(folders.bases.glob("*/lock")):
        with free_lasting_lock(lock) as free:
            if free:
                unfinished = lock.parent.glob("new-*")
                yield from _remove_all("unfinished base chroot", unfinished, remove_tree)


def _remove_all(
    what: str, paths: Iterator[Path], remover: Callable[[Path], None]
) -> Iterator[Removed]:
    for path in sorted(paths):
        size = size_of(path)
        with storage(path):
            remover(path)
        yield Removed(what, path, size)


def _check_idle(folders: Folders) -> None:
    """After a sweep, whatever has a lock in the work folder is alive."""
    processes = sorted({lock.name.partition("-")[0] for lock in folders.work.glob("*.lock")})
    if processes:
        raise _in_use(f"another xsbuild is at work: process {', '.join(processes)}")


def _locks(folders: Folders, caches: Collection[Cache]) -> Iterator[Path]:
    """Yield the locks held by users of a cache, except the work folder's."""
    if Cache.BASES in caches:
        yield from folders.bases.glob("*/lock")
        yield from folders.bases.glob("*/[0-9]*/in-use")  # of each generation
    if Cache.SOURCES in caches:
        yield from folders.sources.glob("work/*.lock")
    if Cache.STORE in caches:
        yield from folders.store.glob("locks/*.lock")
    if Cache.LAYERS in caches:
        yield from folders.layers.glob("*.lock")
        yield from folders.layers.glob("*/in-use")


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with free_lasting_lock(file) as free:
        if not free:
            raise _in_use(f"another xsbuild uses {file.parent}")
        yield


def _in_use(message: str) -> InUseError:
    return InUseError(
        message,
        hint="try again when it has ended; nothing in use was removed",
        code="XSB-HOST-IN-USE",
    )
