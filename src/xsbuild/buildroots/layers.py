# SPDX-License-Identifier: Apache-2.0
"""Layers of installed build dependencies: made once over a base, then only read, by any build.

Which packages a source package's build dependencies bring is a function of the base, of what its
archives held, and of the internal packages: a hash of these is a layer's name. ``LAYERS/KEY/`` has
``root``, what the installation wrote, and ``layer.json``, which says what it is. It appears whole
or not at all; ``LAYERS/new/`` holds layers being made, ``LAYERS/KEY.lock`` is held meanwhile.
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
# Raised when what a layer has or says changes without any input showing it.
_FORMAT = 2
_SYNCED = "synced"
_BOOT = Path("/proc/sys/kernel/random/boot_id")

# Installs into an overlay whose scratch directory it is given; returns all packages there are then.
Installer = Callable[[Path], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A layer that is there.

    Attributes:
        place: its directory.
        used: when a build last began to use it, in seconds since the epoch.
        size: the disk space that it takes, in bytes.
    """

    place: Path
    used: float
    size: int


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers in a folder, safe for any number of processes at once.

    Attributes:
        folder: where they are; need not exist.
    """

    folder: Path

    @contextmanager
    def use(
        self,
        inputs: Mapping[str, Json],
        install: Installer,
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[Path]:
        """Keep a layer from being removed while a block runs; makes it first where needed.

        Args:
            inputs: everything that decides what is in it.
            install: makes it.
            waiting: called if someone else makes it.

        Yields:
            What goes over the base in an overlay; never to be written.

        Raises:
            StorageError: the folder cannot be written.
            XsbuildError: whatever `install` raises.
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
        """Remove what killed processes left."""
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
        """Wait until all layers are on the disk, so that they are good after a power cut, too.

        Not done when they are made, as it would take as long again as their installation.
        """
        fresh = [kept.place for kept in self.kept() if not (kept.place / _SYNCED).exists()]
        if fresh:
            process.run(["sync", "--file-system", self.folder])
        for place in fresh:
            with _held(place) as there:
                if there:
                    (place / _SYNCED).touch()


def take_away(place: Path, trash: Path) -> bool:
    """Move a layer into another directory of its file system, unless a build uses it."""
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
        layer: what `Layers.use` yields.
    """
    packages: list[str] = json.loads((layer.parent / _ABOUT).read_bytes())["packages"]
    return packages


@contextmanager
def _held(place: Path) -> Iterator[bool]:
    """Share the lock of a layer while a block runs; yields whether there is one."""
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
    """Return whether a layer is on the disk, or its writes cannot have been lost since."""
    try:
        about = json.loads((place / _ABOUT).read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return (place / _SYNCED).exists() or about["boot"] == _BOOT.read_text()
