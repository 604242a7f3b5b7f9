# SPDX-License-Identifier: Apache-2.0
"""What differs between the two families on the way from a recipe to a repository."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.distros.model import Distro, Family
from xsbuild.engine.store import Package
from xsbuild.errors import XsbuildError
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.meta import build_meta_deb
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.repos import apt
from xsbuild.sourcepkgs.debian import build_dsc


@dataclass(frozen=True, slots=True)
class FamilyTools:
    """The steps that each family does its own way.

    Attributes:
        recipes: the folder of a project that has its templates.
        in_source: where rendered packaging is in a source tree; empty for beside it.
        render: makes the packaging of a component.
        make_source: makes the source package, or what a builder makes it from.
        make_meta: makes a meta-package.
        read_packages: file name → package, for the binary packages in a folder.
        write_repository: makes a signed repository of packages.
        public_key: the file of a repository with its key.
        instructions: the commands that use a published repository.
    """

    recipes: str
    in_source: str
    render: Callable[[RecipeRequest], FileTree]
    make_source: Callable[..., Path]
    make_meta: Callable[..., Path]
    read_packages: Callable[[Path], Mapping[str, Package]]
    write_repository: Callable[..., None]
    public_key: str
    instructions: Callable[[Path, Sequence[str]], tuple[str, ...]]


def _read_debs(folder: Path) -> dict[str, Package]:
    packages = {}
    for file in sorted(folder.glob("*.deb")):
        control = apt.read_control(file)
        packages[file.name] = Package(
            control["Package"], control["Version"], control["Architecture"]
        )
    return packages


_TOOLS = {
    Family.DEB: FamilyTools(
        recipes="debian",
        in_source="debian",
        render=render_debian,
        make_source=build_dsc,
        make_meta=build_meta_deb,
        read_packages=_read_debs,
        write_repository=apt.write_apt_repository,
        public_key=apt.KEY,
        instructions=apt.apt_instructions,
    ),
}


def family_of(distro: Distro) -> FamilyTools:
    """The tools of a distro's family.

    Raises:
        XsbuildError: packages of that family cannot be built yet.
    """
    if distro.family not in _TOOLS:
        raise XsbuildError(f"{distro.title}: {distro.family} packages cannot be built yet")
    return _TOOLS[distro.family]
