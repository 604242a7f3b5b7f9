# SPDX-License-Identifier: Apache-2.0
"""Unpack sources, and choose the archives of them that source packages hold.

An archive is kept byte for byte where dpkg-source and the %prep of a spec file unpack it to the
same tree. Any other is packed again, reproducibly: a zip or zstd archive, one whose names begin
with ``./``, and one without a single directory at its top.
"""

import datetime
import lzma
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sources.incomplete import refuse_incomplete
from xsbuild.sources.model import Fetched
from xsbuild.sources.packing import compress, pack_folder
from xsbuild.sources.unpack import unpack

# Formats that both tools accept everywhere, by their first bytes.
_COMPRESSIONS = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_UNREADABLE = (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True, slots=True)
class Original:
    """An archive for a source package, and its compression as the suffix of a file name."""

    archive: Path
    compression: str


def original(
    source: Fetched, tree: Path, date: datetime.date, limits: Limits = DEFAULT_LIMITS
) -> Original:
    """Unpack a source, and choose the archive of it.

    Args:
        source: a fetched archive.
        tree: the folder to make; its name is the top directory of an archive that is packed again.
            Its parent exists, and gets that archive.
        date: of the files in such an archive.
        limits: see `unpack`.

    Raises:
        SourceError: the archive is damaged, malicious or incomplete.
    """
    scratch = tree.with_name(f"{tree.name}.unpacked")
    top = unpack(source.path, scratch, limits)
    kept = _compression(source.path)
    plain = kept is not None and top != scratch and _is_below(source.path, top.name)
    top.rename(tree)
    refuse_incomplete(tree, empty_submodules=source.empty_submodules)
    shutil.rmtree(scratch, ignore_errors=True)
    return Original(source.path, kept) if kept and plain else packed_again(tree, date)


def packed_again(tree: Path, date: datetime.date) -> Original:
    """Pack a tree, the same bytes every time.

    Args:
        tree: a folder, the name of the archive's top directory.
        date: of the files.
    """
    plain = tree.with_name(f"{tree.name}.packed.tar")
    archive = tree.with_name(f"{tree.name}.packed.tar.gz")
    pack_folder(tree, tree.name, date, plain)
    compress(plain, archive)
    plain.unlink()
    return Original(archive, "gz")


def _compression(archive: Path) -> str | None:
    with archive.open("rb") as stream:
        start = stream.read(8)
    return next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)


def _is_below(archive: Path, top: str) -> bool:
    """Return whether every name in a tar is below one directory as it is written."""
    try:
        with tarfile.open(archive) as tar:
            return all(f"{member.name}/".startswith(f"{top}/") for member in tar)
    except _UNREADABLE:  # GNU tar reads more dialects
        return False
