# SPDX-License-Identifier: Apache-2.0
"""Unpack archives that may be hostile, at GNU tar's speed.

GNU tar itself never writes outside its directory: it strips what leads out of names, and makes
links that lead out only once everything else is written. What we add is that such an archive is
refused: it is unpacked in a directory that no other user can enter, every warning of tar is an
error, and the tree gets its name only after all of it was checked. So it is read only once.
"""

import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections import deque
from pathlib import Path, PurePosixPath

from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.sources.archive import entries


def unpack(archive: Path, target: Path) -> Path:
    """Unpack a tar (plain, gzip, bzip2, xz, zstd) or zip archive.

    Args:
        archive: of any origin.
        target: the directory to make; may exist empty. Its parent exists.

    Returns:
        The one directory at the top of the archive, or `target` where it has more than that.

    Raises:
        SourceError: it is damaged, or a path or link in it leaves the tree, or it holds a device or
            a setuid file. Nothing is left of it.
    """
    quarantine = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        (_unzip if _is_zip(archive) else _untar)(archive, quarantine)
        deque(entries(quarantine), maxlen=0)
        quarantine.chmod(0o755)
        quarantine.rename(target)
    except (SourceError, OSError) as error:
        raise SourceError(
            f"{archive.name} cannot be unpacked: {error}", code="XSB-SOURCE-ARCHIVE"
        ) from error
    finally:
        _discard(quarantine)
    found = list(target.iterdir())
    only = found[0] if len(found) == 1 else target
    return only if only.is_dir() and not only.is_symlink() else target


def _is_zip(archive: Path) -> bool:
    with archive.open("rb") as content:
        return content.read(4) == b"PK\x03\x04"


def _untar(archive: Path, folder: Path) -> None:
    # Permissions as archived, whatever the umask; otherwise tar would also hide setuid bits.
    flags = ("--no-same-owner", "--same-permissions", "--warning=none")
    words = (
        "tar",
        "--extract",
        *flags,
        f"--directory={folder}",
        "--file",
        archive,
        "--force-local",
    )
    try:
        complaints = process.run(words).output.strip()
    except process.CommandFailedError as error:
        raise SourceError(
            error.output.strip() or error.message, code="XSB-SOURCE-ARCHIVE"
        ) from error
    if complaints:
        raise SourceError(complaints, code="XSB-SOURCE-ARCHIVE")


def _unzip(archive: Path, folder: Path) -> None:
    links: list[tuple[Path, str]] = []
    try:
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                _check_name(member.filename)
                mode = member.external_attr >> 16
                path = folder / member.filename
                if stat.S_ISLNK(mode):
                    links.append((path, os.fsdecode(file.read(member))))
                elif path != Path(file.extract(member, folder)):
                    raise SourceError(
                        f"{member.filename!r} is not a plain path", code="XSB-SOURCE-UNSAFE"
                    )
                elif mode and not member.is_dir():
                    path.chmod(stat.S_IMODE(mode))
        for path, to in links:  # last, so that no file is written through one
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(to)
    except _BAD_ZIP as error:
        raise SourceError(str(error), code="XSB-SOURCE-ARCHIVE") from error


# A member's data may be damaged, too: zlib, lzma and bz2 have exceptions of their own.
_BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    FileExistsError,
)  # fmt: skip


def _check_name(name: str) -> None:
    if not name or name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
        raise SourceError(f"{name!r} is no path in the source tree", code="XSB-SOURCE-UNSAFE")


def _discard(folder: Path) -> None:
    if not folder.exists():
        return
    for parent, names, _ in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o700)  # an archive may hold directories that their owner cannot enter
    shutil.rmtree(folder)
