# SPDX-License-Identifier: Apache-2.0
"""Archives that come out the same every time."""

import datetime
import gzip
import hashlib
import stat
import tarfile
from pathlib import Path

from xsbuild.sources.archive import LEFT_OUT, Entry, entries

_CHUNK = 1 << 20


def pack_folder(folder: Path, top: str, date: datetime.date | None, archive: Path) -> None:
    """Pack a folder into an uncompressed tar that shows nothing of this machine.

    Args:
        folder: what to pack.
        top: the name of the one directory at the top of the archive.
        date: every file's, at midnight UTC; 1970 where None.
        archive: the file to write.

    Raises:
        SourceError: the folder has what no source tree has.
    """
    moment = datetime.datetime.combine(
        date or datetime.date(1970, 1, 1), datetime.time(), datetime.UTC
    )
    root = Entry("", folder, stat.S_IFDIR | 0o755)
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry in (root, *entries(folder, LEFT_OUT)):
            info = _header(entry, top, int(moment.timestamp()))
            if stat.S_ISREG(entry.mode):
                with entry.path.open("rb") as content:
                    tar.addfile(info, content)
            else:
                tar.addfile(info)


def _header(entry: Entry, top: str, mtime: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f"{top}/{entry.name}".rstrip("/"))
    info.mtime = mtime
    if stat.S_ISLNK(entry.mode):
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, str(entry.path.readlink()), 0o777
    elif stat.S_ISDIR(entry.mode):
        info.type, info.mode = tarfile.DIRTYPE, 0o755
    else:
        info.size = entry.path.stat().st_size
        info.mode = 0o755 if entry.mode & stat.S_IXUSR else 0o644
    return info


def compress(tar: Path, archive: Path) -> str:
    """Compress with gzip, reproducibly and fast: no date, no file name.

    Returns:
        The sha256 of the uncompressed content.
    """
    digest = hashlib.sha256()
    with (
        tar.open("rb") as content,
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
    ):
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            packed.write(chunk)
    return digest.hexdigest()
