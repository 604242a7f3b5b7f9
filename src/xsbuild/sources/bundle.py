# SPDX-License-Identifier: Apache-2.0
"""Put chosen archives into one source tree, each in a directory of its own, as dune takes them."""

import datetime
import json
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from xsbuild.manifest.libraries import Archive, Bundle
from xsbuild.plainfile import inside
from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sources.archive import tree_digest
from xsbuild.sources.packing import compress, pack_folder
from xsbuild.sources.unpack import unpack

# https://dune.readthedocs.io/en/stable/reference/dune/vendored_dirs.html
_DUNE_FILE = """\
; Each is built as far as something needs it; its tests and its warnings are its authors' concern.
(vendored_dirs *)
"""
_README = """\
What is here is other people's work, each as its authors released it. What they have no dune files
for has some of the packaging's own.

"""


def bundle_digests(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Yield digests that identify a bundle: directory → digest of its archive.

    Raises:
        SourceError: an overlay cannot be read.
    """
    for archive in bundle.libraries.archives:
        parts = [pin] if (pin := _pin(bundle, archive)) else []
        if archive.overlay:
            parts.append(f"tree:{tree_digest(_overlay(bundle, archive.overlay))}")
        yield archive.folder, " ".join(parts)


def _pin(bundle: Bundle, archive: Archive) -> str | None:
    if archive.opam_cache:
        cache = bundle.libraries.opam_caches[archive.opam_cache]
        return " ".join([f"sha256:{cache.sha256}", *archive.checksums])
    if archive.sha512:
        return f"sha512:{archive.sha512}"
    return f"sha256:{archive.sha256}" if archive.sha256 else None


def bundle_key(bundle: Bundle, top: str, date: datetime.date | None) -> str:
    """Return a file name that stands for all that decides the bytes of a bundle."""
    facts = [_DUNE_FILE, _readme(bundle), top, str(date), *bundle_digests(bundle)]
    return sha256(json.dumps(facts).encode()).hexdigest()


def make_bundle(
    bundle: Bundle,
    files: Mapping[str, Path],
    top: str,
    date: datetime.date | None,
    work: Path,
    limits: Limits = DEFAULT_LIMITS,
) -> Path:
    """Pack archives into one, the same bytes every time.

    Args:
        bundle: what belongs into it.
        files: directory → the archive that is unpacked there.
        top: the one directory at the top.
        date: every file's.
        work: an existing folder; what it has left in it is removed.
        limits: of unpacking; see `unpack`.

    Returns:
        The ``.tar.gz``, in `work`.

    Raises:
        SourceError: an archive is damaged or hostile.
    """
    tree, scratch = work / "tree", work / "unpacked"
    for folder in (tree, scratch):
        shutil.rmtree(folder, ignore_errors=True)
    tree.mkdir()
    for archive in bundle.libraries.archives:
        place = tree / archive.folder
        if archive.folder in files:
            unpack(files[archive.folder], scratch, limits).rename(place)
            shutil.rmtree(scratch, ignore_errors=True)
        if archive.overlay:
            overlay = _overlay(bundle, archive.overlay)
            tree_digest(overlay)  # which refuses links out of it
            shutil.copytree(overlay, place, symlinks=True, dirs_exist_ok=True)
    (tree / "dune").write_text(_DUNE_FILE, encoding="utf-8")
    (tree / "README").write_text(_readme(bundle), encoding="utf-8")
    plain, packed = work / "archive.tar", work / "archive.tar.gz"
    pack_folder(tree, top, date, plain)
    compress(plain, packed)
    plain.unlink()
    shutil.rmtree(tree)
    return packed


def _overlay(bundle: Bundle, path: str) -> Path:
    return inside(bundle.folder / path, bundle.folder)


def _readme(bundle: Bundle) -> str:
    return _README + "\n".join(_described(item) for item in bundle.libraries.archives)


def _described(archive: Archive) -> str:
    lines = [f"{archive.name} {archive.version}", f"  {archive.license}"]
    lines += [f"  {archive.url}"] if archive.url else []
    lines += [f"  sha256 {archive.sha256}"] if archive.sha256 else []
    lines += [f"  sha512 {archive.sha512}"] if archive.sha512 else []
    lines += [f"  {text.replace('=', ' ')}" for text in archive.checksums if archive.opam_cache]
    return "\n".join(lines) + "\n"
