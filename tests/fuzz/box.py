# SPDX-License-Identifier: Apache-2.0
"""The box in which commands are fuzzed: a project, its upstreams and caches, made once.

It is at the same place in every run (see `__main__`), so that addresses in files stay right.
"""

import datetime
import gzip
import hashlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from upstreams import commit_tree, pack_tree
from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.index import write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.distros.model import Family, IndexStamp
from xsbuild.engine.prepare import log_file
from xsbuild.host import process
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

PLACE = Path("/mnt")
BOX = PLACE / "box"
PROJECT = BOX / "project"
PARTS = ("home", "cache", "tmp", "upstreams", "project", "config", "index")
OUTSIDE = PLACE / "outside"
_GOOD = PLACE / "good"
_SEED = Path(__file__).with_name("seed")
_DATA = Path(__file__).parents[1] / "unit/capabilities/data/debian-13"
_RELEASE = """\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Box
Suite: one
Date: Sat, 21 Nov 2026 10:00:00 UTC
SHA256:
 0000000000000000000000000000000000000000000000000000000000000000 1 main/binary-amd64/Packages
-----BEGIN PGP SIGNATURE-----
"""
ENVIRONMENT = {
    "HOME": str(BOX / "home"),
    "XSBUILD_CACHE": str(BOX / "cache"),
    "XDG_CONFIG_HOME": str(BOX / "config"),
    "XDG_DATA_HOME": str(BOX / "home/data"),
    "TMPDIR": str(BOX / "tmp"),
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "COLUMNS": "100",
}
# Files of the box that are changed, by pattern; `mutate` knows their structure by their names.
TARGETS = (
    "project/components.yaml", "project/distros/*.yaml", "project/locks/*.yaml",
    "project/patches/*/*", "project/debian/*/*", "project/specs/*", "project/systems/*/*",
    "project/vendor/*.yaml", "project/opam/packages/*/*/opam", "project/keys/*",
    "config/xsbuild/config.yaml", "upstreams/*.*", "upstreams/extra.git/HEAD",
    "upstreams/extra.git/refs/tags/*", "upstreams/extra.git/packed-refs", "index/**/*.*",
    "cache/indexes/*/*", "cache/indexes/*/apt/var/lib/apt/lists/*",
    "cache/store/why/*", "cache/store/last/*", "cache/logs/*/*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Special:
    """Something else than a file, in the place of one: see `edit`."""

    kind: str


Edits = Mapping[str, bytes | Special]


def make_box() -> None:
    """Make the box; the copy that it is restored from, too."""
    OUTSIDE.mkdir()
    for name in PARTS:
        (_GOOD / name).mkdir(parents=True)
    shutil.copytree(_SEED / "project", _GOOD / "project", dirs_exist_ok=True)
    shutil.copytree(_SEED / "config", _GOOD / "config/xsbuild")
    pins = _archives(_GOOD / "upstreams")
    _sign(_GOOD)
    for file in (_GOOD / "project").rglob("*"):
        if file.is_file():
            text = file.read_text()
            for name, pin in pins.items():
                text = text.replace(f"@{name}@", pin)
            file.write_text(text)
    _indexes(_GOOD)
    restore(PARTS)


def targets() -> list[list[str]]:
    """Return the files that are changed, relative to the box, in groups."""
    found = [
        [path for path in sorted(_GOOD.glob(pattern)) if path.is_file()] for pattern in TARGETS
    ]
    return [[str(path.relative_to(_GOOD)) for path in paths] for paths in found if paths]


def content(name: str) -> bytes:
    """Return the unchanged content of a file of the box."""
    return (_GOOD / name).read_bytes()


def edit(edits: Edits) -> None:
    """Write changed files into the box. A changed archive is pinned, as its author would do."""
    for name, new in edits.items():
        path = BOX / name
        _remove(path)
        if isinstance(new, bytes):
            path.write_bytes(new)
        elif new.kind == "folder":
            path.mkdir()
        elif new.kind == "loop":
            path.symlink_to(path.name)
        elif new.kind == "pipe":
            os.mkfifo(path)
        elif new.kind == "device":
            path.symlink_to("/dev/zero")
        if name.startswith("upstreams/") and isinstance(new, bytes) and (_GOOD / name).is_file():
            _pin(content(name), new)


def _pin(old: bytes, new: bytes) -> None:
    for file in (PROJECT / "components.yaml", PROJECT / "vendor/ocaml.yaml"):
        before, after = (hashlib.sha256(data).hexdigest().encode() for data in (old, new))
        data = file.read_bytes()
        if before in data:
            file.write_bytes(data.replace(before, after))


def undo(edits: Edits) -> None:
    """Restore edited files, and those that pin them."""
    for name in (*edits, "project/components.yaml", "project/vendor/ocaml.yaml"):
        _remove(BOX / name)
        shutil.copy2(_GOOD / name, BOX / name)


def restore(parts: Iterable[str]) -> None:
    """Restore whole parts of the box, by name."""
    for part in parts:
        _remove(BOX / part)
        shutil.copytree(_GOOD / part, BOX / part, symlinks=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _archives(folder: Path) -> dict[str, str]:
    tree = _SEED / "project/src"
    files = {
        "SHA256": ("greet-1.0.0.tar.gz", pack_tree(tree, "greet-1.0.0")),
        "HORN": ("horn-1.0.tar.xz", _tar_xz(tree, "horn-1.0")),
        "ZIP": ("zipped.zip", _zip(tree, "zipped")),
    }
    pins = {"COMMIT": commit_tree(tree, folder / "extra.git", "v1.0.0")}
    for key, (name, data) in files.items():
        (folder / name).write_bytes(data)
        pins[key] = hashlib.sha256(data).hexdigest()
        pins[f"{key}512"] = hashlib.sha512(data).hexdigest()
    return pins


def _tar_xz(tree: Path, top: str) -> bytes:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        archive.add(tree, top)
    return packed.getvalue()


def _zip(tree: Path, top: str) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(tree.iterdir()):
            archive.write(path, f"{top}/{path.name}")
    return packed.getvalue()


def _sign(good: Path) -> None:
    """Sign the archive with a new key, of which the project has the public part."""
    home, keys = good / "gpg", good / "project/keys"
    for folder in (home, keys):
        folder.mkdir(mode=0o700)
    archive = good / "upstreams/greet-1.0.0.tar.gz"
    gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "")
    process.run([*gpg, "--quick-generate-key", "Upstream <up@example.org>", "ed25519", "sign"])
    process.run([*gpg, "--armor", "--output", keys / "greet.asc", "--export"])
    process.run(
        [*gpg, "--output", archive.with_name(f"{archive.name}.sig"), "--detach-sign", archive]
    )
    process.run(["gpgconf", "--homedir", home, "--kill", "all"])
    shutil.rmtree(home)


def _indexes(good: Path) -> None:
    """Indexes of archives as fetched, the cache's index of one, and a log."""
    shutil.copytree(_SEED / "index", good / "index", dirs_exist_ok=True)
    deb = good / "index/deb"
    deb.mkdir()
    shutil.copy(_DATA / "Packages", deb)
    (deb / "Contents.gz").write_bytes(gzip.compress((_DATA / "Contents").read_bytes(), mtime=0))
    folder = good / "cache/indexes/box-1-x86_64"
    lists = folder / "apt/var/lib/apt/lists"
    lists.mkdir(parents=True)
    (lists / "box_dists_one_InRelease").write_text(_RELEASE)
    sources = folder / "apt/etc/apt/sources.list.d"
    sources.mkdir(parents=True)
    (sources / "distro.sources").write_text("Types: deb\nURIs: file:/x\nSuites: one\n")
    write_index(
        folder / "index.sqlite",
        made_of=(),
        stamp=IndexStamp(date=datetime.date(2026, 11, 21), hash="0" * 64),
        family=Family.DEB,
        patterns=Patterns("x86_64"),
        packages=read_packages([deb / "Packages"]),
        files=read_contents([deb / "Contents.gz"]),
    )
    task = "greet@box-1"
    folders = Folders(BOX / "cache", BOX / "home/data", BOX / "config")
    project = Project(PROJECT / "components.yaml", Settings(folders))
    log = good / log_file(project, task).relative_to(BOX)
    log.parent.mkdir(parents=True)
    log.write_bytes(b"gcc -c a.c\n\x1b[31merror\x1b[0m \x9b1m \xe2\x80\xae\r50%\n\xff\n")
    why = good / f"cache/store/why/{task}.json"
    why.parent.mkdir(parents=True)
    why.write_text('{"run": 1700000000.5, "result": "FAILED", "reasons": ["never built here"]}')
    last = good / f"cache/store/last/{task}"
    last.parent.mkdir(parents=True)
    last.write_text("0" * 64)
