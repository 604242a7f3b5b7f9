# SPDX-License-Identifier: Apache-2.0
"""Yum repositories: signed packages, indexes, signature, and what a machine needs to use them.

The format: https://github.com/rpm-software-management/createrepo_c; dnf.conf(5), rpmsign(8).
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.distros.dnf import repository_section
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.files import sha256_of, storage
from xsbuild.repos.signing import KEY, Session, SigningKey, session

REPO = "xsbuild.repo"
# What rpm takes in names, versions and architectures; none of it leads out of a directory.
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~^:-]*", re.ASCII)
_REPO_FOLDER = "/etc/yum.repos.d"
# Fedora and EL 9 read zstd since 2022, openSUSE since Leap 15.5.
_COMPRESSION = createrepo_c.ZSTD


@dataclass(frozen=True, slots=True)
class _Rpm:
    """A package that goes into a repository."""

    file: Path
    name: str

    @property
    def place(self) -> Path:
        """Its path in the repository, as Fedora's has it."""
        folder = "SRPMS" if self.name.endswith(".src.rpm") else "Packages"
        return Path(folder, self.name[0].lower(), self.name)


def write_yum_repository(
    target: Path,
    packages: Sequence[Path],
    *,
    title: str,
    key: SigningKey,
    epoch: int,
    location: str,
    suite: str = "",  # noqa: ARG001 - as the other family's
    architectures: Sequence[str] = (),  # noqa: ARG001
    signed_by: str = "",  # noqa: ARG001
) -> None:
    """Write a signed yum repository of signed copies of packages.

    The same arguments give the same bytes, the signature of ``repomd.xml`` aside.

    Args:
        target: an existing empty directory.
        packages: ``.rpm`` files; they stay as they are.
        title: one line for people.
        key: signs the packages and the index.
        epoch: the date it states, in seconds.
        location: its URI for those who use it; its key is there, too.
        suite: not needed.
        architectures: not needed.
        signed_by: not needed.

    Raises:
        XsbuildError: a file is no package, or two different ones have the same name, version and
            architecture.
        MissingToolError: rpmsign is not installed.
        StorageError: the disk is full, read-only or someone else's.
    """
    rpms = _read(packages)
    with storage(target), session(key) as signer:
        for rpm in rpms:
            place = target / rpm.place
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(rpm.file, place)
        places = [target / rpm.place for rpm in rpms]
        _sign(places, signer, epoch)
        _write_index(target, places, epoch)
        index = target / "repodata/repomd.xml"
        index.with_name("repomd.xml.asc").write_bytes(signer.detached(index.read_bytes()))
        (target / KEY).write_bytes(key.public)
        (target / REPO).write_text(_repo(title, location))
        for path in target.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        target.chmod(0o755)


def yum_instructions(folder: Path, packages: Sequence[str], manager: str) -> tuple[str, ...]:
    """Return the commands that install packages from a published repository, run as root.

    Args:
        folder: the repository.
        packages: what to install.
        manager: ``dnf`` or ``zypper``.
    """
    if manager == "zypper":
        return (
            f"rpm --import {folder / KEY}",
            f"zypper addrepo {folder / REPO}",
            f"zypper install {' '.join(packages)}",
        )
    return (
        f"install -m 644 {folder / REPO} {_REPO_FOLDER}/{REPO}",
        f"dnf install {' '.join(packages)}",
    )


def private_repository(folder: Path) -> str:
    """Return a ``.repo`` file for `write_yum_repository`'s folder, preferred to the distro's."""
    address = folder.as_uri()
    lines = [f"baseurl={address}", f"gpgkey={address}/{KEY}", "priority=1", "metadata_expire=0"]
    return repository_section("xsbuild", lines, signed_index=True)


_FIELDS = 3  # of a line of `list_files`
_BUILD_IDS = "/usr/lib/.build-id"


@dataclass(frozen=True, slots=True)
class Header:
    """Identity of a package according to its header.

    Attributes:
        evr: version and release, after the epoch where it has one.
        architecture: ``src`` for a source package.
        source: the name of the source package it was built from; its own for a source package.
    """

    name: str
    evr: str
    architecture: str
    source: str

    @property
    def file_name(self) -> str:
        """The name that rpmbuild gives to the file."""
        return f"{self.name}-{self.evr.rpartition(':')[2]}.{self.architecture}.rpm"


def read_header(file: Path) -> Header:
    """Read the header of a package.

    Raises:
        XsbuildError: the file is no package.
    """
    try:
        package = createrepo_c.package_from_rpm(str(file))
    except (createrepo_c.CreaterepoCError, OSError) as error:
        raise XsbuildError(f"{file} is no RPM package: {error}", code="XSB-REPO-PACKAGE") from error
    # NAME-VERSION-RELEASE.src.rpm
    source = (package.rpm_sourcerpm or "").rsplit("-", 2)[0] or package.name
    header = Header(package.name, evr(package), package.arch, source)
    if not all(_WORD.fullmatch(text) for text in (header.name, header.evr, header.architecture)):
        raise XsbuildError(
            f"{file}: {header} is no name, version and architecture of a package",
            code="XSB-REPO-PACKAGE",
        )
    return header


def list_files(file: Path) -> dict[str, str]:
    """Return the files of a package: path → ``d``, ``l`` or ``f``.

    Left out is what is no file of the package's (``%ghost``), and links from build ids to programs,
    which packages with equal programs share.
    """
    form = "[%{FILEMODES:perms}\\t%{FILEFLAGS:fflags}\\t%{FILENAMES}\\n]"
    words = ["rpm", "--query", "--nosignature", f"--queryformat={form}", "--package"]
    lines = (line.split("\t") for line in process.run([*words, file]).output.splitlines())
    return {
        fields[2]: fields[0][0] if fields[0][0] in "dl" else "f"
        for fields in lines
        if len(fields) == _FIELDS and "g" not in fields[1] and not fields[2].startswith(_BUILD_IDS)
    }


def evr(package: createrepo_c.Package) -> str:
    """Return a package's ``[EPOCH:]VERSION-RELEASE``."""
    epoch = f"{package.epoch}:" if package.epoch not in (None, "", "0") else ""
    return f"{epoch}{package.version}-{package.release}"


def _read(packages: Iterable[Path]) -> list[_Rpm]:
    rpms: dict[str, _Rpm] = {}
    for file in packages:
        rpm = _Rpm(file, read_header(file).file_name)
        other = rpms.setdefault(rpm.name, rpm)
        if other is not rpm and sha256_of(other.file) != sha256_of(file):
            raise XsbuildError(
                f"{other.file} and {file} differ, but both are {rpm.name}",
                hint="two components make the same package, or its version was not raised",
                code="XSB-REPO-CONFLICT",
            )
    return [rpms[name] for name in sorted(rpms)]


def _sign(packages: Sequence[Path], signer: Session, epoch: int) -> None:
    if not packages:
        return
    # A signature of the same time has the same bytes; one before its key's time is refused.
    time = max(epoch, _created(signer))
    macros = {
        "_gpg_name": signer.key.fingerprint,
        "__gpg": "/usr/bin/gpg",
        "_gpg_digest_algo": "sha256",
        "_gpg_sign_cmd_extra_args": f"--faked-system-time {time}! --batch --no-tty",
    }
    defines = [word for pair in macros.items() for word in ("--define", " ".join(pair))]
    command = ["rpmsign", "--addsign", *defines, *map(str, packages)]
    process.run(command, within=signer.within, env=signer.env)


def _created(signer: Session) -> int:
    """Return the creation time of the newest part of the key (GnuPG's doc/DETAILS, field 6)."""
    command = ("gpg", "--batch", "--with-colons", "--list-keys", signer.key.fingerprint)
    listed = process.run(command, within=signer.within, env=signer.env).output
    records = [line.split(":") for line in listed.splitlines()]
    return max(int(record[5]) for record in records if record[0] in ("pub", "sub"))


def _write_index(target: Path, packages: Sequence[Path], epoch: int) -> None:
    writer = createrepo_c.RepositoryWriter(
        str(target), num_packages=len(packages), compression=_COMPRESSION
    )
    with writer:
        for file in packages:
            place = str(file.relative_to(target))
            package = createrepo_c.package_from_rpm(str(file), location_href=place)
            package.time_file = epoch
            writer.add_pkg(package)
    repomd = createrepo_c.Repomd()
    repomd.set_revision(str(epoch))
    for record in writer.repomd.records:  # copies
        record.timestamp = epoch
        repomd.set_record(record)
    (target / "repodata/repomd.xml").write_text(repomd.xml_dump())


def _repo(title: str, location: str) -> str:
    return f"""\
# Goes to {_REPO_FOLDER}/. For other machines, publish the folder with any web server
# and state its address in baseurl and gpgkey.
[xsbuild]
name={title}
baseurl={location}
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey={location}/{KEY}
"""
