# SPDX-License-Identifier: Apache-2.0
"""Indexes of distros: fetched, kept by the state of their archives, shared by all processes."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.index import Index, PackageRecord, read_stamp, write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.rpmindex import read_rpm_files, read_rpm_packages
from xsbuild.distros.apt import MirrorsError, PrivateApt, make_private_apt, update
from xsbuild.distros.dnf_metadata import PrivateDnf, make_private_dnf
from xsbuild.distros.model import Distro, Family, IndexStamp
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
        CommandFailedError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        _refresh(distro, settings, folder, step)
        # Opened before the next process may replace it; an open file stays what it is.
        index = Index(folder / _FILE)
    with closing(index):
        yield index


@contextmanager
def open_apt(
    distro: Distro, settings: Settings, step: Callable[[str], None]
) -> Iterator[PrivateApt]:
    """Open an apt that knows a deb distro's packages, refreshed first unless offline.

    No other process refreshes it meanwhile.

    Args:
        step: called with each step that takes time.

    Raises:
        InputError: the archives are not known well enough, or offline and never fetched.
        CommandFailedError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        apt = _private_apt(distro, folder)
        if not settings.offline:
            step(f"{distro.name}: fetching the archives' indexes")
            try:
                update(apt, distro, settings, contents=False)
            except MirrorsError as error:
                _use_former(error, apt.stamp(), step)
        if apt.stamp() is None:
            raise _never_fetched(distro)
        yield apt


@contextmanager
def open_dnf(
    distro: Distro, settings: Settings, step: Callable[[str], None]
) -> Iterator[PrivateDnf]:
    """Open a dnf that knows an rpm distro's packages, as `open_apt` does for the other family.

    Raises:
        InputError: offline and never fetched.
        CommandFailedError: they could not be fetched, or are not signed as they must be.
    """
    with _locked(distro, settings) as folder:
        dnf = _private_dnf(distro, settings, folder)
        if not settings.offline:
            step(f"{distro.name}: fetching the archives' indexes")
            try:
                dnf.run("--refresh", "makecache")
            except CommandFailedError as error:
                _use_former(error, dnf.stamp(distro), step)
        if dnf.stamp(distro) is None:
            raise _never_fetched(distro)
        yield dnf


@contextmanager
def _locked(distro: Distro, settings: Settings) -> Iterator[Path]:
    folder = index_folder(distro, settings)
    folder.mkdir(parents=True, exist_ok=True)
    with lasting_lock(folder / "lock"):
        yield folder


def _private_apt(distro: Distro, folder: Path) -> PrivateApt:
    return make_private_apt(folder / "apt", distro.architectures[_machine(distro)])


def _private_dnf(distro: Distro, settings: Settings, folder: Path) -> PrivateDnf:
    return make_private_dnf(folder / "dnf", distro, _machine(distro), settings)


def _never_fetched(distro: Distro) -> InputError:
    return InputError(
        f"{distro.title}: nothing is known of its archives",
        hint="run it without --offline",
        code="XSB-LOCK-OFFLINE",
    )


def index_folder(distro: Distro, settings: Settings) -> Path:
    """The directory of a distro's index and of the private apt that fetches it."""
    return settings.folders.indexes / f"{distro.name}-{_machine(distro)}"


def _machine(distro: Distro) -> str:
    return next(iter(distro.architectures))


def _use_former(
    error: XsbuildError, former: IndexStamp | None, step: Callable[[str], None]
) -> None:
    """Announce that indexes fetched before are used, or raise the error where there are none."""
    if former is None:
        raise error
    step(f"{error.message}\n  using the indexes of {former.date}")


@dataclass(frozen=True, slots=True)
class _Archives:
    """The complete, verified indexes of a distro's archives."""

    stamp: IndexStamp
    made_of: Callable[[], Iterable[Path]]
    packages: Callable[[], Iterable[PackageRecord]]
    files: Callable[[], Iterable[tuple[str, Iterable[str]]]]


def _refresh(distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]) -> None:
    """Rebuild the index if the archives have changed and all indexes could be fetched."""
    file = folder / _FILE
    former = read_stamp(file)
    try:
        archives = _FETCH[distro.family](distro, settings, folder, step)
    except (MirrorsError, CommandFailedError) as error:
        _use_former(error, former, step)
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
        patterns=Patterns(_machine(distro)),
        packages=archives.packages(),
        files=archives.files(),
    )


def _fetch_deb(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> _Archives | None:
    apt = _private_apt(distro, folder)
    if not settings.offline:
        step(f"{distro.name}: fetching the archives' indexes")
        update(apt, distro, settings, contents=True)
    stamp = apt.stamp()
    if stamp is None or not apt.is_complete:
        return None
    return _Archives(
        stamp,
        lambda: [*apt.targets("Packages"), *apt.targets("Contents")],
        lambda: read_packages(apt.targets("Packages")),
        lambda: read_contents(apt.targets("Contents")),
    )


def _fetch_rpm(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> _Archives | None:
    dnf = _private_dnf(distro, settings, folder)
    if not settings.offline:
        step(f"{distro.name}: fetching the archives' indexes")
        dnf.run("--refresh", "makecache")
    stamp = dnf.stamp(distro)
    if stamp is None:
        return None
    repodata = dnf.repodata(distro)
    architecture = distro.architectures[_machine(distro)]
    return _Archives(
        stamp,
        lambda: [path / "repomd.xml" for path in repodata],
        lambda: read_rpm_packages(repodata, architecture),
        lambda: read_rpm_files(repodata, architecture),
    )


_FETCH = {Family.DEB: _fetch_deb, Family.RPM: _fetch_rpm}
