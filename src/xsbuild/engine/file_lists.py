# SPDX-License-Identifier: Apache-2.0
"""Lists of the files in built packages, kept with each result."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from xsbuild.capabilities.family import capabilities_of
from xsbuild.manifest.model import Component
from xsbuild.recipes.model import RecipeRequest
from xsbuild.store.store import Package, Result

_FILE = "files.json"
# package → path → d, l or f: a directory, a symbolic link or another file
FileLists = Mapping[str, Mapping[str, str]]
ReadFiles = Callable[[Path], Mapping[str, str]]
_LISTS = TypeAdapter(dict[str, dict[str, str]])


def list_files(
    folder: Path, packages: Mapping[str, Package], component: Component, read: ReadFiles
) -> FileLists:
    """List the files of a component's packages, debug symbols excepted.

    Args:
        folder: of the packages.
        packages: file name → package.
        component: declares them.
        read: lists one package.
    """
    return {
        package.name: read(folder / name)
        for name, package in packages.items()
        if package.name in component.packages
    }


def keep_lists(folder: Path, lists: FileLists) -> None:
    """Write the lists into the folder of a result."""
    (folder / _FILE).write_text(json.dumps(lists, indent=0, sort_keys=True), encoding="utf-8")


def lists_of(result: Result, component: Component, read: ReadFiles) -> FileLists:
    """Return the lists of a result; they are made again where an earlier version kept none."""
    try:
        return _LISTS.validate_json((result.folder / _FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        packages = {file.name: file.package for file in result.files if file.package}
        return list_files(result.folder, packages, component, read)


def former_lists(request: RecipeRequest, former: Result | None, read: ReadFiles) -> FileLists:
    """Return the files of the packages that a version replaces by upgrade.

    Args:
        request: the version.
        former: the last result of its component; of the same or a later version it replaces none.
        read: lists one package.
    """
    files = former.files if former else ()
    versions = {file.package.version for file in files if file.package}
    newer = capabilities_of(request.distro.family).newer
    if former is None or not all(newer(request.version, version) for version in versions):
        return {}
    return lists_of(former, request.component, read)
