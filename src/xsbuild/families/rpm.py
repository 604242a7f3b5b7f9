# SPDX-License-Identifier: Apache-2.0
"""The family of .rpm packages; see `family.PackageFamily`."""

from collections.abc import Sequence
from pathlib import Path

from xsbuild.distros.dnf import rpm_of
from xsbuild.distros.model import Distro
from xsbuild.recipes.meta_rpm import build_meta_rpm
from xsbuild.recipes.rpm import render_rpm
from xsbuild.recipes.rpm_package import requirements
from xsbuild.repos.yum import list_files, read_header, write_yum_repository, yum_instructions
from xsbuild.sourcepkgs.rpm import lay_out_srpm
from xsbuild.store.store import Package

recipes = "specs"
in_source = ""
render = render_rpm
make_source = lay_out_srpm
make_meta = build_meta_rpm
write_relations = requirements
read_files = list_files
write_repository = write_yum_repository


def read_packages(folder: Path) -> dict[str, Package]:
    """Return file name → package, for the .rpm files in a folder but source packages."""
    headers = {file.name: read_header(file) for file in sorted(folder.glob("*.rpm"))}
    return {
        name: Package(header.name, header.evr, header.architecture, header.source)
        for name, header in headers.items()
        if header.architecture != "src"
    }


def instructions(distro: Distro, folder: Path, packages: Sequence[str]) -> tuple[str, ...]:
    """Return the commands that install packages from a published repository, run as root."""
    return yum_instructions(folder, packages, manager=rpm_of(distro).package_manager)
