# SPDX-License-Identifier: Apache-2.0
"""Makes the test distribution, or finds the one made before of the same packages."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.distros.model import Distro
from xsbuild.repos.signing import KEY, SigningKey, signing_key
from xsbuild.repos.yum import write_yum_repository
from xsbuild.settings import Folders, Settings
from xsbuild.yamlfile import load

from .archive import choose, download
from .convert import convert
from .handmade import make_handmade
from .payload import EPOCH
from .recipe import HERE, Recipe, conversion_digest, digest, load_recipe
from .standins import make_standins
from .wheel import make_wheels

NAME = "testdistro-1"


@dataclass(frozen=True, slots=True)
class World:
    """The test distribution.

    Attributes:
        folder: its repository, and beside it the folder `distros` as a user would have it.
    """

    folder: Path

    @property
    def distros(self) -> Path:
        """The folder with its definition."""
        return self.folder / "distros"

    @property
    def distro(self) -> Distro:
        """Its definition, read as a user's."""
        return load(self.distros / f"{NAME}.yaml", Distro)

    def copy(self, folder: Path) -> "World":
        """Copies it to where another user can read it."""
        shutil.copytree(self.folder, folder)
        file = folder / "distros" / f"{NAME}.yaml"
        file.write_text(file.read_text().replace(self.folder.as_uri(), folder.as_uri()))
        return World(folder)


def make_world(cache: Path, *extras: str) -> World:
    """Makes the test distribution of the packages that the host's apt offers today.

    Args:
        cache: where it and its packages are kept; shared by all processes of a test run.
        extras: what most tests do without: names of the recipe's `extras`.
    """
    cache.mkdir(parents=True, exist_ok=True)
    cache = cache.resolve()  # its address outlives a worktree that links to it
    with _locked(cache / "lock"), TemporaryDirectory(dir=cache, prefix=".work-") as work:
        recipe = load_recipe()
        chosen = choose(recipe, extras, Path(work))
        identity = hashlib.sha256("\n".join([digest(), *sorted(chosen)]).encode()).hexdigest()
        kind = "-".join(["world", *extras])
        folder = cache / f"{kind}.{identity[:16]}"
        if not folder.exists():
            packages = _packages(recipe, chosen, cache, Path(work))
            for extra in extras:
                packages += make_wheels(recipe, extra, Path(work))
            _publish(packages, cache, Path(work) / "world", folder)
            _forget(cache, kind, folder.name)
            _forget(cache, "packages", f"packages.{conversion_digest()}")
    return World(folder)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _packages(recipe: Recipe, chosen: dict[str, str], cache: Path, work: Path) -> list[Path]:
    """The packages; each is kept as the folder ``packages.DIGEST/DEB/``."""
    kept = cache / f"packages.{conversion_digest()}"
    kept.mkdir(exist_ok=True)
    missing = [deb for deb in chosen if not (kept / deb).exists()]
    download([chosen[deb] for deb in missing], work)

    def one(deb: str) -> None:
        made = work / f"{deb}.made"
        made.mkdir()
        convert(work / deb, recipe, made)
        made.rename(kept / deb)

    # the largest first, so that no core is left waiting for one at the end
    missing.sort(key=lambda deb: (work / deb).stat().st_size, reverse=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, missing))
    handmade = work / "handmade"
    handmade.mkdir()
    made = [*make_handmade(handmade), *make_standins(handmade)]
    return [*made, *(next((kept / deb).iterdir()) for deb in sorted(chosen))]


def _publish(packages: list[Path], cache: Path, work: Path, folder: Path) -> None:
    key = _key(cache)
    location = (folder / "repository").as_uri()
    repository = work / "repository"
    repository.mkdir(parents=True)
    write_yum_repository(
        repository, packages, title="Test distribution", key=key, epoch=EPOCH, location=location
    )
    text = (HERE / "files" / f"{NAME}.yaml").read_text()
    text = text.replace("{repository}", location).replace("{key}", f"{location}/{KEY}")
    (work / "distros").mkdir()
    (work / "distros" / f"{NAME}.yaml").write_text(text)
    work.rename(folder)


def _key(cache: Path) -> SigningKey:
    folders = Folders(cache, cache / "key", cache)
    return signing_key(Settings(folders), say=lambda _text: None)


def _forget(cache: Path, kind: str, keep: str) -> None:
    for path in cache.glob(f"{kind}.*"):
        if path.name != keep:
            shutil.rmtree(path)
