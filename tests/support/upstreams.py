# SPDX-License-Identifier: Apache-2.0
"""Packs the upstream trees of the test project into archives and repositories, and pins them.

The same trees give the same bytes on one machine; pins are not committed, as compressors differ.
"""

import gzip
import hashlib
import io
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from xsbuild.host import process
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Component, GitSource, UrlSource
from xsbuild.manifest.source import Source

PROJECT = Path(__file__).parent / "project"
PLACE = "file:///upstreams"
MANIFEST = "components.yaml"
TOOLCHAINS = "toolchains.yaml"  # components with large compilers
TIME = 1_760_000_000
_SOURCE = re.compile(
    r"(?P<lead> *(?:- )?\{?)(?P<before>.*?)(?P<kind>url|git): \"?"
    rf"{PLACE}/(?P<name>(?:\{{version\}}|[^\s\",}}])+)\"?"
)


@dataclass(frozen=True, slots=True)
class Upstreams:
    """A copy of the test project that can be built.

    Attributes:
        manifest: its components.yaml, with every source pinned.
        folder: archives and repositories, as a web server could serve them.
    """

    manifest: Path
    folder: Path


def make_upstreams(folder: Path, address: str | None = None, name: str = MANIFEST) -> Upstreams:
    """Makes archives and repositories, and a project that has them as its sources.

    Args:
        folder: an empty directory.
        address: where `folder`/upstreams will be served; a ``file:`` address by default.
        name: of the manifest in the test project.
    """
    served = folder / "upstreams"
    served.mkdir(parents=True)
    pins = {}
    for component in load_manifest(PROJECT / name).components.values():
        pins.update(_pack(component, served))
    manifest = _copy_project(folder / "project", name, pins, address or served.as_uri())
    return Upstreams(manifest, served)


def pinned_project(folder: Path) -> Path:
    """Copies the project with pins that are the same on every machine; nothing fits them.

    Returns:
        Its components.yaml.
    """
    pins = {
        source.rpartition("/")[2]: f"{kind}: {hashlib.sha256(source.encode()).hexdigest()[:digits]}"
        for component in load_manifest(PROJECT / MANIFEST).components.values()
        for kind, digits, source in map(_pin_of, component.sources)
    }
    return _copy_project(folder, MANIFEST, pins, PLACE)


def _pin_of(source: Source) -> tuple[str, int, str]:
    """The kind of a source's pin, its length and the source's address."""
    if isinstance(source, GitSource):
        return "commit", 40, source.git
    return "sha256", 64, source.url if isinstance(source, UrlSource) else ""


def _copy_project(folder: Path, name: str, pins: dict[str, str], address: str) -> Path:
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("upstream", "__pycache__"))
    manifest = folder / name
    text = _pinned(manifest.read_text(encoding="utf-8"), pins)
    manifest.write_text(text.replace(PLACE, address), encoding="utf-8")
    return manifest


def tree_of(name: str) -> Path:
    """The upstream tree of an archive or a repository."""
    return PROJECT / "upstream" / name


def _pack(component: Component, folder: Path) -> dict[str, str]:
    """Packs the sources of a component; returns file name as in the manifest → pin."""
    pins = {}
    for source in component.sources:
        if isinstance(source, UrlSource):
            name = source.url.rpartition("/")[2]
            file = folder / name.format(version=component.version)
            root = file.name.removesuffix(".tar.gz")
            file.write_bytes(pack_tree(tree_of(root.rpartition("-")[0]), root))
            pins[name] = f"sha256: {hashlib.sha256(file.read_bytes()).hexdigest()}"
        elif isinstance(source, GitSource):
            name = source.git.rpartition("/")[2]
            tree = tree_of(name.removesuffix(".git"))
            pins[name] = f"commit: {commit_tree(tree, folder / name, f'v{component.version}')}"
    return pins


def _pinned(text: str, pins: dict[str, str]) -> str:
    """Puts a pin beside every address, in the style of its mapping."""
    lines = []
    for line in text.splitlines():
        match = _SOURCE.match(line)
        lines.append(line)
        if match and "{" in match["lead"]:
            lines[-1] = f"{line.rstrip().removesuffix('}')}, {pins[match['name']]}}}"
        elif match:
            lines.append(f"{match['lead'].replace('-', ' ')}{pins[match['name']]}")
    return "\n".join([*lines, ""])


def pack_tree(tree: Path, root: str) -> bytes:
    """Packs a tree into a gzipped tar archive, below a directory; the same bytes every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(tree.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            info = tarfile.TarInfo(f"{root}/{path.relative_to(tree)}")
            content = path.read_bytes()
            info.size = len(content)
            info.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            info.mtime = TIME
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def commit_tree(tree: Path, repository: Path, tag: str) -> str:
    """Makes a bare repository with one tagged commit of a tree; returns the commit's id."""
    who = {"NAME": "Upstream", "EMAIL": "upstream@example.org", "DATE": f"{TIME} +0000"}
    env = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
    process.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", repository])
    git = ["git", f"--git-dir={repository}"]
    within = [*git, f"--work-tree={tree}"]
    process.run([*within, "add", "--all", "."], cwd=tree)
    process.run([*within, "commit", "--quiet", "--message=Release"], env=env, cwd=tree)
    process.run([*git, "tag", tag])
    process.run([*git, "update-server-info"])  # for a plain web server
    return process.run([*git, "rev-parse", "HEAD"]).output.strip()
