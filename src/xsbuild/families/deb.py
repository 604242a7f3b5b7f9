# SPDX-License-Identifier: Apache-2.0
"""The family of .deb packages; see `family.PackageFamily`."""

from collections.abc import Sequence
from pathlib import Path

from xsbuild.distros.model import Distro
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.debian_control import relations
from xsbuild.recipes.meta import build_meta_deb
from xsbuild.repos.apt import apt_instructions, list_files, read_control, write_apt_repository
from xsbuild.sourcepkgs.debian import build_dsc
from xsbuild.store.store import Package

recipes = "debian"
in_source = "debian"
render = render_debian
make_source = build_dsc
make_meta = build_meta_deb
write_relations = relations
read_files = list_files
write_repository = write_apt_repository


def read_packages(folder: Path) -> dict[str, Package]:
    """Return file name → package, for the .deb files in a folder."""
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


def instructions(_distro: Distro, folder: Path, packages: Sequence[str]) -> tuple[str, ...]:
    """Return the commands that install packages from a published repository, run as root."""
    return apt_instructions(folder, packages)
