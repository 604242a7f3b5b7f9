# SPDX-License-Identifier: Apache-2.0
"""Removes from the caches that only grow what was not used for long, and nothing that is in use."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path

from xsbuild.buildroots.layers import Layers, take_away
from xsbuild.host.files import size_of, storage
from xsbuild.host.scratch import idle, owned_folder
from xsbuild.settings import Folders, Limits

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


def overdue(items: Iterable[Item], limits: Limits, now: float) -> list[Item]:
    """Chooses what has to go: all that is too old, and what was used longest ago until it fits."""
    chosen = []
    left = limits.gigabytes * _GIGABYTE
    for item in sorted(items, key=attrgetter("used"), reverse=True):
        left -= item.size
        if left < 0 or item.used < now - limits.days * _DAY:
            chosen.append(item)
    return chosen


def evict(folders: Folders, limits: Limits) -> list[Removed]:
    """Removes what is overdue: of layers always, of sources and results if no xsbuild is at work.

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
    for folder in folders.sources.glob("sha256/*"):
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
