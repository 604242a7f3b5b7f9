# SPDX-License-Identifier: Apache-2.0
"""The product's own packaging: rendered for a distro, and the files it brings itself."""

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from own_settings import settings_in
from xsbuild.distros.model import Family
from xsbuild.families.family import family_of
from xsbuild.manifest.model import LocalSource
from xsbuild.planner.target import Use, target_for
from xsbuild.project import Project
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.sources.model import Fetched

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The packaging of one component for one distro.

    Attributes:
        request: what it was rendered from.
        tree: the files.
    """

    request: RecipeRequest
    tree: FileTree


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that packages have from this project, not from an upstream.

    Attributes:
        component: whose.
        path: where it is in this project.
        to: the directory it is installed in, as the manifest has it; empty where upstream's own
            installation decides.
    """

    component: str
    path: Path
    to: str


@cache
def product() -> Project:
    """The project of the product."""
    return Project(ROOT / "components.yaml", settings_in(ROOT / "nowhere"))


def copy_product(folder: Path) -> Path:
    """Copies what a build of the product reads, for somebody to change it; returns the folder."""
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "components.yaml", folder)
    for name in ("locks", "debian", "specs", "files", "patches", "vendor"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    return folder


def distro_names(family: Family) -> list[str]:
    """Every distro of a family."""
    return [distro.name for distro in product().distros.all() if distro.family is family]


@cache
def rendered(distro_name: str) -> dict[str, Rendered]:
    """Every component that can be built, built: as `xsbuild render --all`."""
    project = product()
    components = project.manifest.components
    overrides: dict[str, Use] = {
        name: "build" for name, component in components.items() if component.build
    }
    target = target_for(project, project.distros.get(distro_name), overrides)
    family = family_of(target.distro)
    requests = {name: target.sketch(name)[0] for name in target.graph.order}
    return {name: Rendered(request, family.render(request)) for name, request in requests.items()}


def own_files() -> Iterator[OwnFile]:
    """What local sources and recipes have that goes into packages as it is."""
    for name, component in product().manifest.components.items():
        installed = {
            item.source: item.to for package in component.packages.values()
            for item in package.install
        }  # fmt: skip
        for source in component.sources:
            if isinstance(source, LocalSource):
                folder = ROOT / source.local
                for path in _files(folder):
                    inside = Path(source.name or "", path.relative_to(folder))
                    yield OwnFile(name, path, _to(inside, installed))
        for path in _files(ROOT / "debian" / name):
            if path.suffix != ".j2":
                yield OwnFile(name, path, "")


def _to(path: Path, installed: dict[str, str]) -> str:
    return next((to for source, to in installed.items() if path.match(source)), "")


def _files(folder: Path) -> list[Path]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in paths if "__pycache__" not in path.parts)


def stand_ins(rendered: Rendered, folder: Path) -> list[Fetched]:
    """Archives in the place of sources, where it matters only that there are some."""
    found = []
    for index, source in enumerate(rendered.request.component.sources):
        path = folder / f"{rendered.request.name}-{index}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("upstream/README")
            text = b"A stand-in.\n"
            info.size = len(text)
            archive.addfile(info, BytesIO(text))
        digest = sha256(path.read_bytes()).hexdigest()
        found.append(Fetched(source.name, path, path.name, digest))
    return found
