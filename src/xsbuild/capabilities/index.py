# SPDX-License-Identifier: Apache-2.0
"""The index of a distro's capabilities: an SQLite file, written once, then read-only."""

import datetime
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xsbuild.capabilities.family import capabilities_of
from xsbuild.capabilities.patterns import Patterns, merged
from xsbuild.capabilities.records import PackageRecord
from xsbuild.distros.model import Family, IndexStamp
from xsbuild.errors import XsbuildError
from xsbuild.host.files import replacing, sha256_of

# An index of another format version is rebuilt.
FORMAT = 4

_TABLES = """
CREATE TABLE stamp (date TEXT, hash TEXT, family TEXT, format INTEGER);
CREATE TABLE made_of (file TEXT, sha256 TEXT);
CREATE TABLE packages (id INTEGER PRIMARY KEY, name TEXT, version TEXT, source TEXT,
    source_version TEXT, section TEXT, essential INTEGER, depends TEXT, summary TEXT);
CREATE TABLE offers (kind TEXT, name TEXT, package INTEGER, path TEXT, version TEXT);
CREATE TABLE folders (id INTEGER PRIMARY KEY, path TEXT);
CREATE TABLE files (folder INTEGER, name TEXT, package INTEGER);
"""
_INDEXES = """
CREATE UNIQUE INDEX packages_name ON packages (name);
CREATE INDEX packages_source ON packages (source);
CREATE INDEX offers_name ON offers (kind, name);
CREATE INDEX offers_package ON offers (package);
CREATE UNIQUE INDEX folders_path ON folders (path);
CREATE INDEX files_name ON files (folder, name);
"""
_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that provides a capability.

    Attributes:
        package: the package.
        path: the file that is the capability, or the package's own name of it.
        version: the capability's version, if the package states one.
    """

    package: PackageRecord
    path: str
    version: str | None = None


def write_index(
    file: Path,
    *,
    stamp: IndexStamp,
    made_of: Iterable[Path],
    family: Family,
    patterns: Patterns,
    packages: Iterable[PackageRecord],
    files: Iterable[tuple[str, Iterable[str]]],
) -> None:
    """Write an index.

    Args:
        file: the index, replaced atomically.
        stamp: the state of the archives.
        made_of: all index files of the archives.
        family: compares versions: of two packages with one name, the newer is indexed.
        packages: the distro's packages.
        files: path without its leading slash, names of packages that contain it; those not in
            `packages` are ignored.
    """
    with (
        replacing(file, alone=True) as draft,
        closing(sqlite3.connect(draft, isolation_level=None)) as database,
    ):
        # The file is not used before it is renamed, so it need not survive a crash.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_TABLES)
        database.execute("BEGIN")
        ids = _write_packages(database, _newest(packages, family))
        _write_files(database, ids, patterns, files)
        row = (stamp.date.isoformat(), stamp.hash, family.value, FORMAT)
        database.execute("INSERT INTO stamp VALUES (?, ?, ?, ?)", row)
        rows = ((path.name, sha256_of(path)) for path in made_of)
        database.executemany("INSERT INTO made_of VALUES (?, ?)", rows)
        database.executescript(_INDEXES)


def read_stamp(file: Path) -> IndexStamp | None:
    """Return the state of the archives of an index, or None if the file is no index.

    An index of another format version does not count.
    """
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute("SELECT date, hash, format FROM stamp").fetchone()
            date, digest, form = row
            stamp = IndexStamp(date=datetime.date.fromisoformat(date), hash=digest)
    except (sqlite3.DatabaseError, UnicodeDecodeError, TypeError, ValueError):
        return None
    return stamp if form == FORMAT else None


def _newest(packages: Iterable[PackageRecord], family: Family) -> Iterable[PackageRecord]:
    found: dict[str, PackageRecord] = {}
    newer = capabilities_of(family).newer
    for package in packages:
        known = found.get(package.name)
        if known is None or newer(package.version, known.version):
            found[package.name] = package
    return found.values()


def _write_packages(
    database: sqlite3.Connection, packages: Iterable[PackageRecord]
) -> dict[str, int]:
    ids: dict[str, int] = {}
    for number, item in enumerate(packages, 1):
        ids[item.name] = number
        row = (number, item.name, item.version, item.source, item.source_version, item.section)
        row_rest = (item.essential, item.depends, item.summary)
        database.execute(
            "INSERT INTO packages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *row_rest)
        )
        database.executemany(
            "INSERT INTO offers VALUES (?, ?, ?, ?, ?)",
            ((kind, name, number, f"{kind}({name})", ver) for kind, name, ver in item.provides),
        )
    return ids


def _write_files(
    database: sqlite3.Connection,
    ids: dict[str, int],
    patterns: Patterns,
    files: Iterable[tuple[str, Iterable[str]]],
) -> None:
    folders: dict[str, int] = {}
    offers: list[tuple[str, str, int, str, None]] = []
    paths: list[tuple[int, str, int]] = []
    for path, names in files:
        owners = [ids[name] for name in names if name in ids]
        offered = patterns.offers(path)
        if offered:
            offers += [(*offered, owner, path, None) for owner in owners]
        if patterns.is_file(path):
            folder, _, name = merged(path).rpartition("/")
            number = folders.setdefault(folder, len(folders) + 1)
            paths += [(number, name, owner) for owner in owners]
        if len(paths) + len(offers) > _BATCH:
            _flush(database, offers, paths)
    _flush(database, offers, paths)
    rows = ((number, path) for path, number in folders.items())
    database.executemany("INSERT INTO folders VALUES (?, ?)", rows)


def _flush(
    database: sqlite3.Connection,
    offers: list[tuple[str, str, int, str, None]],
    paths: list[tuple[int, str, int]],
) -> None:
    database.executemany("INSERT INTO offers VALUES (?, ?, ?, ?, ?)", offers)
    database.executemany("INSERT INTO files VALUES (?, ?, ?)", paths)
    offers.clear()
    paths.clear()


_PACKAGE = (
    "packages.name, packages.version, source, source_version, section, essential, depends, summary"
)


class Index:
    """The capabilities and packages of a distro.

    Attributes:
        family: the distro's.
        stamp: the state of the archives when it was built.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        # Never written again: no locks, and works on a read-only file system.
        self._database = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)
        rows = self._rows("SELECT date, hash, family FROM stamp")
        try:
            [(date, digest, family)] = rows
            self.stamp = IndexStamp(date=datetime.date.fromisoformat(date), hash=digest)
            self.family = Family(family)
        except (TypeError, ValueError) as error:
            raise self._damaged(error) from error

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def made_of(self) -> dict[str, str]:
        """Name → sha256 of the files that it is made from."""
        return dict(self._rows("SELECT file, sha256 FROM made_of"))

    def package(self, name: str) -> PackageRecord | None:
        """Return a package by name."""
        query = f"SELECT {_PACKAGE} FROM packages WHERE name = ?"  # noqa: S608
        return next(map(_package, self._rows(query, name)), None)

    def of_source(self, source: str) -> list[PackageRecord]:
        """Return the packages of a source package."""
        query = f"SELECT {_PACKAGE} FROM packages WHERE source = ? ORDER BY name"  # noqa: S608
        return [_package(row) for row in self._rows(query, source)]

    def offering(self, kind: str, name: str) -> list[Offer]:
        """Return packages that provide exactly this capability."""
        query = (
            f"SELECT {_PACKAGE}, path, offers.version FROM offers"  # noqa: S608
            " JOIN packages ON id = package WHERE kind = ? AND offers.name = ? ORDER BY 1, path"
        )
        return [_offer(row) for row in self._rows(query, kind, name)]

    def alternatives(self, program: str) -> list[Offer]:
        """Return the package named as a program, and its programs of which that is a prefix."""
        query = (
            f"SELECT {_PACKAGE}, path, offers.version FROM packages"  # noqa: S608
            " JOIN offers ON packages.id = package AND kind = 'bin'"
            " WHERE packages.name = ? AND offers.name GLOB ? || '[-.]*' ORDER BY path"
        )
        return [_offer(row) for row in self._rows(query, program, program)]

    def having(self, path: str) -> list[Offer]:
        """Return packages that contain a file, in the merged /usr.

        Args:
            path: without its leading slash.
        """
        folder, _, name = merged(path).rpartition("/")
        query = (
            f"SELECT {_PACKAGE}, folders.path || '/' || files.name, NULL FROM folders"  # noqa: S608
            " JOIN files ON folder = folders.id JOIN packages ON packages.id = package"
            " WHERE folders.path = ? AND files.name = ? ORDER BY 1"
        )
        return [_offer(row) for row in self._rows(query, folder, name)]

    def names_like(self, kind: str, name: str, limit: int) -> Iterator[str]:
        """Return similar names of one kind: same beginning or end, similar length."""
        query = (
            "SELECT DISTINCT name FROM offers WHERE kind = ? AND abs(length(name) - ?) <= 8"
            " AND (name LIKE ? OR name LIKE ? OR name LIKE ?)"
            " ORDER BY abs(length(name) - ?) LIMIT ?"
        )
        start = name[: min(2, (len(name) + 1) // 2)]
        last = re.split(r"[/.:]", name.removesuffix(".h"))[-1] or name
        likes = (f"{start}%", f"%{last[-5:]}", f"%{name}%")
        rows = self._rows(query, kind, len(name), *likes, len(name), limit)
        return (str(row[0]) for row in rows)

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> XsbuildError:
        self.close()
        with suppress(OSError):  # not an index
            self._file.unlink()
        return XsbuildError(
            f"the index {self._file} was damaged: {error}",
            hint="the damaged index was deleted; run the command again to rebuild it",
            code="XSB-DISTRO-INDEX",
        )


def _package(row: tuple[str, str, str, str, str, int, str, str]) -> PackageRecord:
    name, version, source, source_version, section, essential, depends, summary = row
    return PackageRecord(
        name, version, source, source_version, section, bool(essential), depends, summary
    )


def _offer(
    row: tuple[str, str, str, str, str, int, str, str, str, str | None],
) -> Offer:
    *package, path, version = row
    return Offer(_package(tuple(package)), path, version)  # type: ignore[arg-type]
