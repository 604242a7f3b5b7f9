# SPDX-License-Identifier: Apache-2.0
"""Read the indexes of an apt archive: Packages and Contents files."""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xsbuild.capabilities.patterns import SKIPPED
from xsbuild.capabilities.records import Archives, PackageRecord
from xsbuild.distros.apt import PrivateApt, make_private_apt, update
from xsbuild.distros.damaged import reading_index
from xsbuild.distros.model import Distro
from xsbuild.settings import Settings

_FIELD = re.compile(
    r"^(Package|Version|Source|Section|Essential|Pre-Depends|Depends|Description): *(.*)$",
    re.MULTILINE,
)
_SOURCE = re.compile(r"(\S+)(?: \((.+)\))?")
# Half of a Contents file is documentation: skipped by not matching it.
_LINE = re.compile(rb"\n(?!" + SKIPPED.encode() + rb")([^\n]*[^ \t\n])[ \t]+(\S+)")
_CHUNK = 1 << 22


def private_apt(distro: Distro, folder: Path) -> PrivateApt:
    """Return the apt that fetches the archives of a distro, in the folder of its index."""
    return make_private_apt(folder / "apt", distro.architectures[distro.first_machine])


def fetch_deb(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> Archives | None:
    """Fetch Packages and Contents files; see `CapabilityFamily.fetch`."""
    apt = private_apt(distro, folder)
    if not settings.offline:
        step(f"{distro.name}: fetching the archives' indexes")
        update(apt, distro, settings, contents=True)
    stamp = apt.stamp()
    if stamp is None or not apt.is_complete:
        return None
    return Archives(
        stamp,
        lambda: [*apt.targets("Packages"), *apt.targets("Contents")],
        lambda: read_packages(apt.targets("Packages")),
        lambda: read_contents(apt.targets("Contents")),
    )


def read_packages(files: Iterable[Path]) -> Iterator[PackageRecord]:
    """Read Packages files (deb822(5)).

    With regular expressions: python-debian's parser takes ten times as long for an archive.
    """
    for file in files:
        with reading_index(file), file.open(encoding="utf-8") as stream:
            paragraph: list[str] = []
            for line in stream:
                if line != "\n":
                    paragraph.append(line)
                    continue
                yield _record("".join(paragraph))
                paragraph = []
            if paragraph:
                yield _record("".join(paragraph))


def _record(paragraph: str) -> PackageRecord:
    fields: dict[str, str] = dict(_FIELD.findall(paragraph))
    if not fields.keys() >= {"Package", "Version"}:
        raise ValueError("a paragraph has no Package or no Version")
    name, version = fields["Package"], fields["Version"]
    source = _SOURCE.fullmatch(fields.get("Source", name))
    return PackageRecord(
        name=name,
        version=version,
        source=source[1] if source else name,
        source_version=(source[2] if source else None) or version,
        section=fields.get("Section", ""),
        essential=fields.get("Essential") == "yes",
        depends=", ".join(fields[name] for name in ("Pre-Depends", "Depends") if name in fields),
        summary=fields.get("Description", ""),
    )


def read_contents(files: Iterable[Path]) -> Iterator[tuple[str, list[str]]]:
    """Read Contents files, gzipped: path without its leading slash, names of its packages.

    Source: https://wiki.debian.org/DebianRepository/Format, "Contents indices".
    """
    for file in files:
        with reading_index(file), gzip.open(file, "rb") as stream:
            rest = b"\n"
            while chunk := stream.read(_CHUNK):
                text = rest + chunk
                end = text.rindex(b"\n")
                rest = text[end:]
                yield from _lines(text, end)


def _lines(text: bytes, end: int) -> Iterator[tuple[str, list[str]]]:
    for match in _LINE.finditer(text, 0, end):
        path, owners = match.groups()
        packages = [owner.rpartition("/")[2] for owner in owners.decode().split(",")]
        yield path.decode(errors="replace"), packages
