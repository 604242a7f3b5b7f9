# SPDX-License-Identifier: Apache-2.0
"""Indexes of distros: fetched, kept by the state of their archives, shared by all processes."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from xsbuild.capabilities.debindex import private_apt
from xsbuild.capabilities.family import capabilities_of
from xsbuild.capabilities.index import Index, read_stamp, write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.rpmindex import private_dnf
from xsbuild.distros.apt import MirrorsError, PrivateApt, has_sources_of, update
from xsbuild.distros.dnf_metadata import PrivateDnf
from xsbuild.distros.dnf_output import last_error
from xsbuild.distros.model import Distro, IndexStamp
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host.locks import lasting_lock
from xsbuild.host.process import CommandFailedError
from xsbuild.settings import Settings

_FILE = "index.sqlite"


@contextmanager
def open_index(distro: Distro, settings: Settings, step: Callable[[str], None]) -> Iterator[Index]:
    """Open the index of a distro, refreshed first unless offline.

    It is of the first architecture the distro names: names of packages do not depend on it.

    Args:
        step: called with each step that takes time.

    Raises:
        InputError: the archives are not known well enough, or offline and never fetched.
        XsbuildError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        _refresh(distro, settings, folder, step)
        # Opened before the next process may replace it; an open file stays what it is.
        index = Index(folder / _FILE)
    with closing(index):
        yield index


@contextmanager
def open_apt(
    distro: Distro, settings: Settings, since: datetime.date, step: Callable[[str], None]
) -> Iterator[PrivateApt]:
    """Open an apt that knows a deb distro's packages.

    No other process refreshes it meanwhile.

    Args:
        since: indexes older than that are refreshed first, unless offline.
        step: called with each step that takes time.

    Raises:
        InputError: the archives are not known well enough, or offline and never fetched.
        XsbuildError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        apt = private_apt(distro, folder)
        known = apt.stamp() if settings.offline or has_sources_of(apt, distro) else None
        if _is_wanted(known, settings, since):
            step(f"{distro.name}: fetching the archives' indexes")
            try:
                update(apt, distro, settings, contents=False)
            except MirrorsError as error:
                _use_former(distro, error, apt.stamp(), step)
        if apt.stamp() is None:
            raise _never_fetched(distro)
        yield apt


@contextmanager
def open_dnf(
    distro: Distro, settings: Settings, since: datetime.date, step: Callable[[str], None]
) -> Iterator[PrivateDnf]:
    """Open a dnf that knows an rpm distro's packages, as `open_apt` does for the other family.

    Raises:
        InputError: offline and never fetched.
        XsbuildError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        dnf = private_dnf(distro, settings, folder)
        if _is_wanted(dnf.stamp(distro), settings, since):
            step(f"{distro.name}: fetching the archives' indexes")
            try:
                dnf.run("--refresh", "makecache")
            except CommandFailedError as error:
                _use_former(distro, error, dnf.stamp(distro), step)
        if dnf.stamp(distro) is None:
            raise _never_fetched(distro)
        yield dnf


@contextmanager
def _locked(distro: Distro, settings: Settings) -> Iterator[Path]:
    folder = index_folder(distro, settings)
    folder.mkdir(parents=True, exist_ok=True)
    with lasting_lock(folder / "lock"):
        yield folder


def _is_wanted(known: IndexStamp | None, settings: Settings, since: datetime.date) -> bool:
    return not settings.offline and (known is None or known.date < since)


def _never_fetched(distro: Distro) -> InputError:
    return InputError(
        f"{distro.title}: nothing is known of its archives",
        hint="run it without --offline",
        code="XSB-LOCK-OFFLINE",
    )


def index_folder(distro: Distro, settings: Settings) -> Path:
    """The directory of a distro's index and of the private apt that fetches it."""
    return settings.folders.indexes / f"{distro.name}-{distro.first_machine}"


def _use_former(
    distro: Distro, error: XsbuildError, former: IndexStamp | None, step: Callable[[str], None]
) -> None:
    """Announce that indexes fetched before are used, or raise the error where there are none."""
    if isinstance(error, CommandFailedError):
        error = _unreachable(distro, error)
    if former is None:
        raise error
    step(f"{error.message}\n  using the indexes of {former.date}")


def _unreachable(distro: Distro, error: CommandFailedError) -> XsbuildError:
    """Return a failure of dnf as one of the archives."""
    reason = last_error(error.output) or error.message
    return XsbuildError(
        f"{distro.title}: the indexes of its archives cannot be fetched: {reason}",
        hint="check the network; a mirror goes under `rewrite` in config.yaml",
        code="XSB-DISTRO-MIRRORS",
    )


def _refresh(distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]) -> None:
    """Rebuild the index if the archives have changed and all indexes could be fetched."""
    file = folder / _FILE
    former = read_stamp(file)
    try:
        archives = capabilities_of(distro.family).fetch(distro, settings, folder, step)
    except (MirrorsError, CommandFailedError) as error:
        _use_former(distro, error, former, step)
        return
    if archives is None or archives.stamp == former:
        if former is None:
            raise _never_fetched(distro)
        return
    step(f"{distro.name}: indexing the archives as of {archives.stamp.date}")
    write_index(
        file,
        stamp=archives.stamp,
        made_of=archives.made_of(),
        family=distro.family,
        patterns=Patterns(distro.first_machine),
        packages=archives.packages(),
        files=archives.files(),
    )
