# SPDX-License-Identifier: Apache-2.0
"""Refresh the lock file of vendored libraries from opam, and pin archives without a checksum."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from xsbuild.errors import InputError, SourceError, XsbuildError
from xsbuild.maintain.edit import save
from xsbuild.maintain.renew import renew
from xsbuild.manifest.libraries import Archive, Libraries, bundle_of
from xsbuild.project import Project
from xsbuild.sources.addresses import file_name_of
from xsbuild.sources.cache import Cache
from xsbuild.sources.download import download
from xsbuild.sources.model import Progress, Say
from xsbuild.sources.transport import Transport
from xsbuild.sources.unpack import unpack
from xsbuild.yamlfile import nearest, parse, read

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Libraries that are built inside a component where a distro lacks them. `xsbuild vendor` reads
# addresses, checksums and requirements from opam; its changes are reviewed like code.
"""


@dataclass(frozen=True, slots=True)
class Update:
    """The outcome of an update.

    Attributes:
        difference: a unified diff of the lock file; empty where nothing changed.
        notes: what could not be done, a sentence each.
    """

    difference: str
    notes: tuple[str, ...]


def update_vendored(
    project: Project, name: str, opam: Sequence[str], moves: Mapping[str, str], *, say: Say
) -> Update:
    """Refresh the lock file of a component's vendored libraries from opam.

    Args:
        project: whose lock file is changed; it is not where anything but pinning fails.
        name: the component's.
        opam: folders or addresses of opam repositories; what the lock file names where empty.
        moves: archive → the version it moves to.
        say: called with the progress of each download.

    Raises:
        InputError: no such component or archive, or it has no vendored libraries.
        ProblemsError: an opam file is wrong.
        SourceError: a repository cannot be fetched.
    """
    components = project.manifest.components
    if name not in components:
        raise InputError(
            f"unknown component {name!r}",
            hint=nearest(name, list(components)),
            code="XSB-USAGE-UNKNOWN-NAME",
        )
    bundle = bundle_of(components[name])
    if bundle is None:
        raise InputError(f"{name} has no vendored libraries", code="XSB-USAGE-ARGUMENT")
    file = project.root / bundle.vendored
    with TemporaryDirectory(prefix="xsbuild-") as place, closing(_fetches(project, say)) as fetches:
        repositories = [
            fetches.repository(address, Path(place, str(index)))
            for index, address in enumerate(opam or bundle.libraries.opam)
        ]
        renewal = renew(bundle.libraries, repositories, moves)
        libraries, notes = fetches.pinned(renewal.libraries)
    unread = [f"{item}: no opam repository has it, so it is as it was" for item in renewal.unread]
    old = read(file)
    new = parse(file, format_libraries(libraries))
    if new.text != old.text:
        save(old, new)
    lines = unified_diff(
        old.text.splitlines(True), new.text.splitlines(True), bundle.vendored, bundle.vendored
    )
    return Update("".join(lines), (*unread, *notes))


def _fetches(project: Project, say: Say) -> "_Fetches":
    cache = Cache(project.settings.folders.sources)
    return _Fetches(cache, Transport(project.settings), say)


@dataclass(frozen=True, slots=True)
class _Fetches:
    cache: Cache
    transport: Transport
    say: Say

    def close(self) -> None:
        self.transport.close()

    def repository(self, address: str, place: Path) -> Path:
        """Return the folder of an opam repository."""
        if "://" not in address:
            if not Path(address, "packages").is_dir():
                raise InputError(
                    f"{address} is not an opam repository",
                    hint="it has no folder packages/",
                    code="XSB-VENDOR-OPAM",
                )
            return Path(address)
        return unpack(self._file(address, address), place)

    def pinned(self, libraries: Libraries) -> tuple[Libraries, list[str]]:
        """Pin archives that have only weak checksums."""
        archives, notes = [], []
        for archive in libraries.archives:
            try:
                archives.append(archive if archive.pinned else self._pinned(archive))
            except XsbuildError as error:
                archives.append(archive)
                notes.append(f"{archive.folder} is not pinned: {error}")
        return libraries.model_copy(update={"archives": tuple(archives)}), notes

    def _pinned(self, archive: Archive) -> Archive:
        if archive.url is None or not archive.checksums:
            raise SourceError("nothing says what it must be", code="XSB-SOURCE-UNPINNED")
        file = self._file(archive.url, archive.folder)
        content = file.read_bytes()
        for kind, expected in _split(archive.checksums):
            received = hashlib.new(kind, content, usedforsecurity=False).hexdigest()
            if received != expected:
                raise SourceError(
                    f"its {kind} is {received}, and opam says {expected}",
                    code="XSB-SOURCE-CHECKSUM",
                )
        pin = hashlib.sha256(content).hexdigest()
        return archive.model_copy(update={"sha256": pin, "checksums": ()})

    def _file(self, address: str, label: str) -> Path:
        def report(done: int, total: int | None) -> None:
            self.say(Progress(label, done, total))

        name = file_name_of(address)
        return download(self.cache, self.transport, address, name, None, report)[0]


def _split(checksums: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in checksums:
        kind, _, value = text.partition("=")
        yield kind, value


def format_libraries(libraries: Libraries) -> str:
    """Return a lock file of vendored libraries, as text."""
    head = libraries.model_dump(mode="json", by_alias=True, exclude={"archives"})
    parts = [_dump({key: value}) for key, value in head.items() if value]
    archives = "\n".join(map(_archive, libraries.archives))
    return f"{_HEADER}{''.join(parts)}archives:\n{archives}"


def _archive(archive: Archive) -> str:
    data = archive.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    lines = _dump(data).splitlines()
    return "".join(f"{'- ' if index == 0 else '  '}{line}\n" for index, line in enumerate(lines))


def _dump(data: dict[str, object]) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, width=96, allow_unicode=True, default_flow_style=None
    )


class _Dumper(yaml.SafeDumper):
    """Lists of texts in one line where they fit, mappings a key a line."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base's
        return True


def _mapping(dumper: yaml.SafeDumper, data: dict[str, object]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)


_Dumper.add_representer(dict, _mapping)
