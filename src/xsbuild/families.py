# SPDX-License-Identifier: Apache-2.0
"""What differs between the two families on the way from a recipe to a repository."""

# A family's modules are imported when it is used: half of them takes as long as all the rest.
# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from xsbuild.distros.model import Distro, Family
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree
from xsbuild.store.store import Package

# The folder of a project that has a family's templates.
RECIPES = {Family.DEB: "debian", Family.RPM: "specs"}


@dataclass(frozen=True, slots=True)
class FamilyTools:
    """The steps that each family does its own way.

    Attributes:
        in_source: where rendered packaging is in a source tree; empty for beside it.
        render: makes the packaging of a component.
        make_source: makes the source package, or what a builder makes it from.
        make_meta: makes a meta-package.
        read_packages: file name → package, for the binary packages in a folder.
        write_repository: makes a signed repository of packages.
        instructions: the commands that use a published repository.
    """

    in_source: str
    render: Callable[[RecipeRequest], FileTree]
    make_source: Callable[..., Path]
    make_meta: Callable[..., Path]
    read_packages: Callable[[Path], Mapping[str, Package]]
    write_repository: Callable[..., None]
    instructions: Callable[[Path, Sequence[str]], tuple[str, ...]]


def _read_debs(folder: Path) -> dict[str, Package]:
    from xsbuild.repos.apt import read_control

    packages = {}
    for file in sorted(folder.glob("*.deb")):
        control = read_control(file)
        packages[file.name] = Package(
            control["Package"],
            control["Version"],
            control["Architecture"],
            # followed by its version in brackets where that is another
            control.get("Source", control["Package"]).partition(" ")[0],
        )
    return packages


def _read_rpms(folder: Path) -> dict[str, Package]:
    from xsbuild.repos.yum import read_header

    headers = {file.name: read_header(file) for file in sorted(folder.glob("*.rpm"))}
    return {
        name: Package(header.name, header.evr, header.architecture, header.source)
        for name, header in headers.items()
        if header.architecture != "src"
    }


@cache
def _deb_tools() -> FamilyTools:
    from xsbuild.recipes.debian import render_debian
    from xsbuild.recipes.meta import build_meta_deb
    from xsbuild.repos import apt
    from xsbuild.sourcepkgs.debian import build_dsc

    return FamilyTools(
        in_source="debian",
        render=render_debian,
        make_source=build_dsc,
        make_meta=build_meta_deb,
        read_packages=_read_debs,
        write_repository=apt.write_apt_repository,
        instructions=apt.apt_instructions,
    )


def _rpm_tools(distro: Distro) -> FamilyTools:
    from xsbuild.distros.dnf import rpm_of
    from xsbuild.recipes.meta_rpm import build_meta_rpm
    from xsbuild.recipes.rpm import render_rpm
    from xsbuild.repos import yum
    from xsbuild.sourcepkgs.rpm import lay_out_srpm

    return FamilyTools(
        in_source="",
        render=render_rpm,
        make_source=lay_out_srpm,
        make_meta=build_meta_rpm,
        read_packages=_read_rpms,
        write_repository=yum.write_yum_repository,
        instructions=partial(yum.yum_instructions, manager=rpm_of(distro).package_manager),
    )


def family_of(distro: Distro) -> FamilyTools:
    """The tools of a distro's family."""
    return _deb_tools() if distro.family is Family.DEB else _rpm_tools(distro)
