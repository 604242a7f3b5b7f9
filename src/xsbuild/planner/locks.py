# SPDX-License-Identifier: Apache-2.0
"""The lock of a distro: the project's, else one that is made from the archives and cached."""

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from xsbuild.buildroots.base import Base, Variant, present_base
from xsbuild.capabilities.lockfile import (
    Lock,
    diff_locks,
    find_lock,
    load_lock,
    lock_file,
    save_lock,
)
from xsbuild.capabilities.make_lock import Locking, is_complete, make_lock
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, XsbuildError
from xsbuild.project import Project

# A cached lock is compared with the archives at most this often, as a base chroot is.
_CHECK_SECONDS = 600


def lock_of(project: Project, distro: Distro) -> Lock | None:
    """Return the lock of a distro: the project's, else the cached one, else None.

    Raises:
        ProblemsError: the project's lock is wrong.
    """
    return committed_lock(project, distro) or _cached(project, distro)


def committed_lock(project: Project, distro: Distro) -> Lock | None:
    """Return the project's lock of a distro, or None.

    Raises:
        ProblemsError: it is wrong.
    """
    file = lock_file(project.locks, distro.name)
    return find_lock(file)


def ensure_lock(
    project: Project, distro: Distro, step: Callable[[str], None], *, refresh: bool = False
) -> None:
    """Make a lock in the cache if the project has none for a distro.

    A cached lock is made again if the manifest has outgrown it, or the archives have changed; every
    difference is announced. Offline, the indexes of the last run are used, if any. Archives that
    cannot be read are announced, too, and end nothing: not every target needs the lock.

    Args:
        project: the project.
        distro: the distro.
        step: called with each line of progress.
        refresh: read the archives in any case; of a lock of the project, announce the changes that
            `xsbuild lock` would make.

    Raises:
        XsbuildError: the archives cannot be read, with `refresh`.
    """
    committed = lock_file(project.locks, distro.name)
    if committed.exists():
        if refresh:
            _compare(project, distro, load_lock(committed), step)
        return
    former = _cached(project, distro)
    if former and not refresh and _is_current(project, distro, former):
        return
    try:
        locking = _make(project, distro, step)
    except XsbuildError as error:
        if refresh:
            raise
        step(f"{distro.name}: no lock in the project, and none made: {error.message}")
        return
    if locking:
        file = _cached_file(project, distro)
        save_lock(locking.lock, file)
        for line in _announced(locking, former, file):
            step(line)


def explain_unread(distro: str, *, offline: bool) -> str:
    """Explain why a build has no lock, and what to do.

    Args:
        distro: the distro's name.
        offline: the archives were not asked.
    """
    if offline:
        return f"the archives of {distro} were never read; run it without --offline"
    return f"the archives of {distro} cannot be read; `xsbuild lock --distro {distro}` shows why"


def archives_of(project: Project, distro: Distro) -> str | None:
    """Return the state of the archives that the base chroot was made from, as a lock has it.

    It asks no network: the base was made, or last checked, when the archive was last asked.
    """
    base = base_of(project, distro)
    if base is None:
        return None
    digests = sorted(line.split()[0] for line in base.release.read_text().splitlines())
    return sha256("".join(digests).encode()).hexdigest()


def base_of(project: Project, distro: Distro) -> Base | None:
    """Return the base chroot that builds for a distro would use."""
    try:
        return present_base(distro, Variant.BUILD, project.settings)
    except XsbuildError:
        return None


def _cached_file(project: Project, distro: Distro) -> Path:
    return lock_file(project.cached_locks, distro.name)


def _cached(project: Project, distro: Distro) -> Lock | None:
    file = _cached_file(project, distro)
    try:
        return find_lock(file)
    except InputError:
        return None  # of another version of xsbuild; it is made again


def _is_current(project: Project, distro: Distro, lock: Lock) -> bool:
    if not is_complete(lock, project.manifest, distro):
        return False
    if time.time() - _cached_file(project, distro).stat().st_mtime < _CHECK_SECONDS:
        return True
    return archives_of(project, distro) in (None, lock.index.hash)


def _make(project: Project, distro: Distro, step: Callable[[str], None]) -> Locking | None:
    """Make a lock from the archives; None if offline and nothing is known of them."""
    # Builds with a lock need none of this.
    from xsbuild.capabilities.fetch_index import open_index  # noqa: PLC0415

    try:
        with open_index(distro, project.settings, step) as index:
            return make_lock(project.manifest, distro, index)
    except InputError as error:
        if project.settings.offline and error.code == "XSB-LOCK-OFFLINE":
            return None
        raise


def _announced(locking: Locking, former: Lock | None, file: Path) -> Iterator[str]:
    new = locking.lock
    command = f"`xsbuild lock --distro {new.distro}` writes it to the project"
    if former is None:
        yield (
            f"{new.distro}: no lock in the project; made one from the archives of "
            f"{new.index.date}: {file}; {command}"
        )
    elif changes := diff_locks(former, new):
        yield f"{new.distro}: the lock in the cache has changed: {file}; {command}"
        yield from (f"  {line}" for line in changes)
    yield from (f"  {item}" for item in locking.ambiguous)


def _compare(
    project: Project, distro: Distro, committed: Lock, step: Callable[[str], None]
) -> None:
    locking = _make(project, distro, step)
    changes = diff_locks(committed, locking.lock) if locking else []
    if changes:
        step(f"{distro.name}: `xsbuild lock --distro {distro.name}` would change the lock:")
        for line in changes:
            step(f"  {line}")
