# SPDX-License-Identifier: Apache-2.0
"""Base chroots: created once per distro and purpose, read-only, shared by all builds.

``bases/DISTRO-VARIANT-ARCHITECTURE-OWNER/`` holds a directory per generation and ``current``, a
symbolic link that is switched when a generation is complete. Every change is made under ``lock``,
so a ``new-*`` seen under the lock was left by a killed process.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from xsbuild.distros.model import Distro
from xsbuild.errors import XsbuildError
from xsbuild.host.files import replacing, storage
from xsbuild.host.locks import free_lasting_lock, lasting_lock
from xsbuild.host.scratch import remove_tree

# Archives publish a few times a day; checking more often only delays builds.
_CHECK_SECONDS = 600
# How long an unused former generation is kept, for plans made before its replacement.
_KEEP_SECONDS = 24 * 3600
# Locked (flock(2)), shared, by users of the generation beside it.
IN_USE = "in-use"


class Variant(StrEnum):
    """Purpose of a base chroot."""

    BUILD = "build"
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Base:
    """A base chroot, read-only.

    Attributes:
        path: the unpacked root directory.
        identity: sha256 over `packages`: its packages with their versions and its archives.
        packages: the file that lists them.
    """

    path: Path
    identity: str
    packages: Path

    @property
    def release(self) -> Path:
        """The file with the state of the archives: a sha256 and a name on each line."""
        return self.path.parent / "release.txt"

    @property
    def inputs(self) -> dict[str, str]:
        """The inputs that determine a buildroot's content, readable, for keys.

        The packages of build dependencies follow from the packages of the base and the content of
        the archives. They are known only once installed: then it turns out whether a changed
        archive matters (`xsbuild.engine.task.Cutoff`).
        """
        archives = sha256(self.release.read_bytes()).hexdigest()
        return {"packages": self.identity, "archives": archives}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Protect the base from removal during a block."""
        with lasting_lock(self.path.parent / IN_USE, shared=True):
            yield


class BaseBuilder(Protocol):
    """A family's way to create a base."""

    @property
    def architecture(self) -> str:
        """The distro's name of the machine's architecture."""

    def recipe(self) -> str:
        """Return all inputs of a base except the content of the archives."""

    def make(self, place: Path, log: Path) -> None:
        """Create ``root/``, ``packages.txt`` and ``release.txt`` in an empty directory."""

    def release(self, place: Path) -> str:
        """Return the ``release.txt`` of the archives' present state.

        Raises:
            XsbuildError: an archive cannot be reached.
        """


@dataclass(frozen=True, slots=True)
class BaseCache:
    """The cached base of a distro and variant.

    Attributes:
        distro: the distro.
        folder: the folder of its generations.
        builder: creates them.
        offline: use the existing base.
        step: called with each step.
        log: the log of its creation.
    """

    distro: Distro
    folder: Path
    builder: BaseBuilder
    offline: bool
    step: Callable[[str], None]
    log: Path

    def present(self) -> Base | None:
        """Return the existing base or None, without a lock."""
        # A replaced generation is kept for a day.
        place = (self.folder / "current").resolve()
        return _base(place) if _is_whole(place) else None

    def ensure(self) -> Base:
        """Return the base, created or refreshed first if needed."""
        with storage(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            return self._ensure()

    def _ensure(self) -> Base:
        waiting = partial(self.step, "wait for another xsbuild that makes the same base chroot")
        with lasting_lock(self.folder / "lock", waiting=waiting):
            self._sweep()
            current = self.folder / "current"
            if not _is_whole(current):
                return self._first()
            reason = self._why_refresh(current.resolve())
            if reason:
                self._refresh(reason)
            return _base(current.resolve())

    def _first(self) -> Base:
        if self.offline:
            raise XsbuildError(
                f"no base chroot for {self.distro.title}, and --offline prevents creating one",
                hint="run once without --offline",
                code="XSB-BASE-OFFLINE",
            )
        self.step(f"make the base chroot of {self.distro.title}")
        return _base(self._make())

    def _why_refresh(self, place: Path) -> str | None:
        if self.offline:
            return None
        if (place / "recipe.txt").read_bytes() != self.builder.recipe().encode():
            return "its definition has changed"
        checked = place / "checked"
        if time.time() - checked.stat().st_mtime < _CHECK_SECONDS:
            return None
        try:
            release = self.builder.release(place)
        except XsbuildError as error:
            self.step(f"keep the base of {self.distro.title}: {_first_line(error)}")
            return None
        checked.touch()
        changed = release.encode() != (place / "release.txt").read_bytes()
        return "its archive has changed" if changed else None

    def _refresh(self, reason: str) -> None:
        self.step(f"refresh the base chroot of {self.distro.title}: {reason}")
        old = (self.folder / "current").resolve()
        try:
            self._make()
        except XsbuildError as error:
            self.step(f"keep the old base of {self.distro.title}: {_first_line(error)}")
            return
        (old / "replaced").touch()

    def _make(self) -> Path:
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        new.chmod(0o755)
        try:
            self.builder.make(new, self.log)
            (new / "recipe.txt").write_text(self.builder.recipe())
            for name in ("checked", IN_USE):
                (new / name).touch()
            generation = self.folder / f"{time.time_ns()}"
            new.rename(generation)
        except BaseException:
            with suppress(XsbuildError):  # the next run removes the rest
                remove_tree(new)
            raise
        with replacing(self.folder / "current", alone=True) as link:
            link.symlink_to(generation.name)
        return generation

    def _sweep(self) -> None:
        for place in self.folder.iterdir():
            if place.name.startswith("new-") or (place.is_dir() and _is_forgotten(place)):
                remove_tree(place)


def _is_whole(place: Path) -> bool:
    """Return whether a base's record is complete; a full or failing disk may have lost a part."""
    files = ("recipe.txt", "release.txt", "checked")
    try:
        listed = (place / "packages.txt").stat().st_size
    except FileNotFoundError:
        return False
    return bool(listed) and (place / "root").is_dir() and all((place / f).exists() for f in files)


def _base(place: Path) -> Base:
    packages = place / "packages.txt"
    return Base(place / "root", sha256(packages.read_bytes()).hexdigest(), packages)


def _is_forgotten(place: Path) -> bool:
    replaced = place / "replaced"
    if not replaced.exists() or time.time() - replaced.stat().st_mtime < _KEEP_SECONDS:
        return False
    with free_lasting_lock(place / IN_USE) as free:
        return free


def _first_line(error: XsbuildError) -> str:
    return error.message.partition("\n")[0]
