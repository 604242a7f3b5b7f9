# SPDX-License-Identifier: Apache-2.0
"""The medium: the files on it are those that the signed list has."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from xenserver_installer.errors import InstallError
from xenserver_installer.run import run

MEDIUM = Path("/run/initramfs/live")
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Payload:
    """The system on the medium.

    Attributes:
        file: its squashfs image.
        sha256: its checksum in the signed list.
        unpacked: size of its files in bytes.
        title: name and version.
    """

    file: Path
    sha256: str
    unpacked: int
    title: str


def trusted_sums(medium: Path, key: Path) -> dict[str, str]:
    """Return the checksums of the medium's files, after the list's signature was verified.

    Args:
        medium: the medium's directory.
        key: the public key that must have signed the list.

    Raises:
        InstallError: the list is missing, or signed by another key.
    """
    sums, signature = medium / "SHA256SUMS", medium / "SHA256SUMS.asc"
    for file in (key, sums, signature):
        if not file.is_file():
            raise InstallError(f"{file} is missing, so that the medium cannot be verified")
    with NamedTemporaryFile(suffix=".gpg") as keyring:
        keyring.write(_binary(key))
        keyring.flush()
        try:
            run(["gpgv", "--keyring", keyring.name, signature, sums])
        except InstallError as error:
            raise InstallError(f"the medium is not signed by the key {key}: {error}") from error
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [match for match in map(_LINE.fullmatch, lines) if match]
    return {match[2].removeprefix("./"): match[1] for match in found}


def _binary(key: Path) -> bytes:
    """Return a key without ASCII armour (RFC 9580, 6.2), as gpgv reads keyrings."""
    content = key.read_bytes()
    if not content.startswith(b"-----"):
        return content
    body = content.decode("ascii", errors="replace").replace("\r", "").partition("\n\n")[2]
    lines = body.partition("-----END")[0].split()
    try:
        return base64.b64decode("".join(line for line in lines if not line.startswith("=")))
    except binascii.Error as error:
        raise InstallError(f"{key} is not a public key") from error


def read_payload(medium: Path, sums: dict[str, str]) -> Payload:
    """Return the system on a medium, from verified data alone.

    Raises:
        InstallError: appliance.json is damaged, or the payload is not in the signed list.
    """
    check_file(medium, "appliance.json", sums)
    try:
        about = json.loads((medium / "appliance.json").read_text(encoding="utf-8"))
        payload = about["payload"]
        name, unpacked = str(payload["path"]).lstrip("/"), int(payload["unpacked"])
        title = f"{about['title']} {about['version']}"
    except (KeyError, TypeError, ValueError) as error:
        raise InstallError(f"{medium}/appliance.json is not the description of a medium") from error
    if name not in sums:
        raise InstallError(f"{name} is not in the signed list of the medium's files")
    return Payload(medium / name, sums[name], unpacked, title)


def check_file(medium: Path, name: str, sums: dict[str, str]) -> None:
    """Check a file of the medium.

    Raises:
        InstallError: it is missing or damaged.
    """
    if name not in sums:
        raise InstallError(f"{name} is not in the signed list of the medium's files")
    _check(medium / name, sums[name])


def check_payload(payload: Payload) -> None:
    """Check the system on the medium.

    Raises:
        InstallError: it is missing or damaged.
    """
    _check(payload.file, payload.sha256)


def _check(file: Path, sha256: str) -> None:
    try:
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InstallError(f"{file} cannot be read from the medium: {error.strerror}") from error
    if found != sha256:
        raise InstallError(f"{file} is damaged: its checksum is wrong")


def damaged_files(medium: Path, sums: dict[str, str]) -> Iterator[str]:
    """Check all files of the medium; yield a sentence for each that is damaged."""
    for name in sorted(sums):
        try:
            check_file(medium, name, sums)
        except InstallError as error:
            yield str(error)
