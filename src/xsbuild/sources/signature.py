# SPDX-License-Identifier: Apache-2.0
"""Detached signatures of upstream, checked with gpgv against a key of the project."""

import bz2
import gzip
import lzma
import shutil
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.host import process

_COMPRESSED = (".gz", ".xz", ".bz2")


def check_signature(archive: Path, signature: Path, key: Path, work: Path) -> None:
    """Check that a key signed an archive.

    Args:
        archive: as upstream calls it.
        signature: the detached signature as upstream calls it, armored or not. One that is called
            as the uncompressed archive, as kernel.org's ``linux-6.12.tar.sign``, is of that.
        key: file of public keys, armored or not.
        work: a folder for temporary files.

    Raises:
        SourceError: it did not, or the key file has no key.
    """
    keyring = work / "keyring.gpg"
    if key.read_bytes().startswith(b"-----BEGIN"):
        home = work / "gnupg"
        home.mkdir(mode=0o700, exist_ok=True)
        gpg = ("gpg", "--homedir", home, "--batch", "--yes")
        process.run([*gpg, "--output", keyring, "--dearmor", key])
        shutil.rmtree(home)
    else:
        shutil.copyfile(key, keyring)
    signed = _signed_file(archive, signature, work)
    try:
        process.run(["gpgv", "--keyring", keyring, signature, signed])
    except process.CommandFailedError as error:
        raise SourceError(
            f"{archive.name} is not signed by a key in {key}\n{error.output.strip()}",
            hint="compare the key with the one that upstream publishes",
            code="XSB-SOURCE-SIGNATURE",
        ) from error
    finally:
        keyring.unlink()
        if signed != archive:
            signed.unlink()


def _signed_file(archive: Path, signature: Path, work: Path) -> Path:
    if archive.suffix not in _COMPRESSED or signature.stem != archive.stem:
        return archive
    uncompressed = work / archive.stem
    with _open(archive) as content, uncompressed.open("wb") as plain:
        shutil.copyfileobj(content, plain, 1 << 20)
    return uncompressed


def _open(archive: Path) -> gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File:
    if archive.suffix == ".gz":
        return gzip.open(archive)
    return lzma.open(archive) if archive.suffix == ".xz" else bz2.open(archive)
