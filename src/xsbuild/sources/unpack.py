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
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from xsbuild.errors import SourceError
from xsbuild.host import process
from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sources.archive import entries
from xsbuild.sources.transferlimit import too_large


def unpack(archive: Path, target: Path, limits: Limits = DEFAULT_LIMITS) -> Path:
    """Unpack a tar (plain, gzip, bzip2, xz, zstd) or zip archive.

    Args:
        archive: of any origin.
        target: the directory to make; may exist empty. Its parent exists.
        limits: `unpacked_size` and `unpacked_files` hold.

    Returns:
        The one directory at the top of the archive, or `target` where it has more than that.

    Raises:
        SourceError: it is damaged or too large, or a path or link in it leaves the tree, or it
            holds a device or a setuid file. Nothing is left of it.
    """
    quarantine = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        (_unzip if _is_zip(archive) else _untar)(archive, quarantine, limits)
        # Hard links count as copies, which they are once the tree is packed again.
        _check_amount([entry.size for entry in entries(quarantine)], limits)
        quarantine.chmod(0o755)
        quarantine.rename(target)
    except SourceError as error:
        message = f"{archive.name} cannot be unpacked: {error}"
        raise SourceError(message, hint=error.hint, code=error.code) from error
    except OSError as error:
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


def _check_amount(sizes: Collection[int], limits: Limits) -> None:
    if len(sizes) > limits.unpacked_files:
        raise too_large("unpacked-files", limits.unpacked_files, "files")
    if sum(sizes) > limits.unpacked_size:
        raise too_large("unpacked-size", limits.unpacked_size)


def _tar_guard(listing: Path, limits: Limits) -> process.Guard:
    """Return a guard that ends tar soon after it has written too much; see `process.run`."""
    members, seen = 0, 0

    def check(pid: int) -> None:
        nonlocal members, seen
        with listing.open("rb") as stream:
            stream.seek(seen)
            new = stream.read()
        members, seen = members + new.count(b"\n"), seen + len(new)
        if members > limits.unpacked_files:
            raise too_large("unpacked-files", limits.unpacked_files, "files")
        if _written(pid) - seen > limits.unpacked_size:
            raise too_large("unpacked-size", limits.unpacked_size)

    return check


def _written(pid: int) -> int:
    """Return how many bytes a process has passed to write(2) (proc(5), io); 0 if it has ended."""
    try:
        counters = Path(f"/proc/{pid}/io").read_text().split()
    except OSError:
        return 0
    return int(counters[counters.index("wchar:") + 1])


def _untar(archive: Path, folder: Path, limits: Limits) -> None:
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
        with tempfile.NamedTemporaryFile() as listing:
            listed = ("--verbose", f"--index-file={listing.name}")
            guard = _tar_guard(Path(listing.name), limits)
            complaints = process.run([*words, *listed], guard=guard).output.strip()
    except process.CommandFailedError as error:
        raise SourceError(
            error.output.strip() or error.message, code="XSB-SOURCE-ARCHIVE"
        ) from error
    if complaints:
        raise SourceError(complaints, code="XSB-SOURCE-ARCHIVE")


def _unzip(archive: Path, folder: Path, limits: Limits) -> None:
    links: list[tuple[Path, str]] = []
    try:
        with zipfile.ZipFile(archive) as file:
            # zipfile reads no more of a member than it states.
            _check_amount([member.file_size for member in file.infolist()], limits)
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
