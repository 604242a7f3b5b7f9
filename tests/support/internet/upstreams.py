# SPDX-License-Identifier: Apache-2.0
"""Upstreams on the miniature internet: each under the address that the manifest has.

What cannot be fetched where this is developed is a tree in ``upstream/``. It builds and installs as
facts about the real one say (``facts.md`` has them with their sources), not as the manifest does.
"""

import bz2
import gzip
import hashlib
import lzma
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from upstreams import commit_tree, pack_tree
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Component
from xsbuild.manifest.patch import GitPatch
from xsbuild.manifest.source import DebianPoolSource, GitSource, PypiSource, UrlSource

from .server import Internet

TREES = Path(__file__).parent / "upstream"
PATCHES = Path(__file__).parent / "patches"
_POOL = "archive.example.org"
_PATCH = """\
--- /dev/null
+++ b/patched/{name}
@@ -0,0 +1 @@
+{name}
"""
_PYPI = """\
<!DOCTYPE html>
<html><body>
<a href="{url}#sha256={digest}">{name}</a>
</body></html>
"""


def serve_upstreams(internet: Internet, manifest: Path) -> set[str]:
    """Serves the stand-ins for the sources of a manifest, and pins these in it.

    Args:
        internet: where.
        manifest: a copy of the product's; its pins are replaced.

    Returns:
        The components all of whose downloads are there.
    """
    text = manifest.read_text(encoding="utf-8")
    served = set()
    for name, component in load_manifest(manifest).components.items():
        pins = _serve(internet, component)
        if pins is not None:
            served.add(name)
            pins.update(_serve_patches(internet, component))
            for old, new in pins.items():
                assert text.count(old) >= 1, (name, old)
                text = text.replace(old, new)
    manifest.write_text(text, encoding="utf-8")
    return served


def serve_pool(internet: Internet, manifest: Path) -> str:
    """Serves stand-ins for sources of Debian's archive, and pins these in a copy of the manifest.

    Returns:
        The archive's address.
    """
    text = manifest.read_text(encoding="utf-8")
    for component in load_manifest(manifest).components.values():
        for source in component.sources:
            if isinstance(source, DebianPoolSource) and source.sha256 is not None:
                path = source.debian_pool.format(version=component.version)
                file = path.rpartition("/")[2]
                tree = TREES / file.partition("_")[0]
                if tree.is_dir():
                    content = _packed(tree, file)
                    text = text.replace(source.sha256, hashlib.sha256(content).hexdigest())
                    internet.put(f"https://{_POOL}/debian/{path}", content)
    manifest.write_text(text, encoding="utf-8")
    return internet.url(_POOL, "debian")


def _serve(internet: Internet, component: Component) -> dict[str, str] | None:
    """Serves the sources of a component; returns old pin → new pin, None where one is missing."""
    pins: dict[str, str] = {}
    for source in component.sources:
        if isinstance(source, UrlSource):
            url = source.url.format(version=component.version)
            pin, file = source.sha256, unquote(urlsplit(url).path.rpartition("/")[2])
        elif isinstance(source, PypiSource):
            file = f"{source.pypi.lower()}-{component.version}.tar.gz"
            pin, url = source.sha256, f"https://files.pythonhosted.org/packages/{file}"
        elif isinstance(source, GitSource):
            return None
        else:
            continue
        tree = TREES / _project(file, component.version)
        if pin is None or not tree.is_dir():
            return None
        content = _packed(tree, file)
        digest = hashlib.sha256(content).hexdigest()
        pins[pin] = digest
        internet.put(url, content)
        if isinstance(source, PypiSource):
            page = _PYPI.format(url=url, digest=digest, name=file)
            index = f"https://pypi.org/simple/{source.pypi.lower()}/index.html"
            internet.put(index, page.encode())
    return pins


def _serve_patches(internet: Internet, component: Component) -> dict[str, str]:
    """Serves the repositories of patches by reference; returns old commit → new commit."""
    repositories: dict[tuple[str, str], list[GitPatch]] = {}
    for patch in component.patches:
        if isinstance(patch, GitPatch):
            repositories.setdefault((patch.git, patch.commit), []).append(patch)
    pins = {}
    for (url, commit), patches in repositories.items():
        parts = urlsplit(url)
        place = internet.host(parts.netloc) / parts.path.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as tree:
            for patch in patches:
                file = Path(tree, patch.path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(_patch(file.name), encoding="utf-8")
            pins[commit] = commit_tree(Path(tree), place, "packaged")
        internet.repositories[url] = place
    return pins


def _patch(name: str) -> str:
    """A patch that adds what the real one does, else a file of its name."""
    own = PATCHES / name
    return own.read_text("utf-8") if own.exists() else _PATCH.format(name=Path(name).stem)


def _project(file: str, version: str) -> str:
    """The name of the project in the name of an archive, as ``sm`` of ``sm-4.1.14.tar.gz``."""
    return file.partition(f"-{version}")[0]


def _packed(tree: Path, file: str) -> bytes:
    root, _, kind = file.rpartition(".tar.")
    return compressed(gzip.decompress(pack_tree(tree, root)), kind)


def compressed(plain: bytes, kind: str) -> bytes:
    """Compresses an archive as the end of its name says."""
    match kind:
        case "xz":
            return lzma.compress(plain)
        case "bz2" | "tbz":
            return bz2.compress(plain)
        case _:
            return gzip.compress(plain, mtime=0)
