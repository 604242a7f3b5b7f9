# SPDX-License-Identifier: Apache-2.0
"""The store of finished results, by the key of their task.

``STORE/KE/KEY/`` holds the files of one result, ``result.json`` that lists them, ``inputs.json``,
the readable form of the key, and ``installed.txt``, the packages in its buildroot. It is created
atomically. ``STORE/new/`` holds unfinished results, ``STORE/locks/`` the locks of keys,
``STORE/damaged/`` results found damaged.
"""

import errno
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter

from xsbuild.errors import XsbuildError
from xsbuild.host.files import sha256_of, storage, sync, sync_tree
from xsbuild.host.locks import file_lock
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.store.keys import Json

_RESULT = "result.json"
_INPUTS = "inputs.json"
_INSTALLED = "installed.txt"
_OWN = (_RESULT, _INPUTS, _INSTALLED)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Package:
    """Identity of a binary package; `source` is the name of its source package."""

    name: str
    version: str
    architecture: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a result.

    Attributes:
        name: its path in the result's folder.
        size: in bytes.
        sha256: in hexadecimal.
        package: its identity; None for other files, as a log.
    """

    name: str
    size: int
    sha256: str
    package: Package | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A finished result, as plain data that can be passed between processes.

    Attributes:
        key: the key of its task.
        digest: sha256 over the names and hashes of its packages, equal for equal output.
        files: all of its files.
        folder: its folder; read-only.
        seconds: step → duration in seconds.
        builder: the builder's name.
        finished: time of completion, in seconds since the epoch.
        former: the key of the result that was reused for this one; None if this was built.
    """

    key: str
    digest: str
    files: tuple[StoredFile, ...]
    folder: Path
    seconds: dict[str, float]
    builder: str
    finished: float
    former: str | None = None

    @property
    def packages(self) -> tuple[Path, ...]:
        """The files that are packages."""
        return tuple(self.folder / file.name for file in self.files if file.package)


_RESULTS = TypeAdapter(Result)


class DamagedError(XsbuildError):
    """A stored result was changed after its build."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An unfinished result.

    Attributes:
        folder: the folder for its files, removed when the block of `Store.begin` ends.
    """

    store: "Store"
    key: str
    folder: Path

    def commit(
        self,
        *,
        inputs: Mapping[str, Json],
        packages: Mapping[str, Package],
        seconds: Mapping[str, float],
        builder: str,
        installed: Sequence[str] = (),
    ) -> Result:
        """Move the content of `folder` into the store, atomically.

        Args:
            inputs: the readable manifest whose `key_of` is the key.
            packages: file name → package, for the files that are packages.
            seconds: step → duration in seconds.
            builder: the builder's name.
            installed: packages in the buildroot when it was compiled; empty if unknown.

        Returns:
            The result; the existing one if another process was faster.

        Raises:
            XsbuildError: one of `packages` is not in `folder`.
            StorageError: the disk is full, read-only or someone else's.
        """
        with storage(self.folder):
            files = _files(self.folder, packages)
            result = Result(
                key=self.key,
                digest=output_digest(files),
                files=files,
                folder=self.folder,
                seconds=dict(seconds),
                builder=builder,
                finished=time.time(),
            )
            return self._finish(result, inputs, installed)

    def adopt(self, former: Result, inputs: Mapping[str, Json], installed: Sequence[str]) -> Result:
        """Store another key's result, just checked, under this key as well.

        Its files are hard-linked; for the arguments see `commit`.
        """
        with storage(self.folder):
            for file in former.files:
                place = self.folder / file.name
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(former.folder / file.name, place)
            _make_readable(self.folder)
            result = replace(former, key=self.key, folder=self.folder, former=former.key)
            return self._finish(result, inputs, installed)

    def _finish(
        self, result: Result, inputs: Mapping[str, Json], installed: Sequence[str]
    ) -> Result:
        about = _RESULTS.dump_json(result, indent=2, exclude={"folder"})
        (self.folder / _RESULT).write_bytes(about)
        (self.folder / _INPUTS).write_text(json.dumps(inputs, indent=2, default=dict))
        if installed:
            (self.folder / _INSTALLED).write_text("".join(f"{package}\n" for package in installed))
        sync_tree(self.folder)
        return self.store.place(self.key, self.folder)


@dataclass(frozen=True, slots=True)
class Store:
    """A content-addressed store of results.

    Attributes:
        root: its directory, created on the first write.
    """

    root: Path

    @contextmanager
    def lock(self, key: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep every other process and thread from working on a key.

        Args:
            key: the key of the task; after waiting for it, call `find` before building.
            waiting: called once if another process or thread works on it.

        Raises:
            StorageError: the store cannot be written.
        """
        with ExitStack() as held:
            with storage(self.root):
                held.enter_context(file_lock(self._locks() / f"{key}.lock", waiting=waiting))
            yield

    def find(self, key: str) -> Result | None:
        """Return the result of a key, or None.

        A result with missing files or files of another size is set aside, with a warning.
        """
        result = self._read(key)
        if isinstance(result, str):
            self._set_aside(key, self._damage, result)
            return None
        return result

    def check(self, results: Iterable[Result]) -> None:
        """Verify every package of results before they are used.

        Raises:
            DamagedError: one was changed after its build. Its result is set aside, with a warning.
        """
        for result in results:
            wrong = self.verify(result.key)
            if wrong:
                self._set_aside(result.key, self.verify, wrong[0])
                names = ", ".join(package.name for package in result.packages)
                raise DamagedError(
                    f"the stored result with {names} is damaged: {wrong[0]}",
                    hint="it is set aside; the next run builds it again",
                    code="XSB-STORE-DAMAGED",
                )

    def inputs(self, key: str) -> dict[str, Json]:
        """Return the readable manifest of inputs of an existing result; empty if damaged."""
        try:
            manifest: dict[str, Json] = json.loads((self._folder(key) / _INPUTS).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return manifest

    def installed(self, key: str) -> list[str]:
        """Return the packages in the buildroot of a result; empty if unknown."""
        try:
            return (self._folder(key) / _INSTALLED).read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def verify(self, key: str) -> list[str]:
        """Check the content of every file of a result; return the problems, in words."""
        result = self._read(key)
        if result is None:
            return [f"there is no result {key}"]
        if isinstance(result, str):
            return [result]
        return [
            f"{result.folder / file.name} is not what was stored"
            for file in result.files
            if sha256_of(result.folder / file.name) != file.sha256
        ]

    @contextmanager
    def begin(self, key: str) -> Iterator[Entry]:
        """Create an empty directory for a result; it is removed unless committed.

        Raises:
            StorageError: the store cannot be written, before or during the block.
        """
        new = self.root / "new"
        sweep(new)
        with storage(self.root), owned_folder(new) as work:
            folder = work / "result"
            folder.mkdir()
            yield Entry(self, key, folder)

    def place(self, key: str, folder: Path) -> Result:
        """Move a complete directory to the place of its key."""
        target = self._folder(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        while (result := self.find(key)) is None:
            try:
                folder.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            sync(target.parent)
        return result

    def _folder(self, key: str) -> Path:
        return self.root / key[:2] / key

    def _locks(self) -> Path:
        locks = self.root / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        return locks

    def _read(self, key: str) -> Result | str | None:
        """Return the result, or None, or the reason why it is incomplete."""
        folder = self._folder(key)
        if not folder.is_dir():
            return None
        try:
            data = json.loads((folder / _RESULT).read_bytes())
            result = _RESULTS.validate_python({**data, "folder": folder})
        except (FileNotFoundError, TypeError, ValueError):
            return f"{folder / _RESULT} is missing or unreadable"
        for file in result.files:
            path = folder / file.name
            if not path.is_file() or path.stat().st_size != file.size:
                return f"{path} is missing or truncated"
        return result

    def _damage(self, key: str) -> list[str]:
        result = self._read(key)
        return [result] if isinstance(result, str) else []

    def _set_aside(self, key: str, damage: Callable[[str], list[str]], reason: str) -> None:
        damaged = self.root / "damaged"
        with storage(self.root):
            damaged.mkdir(parents=True, exist_ok=True)
            # Another process may have replaced it by a good one since it was checked.
            with file_lock(self._locks() / f"{key}.aside.lock"):
                if damage(key) and self._folder(key).exists():
                    place = damaged / f"{key}-{secrets.token_hex(4)}"
                    self._folder(key).rename(place)
                    _LOG.warning("%s: the stored result is set aside as %s", reason, place)


def output_digest(files: tuple[StoredFile, ...]) -> str:
    """Return the sha256 over the sorted names and hashes of the files that are packages."""
    lines = sorted(f"{file.name} {file.sha256}\n" for file in files if file.package)
    return sha256("".join(lines).encode()).hexdigest()


def _files(folder: Path, packages: Mapping[str, Package]) -> tuple[StoredFile, ...]:
    missing = sorted(name for name in packages if not (folder / name).is_file())
    if missing:
        raise XsbuildError(f"the build did not make {', '.join(missing)}", code="XSB-BUILD-OUTPUT")
    _make_readable(folder)
    files = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name not in _OWN:
            size = path.stat().st_size
            files.append(StoredFile(name, size, sha256_of(path), packages.get(name)))
    return tuple(files)


def _make_readable(folder: Path) -> None:
    """Make a result readable for all: repositories are hard links to its files."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
