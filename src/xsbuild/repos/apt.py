# SPDX-License-Identifier: Apache-2.0
"""Apt repositories: pool, indexes, signatures, and what a machine needs to use them.

The format: https://wiki.debian.org/DebianRepository/Format; sources.list(5), apt-secure(8).
"""

import gzip
import os
import posixpath
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path

from debian.arfile import ArError
from debian.deb822 import Deb822
from debian.debfile import DebError, DebFile

from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.files import sha256_of, storage
from xsbuild.repos.signing import KEY, SigningKey, session

SOURCES = "xsbuild.sources"
_COMPONENT = "main"
_READABLE = 0o444
# Debian Policy 5.6.1, 5.6.7, 5.6.8 and 5.6.12: a package's place in the pool is made of them.
_NAME = "[a-z0-9][a-z0-9+.-]+"
_VERSION = r"[0-9A-Za-z.+:~-]+"
_FIELDS = {
    "Package": re.compile(_NAME),
    "Version": re.compile(_VERSION),
    "Architecture": re.compile("[a-z0-9-]+"),
    "Source": re.compile(rf"{_NAME}(?: \({_VERSION}\))?"),
}
_KEYRING = "/etc/apt/keyrings/xsbuild.asc"
_POINTS = re.compile(r" (?:->|link to) ")
_SOURCES_FOLDER = "/etc/apt/sources.list.d"


@dataclass(frozen=True, slots=True)
class _Deb:
    """A binary package that goes into a repository."""

    file: Path
    control: Deb822
    sha256: str

    @property
    def place(self) -> str:
        """Its path in the repository, as Debian's archive would have it."""
        name, version = self.control["Package"], self.control["Version"].partition(":")
        source = self.control.get("Source", name).partition(" ")[0]
        initial = source[:4] if source.startswith("lib") else source[:1]
        file = f"{name}_{version[2] or version[0]}_{self.control['Architecture']}.deb"
        return f"pool/{_COMPONENT}/{initial}/{source}/{file}"

    def paragraph(self) -> str:
        """Return its stanza of ``Packages``."""
        paragraph = Deb822(self.control)
        paragraph["Filename"] = self.place
        paragraph["Size"] = str(self.file.stat().st_size)
        paragraph["SHA256"] = self.sha256
        return paragraph.dump()


def write_apt_repository(
    target: Path,
    packages: Sequence[Path],
    *,
    suite: str,
    title: str,
    architectures: Sequence[str],
    key: SigningKey,
    epoch: int,
    location: str,
    signed_by: str = _KEYRING,
) -> None:
    """Write a signed apt repository; all but the signatures follow from the arguments.

    Args:
        target: an existing empty directory. Packages are linked into it where that is possible.
        packages: ``.deb`` files.
        suite: its one suite.
        title: one line for people.
        architectures: Debian's names; ``all`` is part of each.
        key: signs it.
        epoch: the date it states, in seconds.
        location: its URI for those who use it.
        signed_by: where they have `KEY`.

    Raises:
        XsbuildError: a file is no package, or two different ones have the same name, version and
            architecture.
        StorageError: the disk is full, read-only or someone else's.
    """
    debs = _read(packages)
    with storage(target):
        for deb in debs:
            _place(deb.file, target / deb.place)
        dist = target / "dists" / suite
        for architecture in architectures:
            wanted = (d for d in debs if d.control["Architecture"] in (architecture, "all"))
            text = "\n".join(deb.paragraph() for deb in wanted)
            _write_index(dist / _COMPONENT / f"binary-{architecture}", text.encode())
        release = _release(dist, suite, title, architectures, epoch)
        _write(dist / "Release", release)
        with session(key) as signer:
            _write(dist / "InRelease", signer.clearsign(release))
            _write(dist / "Release.gpg", signer.detached(release))
        _write(target / KEY, key.public)
        _write(target / SOURCES, _sources(suite, location, signed_by))
        for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
            folder.chmod(0o755)  # apt reads as a user of its own, whatever our umask


def apt_instructions(folder: Path, packages: Sequence[str]) -> tuple[str, ...]:
    """Return the commands that install packages from a published repository, run as root."""
    return (
        f"install -D -m 644 {folder / KEY} {_KEYRING}",
        f"install -m 644 {folder / SOURCES} {_SOURCES_FOLDER}/{SOURCES}",
        "apt-get update",
        f"apt-get install {' '.join(packages)}",
    )


def read_control(file: Path) -> Deb822:
    """Return the control paragraph of a ``.deb``.

    Raises:
        XsbuildError: the file is no package.
    """
    try:
        control = _control(file)
    except (ArError, DebError, EOFError, OSError, ValueError) as error:
        raise XsbuildError(
            f"{file} cannot be read as a Debian package: {error}", code="XSB-REPO-PACKAGE"
        ) from error
    for name, pattern in _FIELDS.items():
        value = control.get(name, control.get("Package", "") if name == "Source" else "")
        if not pattern.fullmatch(value):
            raise XsbuildError(
                f"{file} cannot be read as a Debian package: {name} is {value!r}, which Debian "
                "Policy 5.6 does not allow",
                code="XSB-REPO-PACKAGE",
            )
    return control


def _control(file: Path) -> Deb822:
    with DebFile(str(file)) as deb:
        if "control.tar.zst" not in deb.getnames():
            return deb.debcontrol()
    # Ubuntu compresses with zstd, which Python reads from 3.14 on.
    return Deb822(process.run(["dpkg-deb", "--field", file]).output)


def list_files(file: Path) -> dict[str, str]:
    """Return the files of a ``.deb``: path → ``d``, ``l`` or ``f``.

    That is a directory, a symbolic link, or another file.
    """
    found: dict[str, str] = {}
    for line in process.run(["dpkg-deb", "--contents", file]).output.splitlines():
        # as tar(1) lists it: mode, owner, size, date, time, name
        match line.split(maxsplit=5):
            case [mode, _owner, _size, _date, _time, name]:
                name = _POINTS.split(name, maxsplit=1)[0] if mode[0] in "lh" else name
                path = posixpath.normpath(f"/{name}")
                found[path] = mode[0] if mode[0] in "dl" else "f"
    return found


def _read(packages: Iterable[Path]) -> list[_Deb]:
    debs: dict[str, _Deb] = {}
    for file in packages:
        deb = _Deb(file, read_control(file), sha256_of(file))
        other = debs.setdefault(deb.place, deb)
        if other.sha256 != deb.sha256:
            raise XsbuildError(
                f"{other.file} and {file} differ, but both are {Path(deb.place).name}",
                hint="two components make the same package, or its version was not raised",
                code="XSB-REPO-CONFLICT",
            )
    return [debs[place] for place in sorted(debs)]


def _place(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if file.stat().st_mode & _READABLE == _READABLE:
        with suppress(OSError):  # another file system, or one without links
            os.link(file, place)
            return
    shutil.copyfile(file, place)
    place.chmod(0o644)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(0o644)


def _write_index(folder: Path, packages: bytes) -> None:
    for name, data in (("Packages", packages), ("Packages.gz", gzip.compress(packages, mtime=0))):
        _write(folder / name, data)
        _place(folder / name, folder / "by-hash" / "SHA256" / sha256(data).hexdigest())


def _release(dist: Path, suite: str, title: str, architectures: Sequence[str], epoch: int) -> bytes:
    lines = [
        "Origin: xsbuild",
        "Label: xsbuild",
        f"Suite: {suite}",
        f"Codename: {suite}",
        f"Date: {formatdate(epoch, usegmt=True).replace('GMT', 'UTC')}",
        "Acquire-By-Hash: yes",
        f"Architectures: {' '.join(architectures)}",
        f"Components: {_COMPONENT}",
        f"Description: {title}",
        "SHA256:",
    ]
    for architecture in architectures:
        for name in ("Packages", "Packages.gz"):
            place = f"{_COMPONENT}/binary-{architecture}/{name}"
            file = dist / place
            lines.append(f" {sha256_of(file)} {file.stat().st_size} {place}")
    return "\n".join([*lines, ""]).encode()


def _sources(suite: str, location: str, signed_by: str) -> bytes:
    return f"""\
# The key goes to {signed_by}, this file to {_SOURCES_FOLDER}/.
# For other machines, publish the folder with any web server and state its address in URIs.
Types: deb
URIs: {location}
Suites: {suite}
Components: {_COMPONENT}
Signed-By: {signed_by}
""".encode()
