# SPDX-License-Identifier: Apache-2.0
"""Layers of installed build dependencies: created once over a base, then read-only and shared.

The packages of a source package's build dependencies are determined by the base, the state of its
archives and the internal packages: a layer is named by a hash of these. ``LAYERS/KEY/`` has
``root``, the files of the installation, and ``layer.json``, which describes it. It is created
atomically; ``LAYERS/new/`` holds unfinished layers, ``LAYERS/KEY.lock`` is held meanwhile.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from xsbuild.buildroots.base_chroots import IN_USE, Base
from xsbuild.host import process
from xsbuild.host.files import size_of, storage
from xsbuild.host.locks import file_lock, free_lasting_lock, free_lock, is_still, lasting_lock
from xsbuild.host.namespace import UPPER
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.store.keys import Json, key_of

_ABOUT = "layer.json"
# Incremented when the content or format of layers changes without a changed input.
_FORMAT = 2
_SYNCED = "synced"
_BOOT = Path("/proc/sys/kernel/random/boot_id")

# Installs into an overlay, given its scratch directory; returns all installed packages.
Installer = Callable[[Path], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """An existing layer.

    Attributes:
        place: its directory.
        used: time of its last use by a build, in seconds since the epoch.
        size: its disk usage, in bytes.
    """

    place: Path
    used: float
    size: int


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers in a folder, safe for any number of processes at once.

    Attributes:
        folder: their folder; need not exist.
    """

    folder: Path

    @contextmanager
    def use(
        self,
        inputs: Mapping[str, Json],
        install: Installer,
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[Path]:
        """Hold a layer during a block, created first if needed.

        Args:
            inputs: all inputs that determine its content.
            install: creates it.
            waiting: called if another process creates it.

        Yields:
            The directory to mount over the base, read-only.

        Raises:
            StorageError: the folder cannot be written.
            XsbuildError: raised by `install`.
        """
        place = self.folder / key_of(inputs)
        with storage(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
        with ExitStack() as held:
            while not held.enter_context(_held(place)):
                with file_lock(place.with_suffix(".lock"), waiting=waiting):
                    if not _is_whole(place):
                        self._make(place, inputs, install)
            yield place / "root"

    def _make(self, place: Path, inputs: Mapping[str, Json], install: Installer) -> None:
        with storage(self.folder), owned_folder(self.folder / "new") as work:
            if place.exists():
                place.rename(work / "damaged")
            packages = sorted(install(work))
            layer = work / "layer"
            layer.mkdir()
            (work / UPPER).rename(layer / "root")
            (layer / IN_USE).touch()
            about = {
                "inputs": inputs,
                "packages": packages,
                "size": size_of(layer),
                "boot": _BOOT.read_text(),
            }
            (layer / _ABOUT).write_text(json.dumps(about, indent=2, default=dict))
            layer.rename(place)

    def _sweep(self) -> None:
        """Remove leftovers of killed processes."""
        sweep(self.folder / "new")
        for lock in self.folder.glob("*.lock"):
            with free_lock(lock):
                pass  # which removes it

    def kept(self) -> Iterator[Kept]:
        """Yield all existing layers."""
        for about in self.folder.glob(f"*/{_ABOUT}"):
            place = about.parent
            yield Kept(
                place,
                (place / IN_USE).stat().st_mtime,
                json.loads(about.read_bytes())["size"],
            )

    def settle(self) -> None:
        """Wait until all layers are on the disk, so that they survive a power cut.

        Not done on creation, as it would double the time of an installation.
        """
        fresh = [kept.place for kept in self.kept() if not (kept.place / _SYNCED).exists()]
        if fresh:
            process.run(["sync", "--file-system", self.folder])
        for place in fresh:
            with _held(place) as there:
                if there:
                    (place / _SYNCED).touch()


def take_away(place: Path, trash: Path) -> bool:
    """Move an unused layer into another directory of its file system."""
    with free_lasting_lock(place / IN_USE) as free:
        if free:
            place.rename(trash / place.name)
        return free


def over(base: Base) -> dict[str, Json]:
    """Return the inputs of layers that come from their base."""
    files = (base.release, base.path.parent / "recipe.txt")
    return {
        "format": _FORMAT,
        "buildroot": base.identity,
        "archives": [sha256(file.read_bytes()).hexdigest() for file in files],
        "owner": "user" if os.geteuid() else "root",
    }


def installed(layer: Path) -> list[str]:
    """Return all packages of a base with one of its layers, sorted, in `Installer`'s format.

    Args:
        layer: the directory yielded by `Layers.use`.
    """
    packages: list[str] = json.loads((layer.parent / _ABOUT).read_bytes())["packages"]
    return packages


@contextmanager
def _held(place: Path) -> Iterator[bool]:
    """Share the lock of a layer during a block; yield whether it exists."""
    with ExitStack() as held:
        try:
            descriptor = held.enter_context(lasting_lock(place / IN_USE, shared=True))
        except FileNotFoundError:
            yield False
            return
        there = _is_whole(place) and is_still(place / IN_USE, descriptor)
        if there:
            os.utime(descriptor)
        yield there


def _is_whole(place: Path) -> bool:
    """Return whether a layer is on the disk, or was written since the last boot."""
    try:
        about = json.loads((place / _ABOUT).read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return (place / _SYNCED).exists() or about["boot"] == _BOOT.read_text()
