# SPDX-License-Identifier: Apache-2.0
"""Publish repositories: a reader sees the former version or the new one, never half.

``RESULTS/DISTRO`` is a symbolic link to ``.versions/DISTRO/DIGEST/``. A version also has the files
of its predecessor that it lacks, so that a reader who began with that finds all it was promised.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import XsbuildError
from xsbuild.host.files import sha256_of, storage, sync, sync_tree
from xsbuild.host.locks import file_lock
from xsbuild.host.scratch import owned_folder, remove, sweep
from xsbuild.store.keys import Json, key_of

_VERSIONS = ".versions"


@dataclass(frozen=True, slots=True)
class Published:
    """A published repository.

    Attributes:
        folder: where readers find it; the same for every version.
        digest: of what it is made from.
        changed: it was switched to a new version.
    """

    folder: Path
    digest: str
    changed: bool


def publish(
    results: Path,
    distro: str,
    packages: Sequence[Path],
    *,
    facts: Mapping[str, Json],
    write: Callable[[Path], None],
) -> Published:
    """Make a repository and switches to it, unless nothing has changed.

    Args:
        results: the folder of all published repositories.
        distro: the repository's name.
        packages: what is in it.
        facts: what else decides its content, as the key's fingerprint; not the time.
        write: writes the repository into an existing empty directory.

    Raises:
        XsbuildError: what is at the repository's place was not published by xsbuild.
        StorageError: the disk is full, read-only or someone else's.
        Whatever `write` raises.
    """
    link, versions = results / distro, results / _VERSIONS / distro
    digest = _digest(packages, facts)
    with storage(results):
        versions.mkdir(parents=True, exist_ok=True)
        with file_lock(versions.with_name(f"{distro}.lock")):
            former = _current(link)
            if former is not None and _digest_of(former) == digest and _is_whole(former):
                return Published(link, digest, changed=False)
            version = versions / digest
            if former == version.resolve():  # damaged, and in use until the switch
                version = versions / f"{digest}-{secrets.token_hex(4)}"
            sweep(versions / "new")
            with owned_folder(versions / "new") as work:
                tree = work / "tree"
                tree.mkdir()
                write(tree)
                _install(tree, version, former)
                _switch(link, Path(_VERSIONS, distro, version.name), work / "link")
            _keep_only(versions, {version.name, former.name if former else version.name})
    return Published(link, digest, changed=True)


def _digest(packages: Sequence[Path], facts: Mapping[str, Json]) -> str:
    files = sorted(f"{file.name} {sha256_of(file)}" for file in packages)
    return key_of({"packages": files, "facts": facts})


def _current(link: Path) -> Path | None:
    if link.is_symlink():
        return link.resolve() if link.exists() else None
    if link.exists():
        raise XsbuildError(
            f"{link} was not published by xsbuild",
            hint="move it away, or choose another folder for the results",
            code="XSB-REPO-FOLDER",
        )
    return None


def _install(tree: Path, version: Path, former: Path | None) -> None:
    """Complete a new version before it becomes visible, and name it."""
    own = _files(tree)
    if former is not None:
        for name in _recorded(former):
            _carry_over(former / name, tree / name)
    sync_tree(tree)
    remove(version)  # left by a process that was killed before it switched, or older than `former`
    _record(version).write_text(json.dumps(own, indent=0))
    sync(_record(version))
    tree.rename(version)
    sync(version.parent)


def _carry_over(old: Path, new: Path) -> None:
    if old.exists() and not new.exists():
        new.parent.mkdir(parents=True, exist_ok=True)
        os.link(old, new)


def _files(tree: Path) -> dict[str, int]:
    """Return name → size of a version's own files."""
    files = (path for path in sorted(tree.rglob("*")) if path.is_file())
    return {path.relative_to(tree).as_posix(): path.stat().st_size for path in files}


def _recorded(version: Path) -> dict[str, int]:
    try:
        recorded = json.loads(_record(version).read_bytes())
    except (OSError, ValueError):
        return {}
    return recorded if isinstance(recorded, dict) else {}


def _is_whole(version: Path) -> bool:
    """Return whether a version has all of its files, each of its size."""
    recorded = _recorded(version)
    return bool(recorded) and recorded.items() <= _files(version).items()


def _digest_of(version: Path) -> str:
    return version.name.partition("-")[0]


def _record(version: Path) -> Path:
    """Return the path of the list of a version's files, without its predecessor's."""
    return version.with_name(f"{version.name}.json")


def _switch(link: Path, target: Path, new: Path) -> None:
    new.symlink_to(target)
    new.replace(link)
    sync(link.parent)


def _keep_only(versions: Path, digests: set[str]) -> None:
    for path in versions.iterdir():
        if path.name != "new" and path.stem not in digests:
            remove(path) if path.is_dir() else path.unlink()
