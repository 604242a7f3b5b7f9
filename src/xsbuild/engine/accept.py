# SPDX-License-Identifier: Apache-2.0
"""Accept only the packages that the manifest declares from a build.

The code that is built can make any package of any name; the manifest decides what is published.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from debian.deb822 import Changes

from xsbuild.engine.file_lists import FileLists
from xsbuild.engine.owners import SHARED_HINT, shared_files
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.upgrades import changes_of
from xsbuild.store.store import Package

# What dh_strip(1) and rpm's find-debuginfo(1) append to the name of the package that was stripped.
_DEBUG_SUFFIXES = ("-dbgsym", "-debuginfo", "-debugsource")
_INDEPENDENT = ("all", "noarch")
_RECORDS = (".buildinfo", ".changes")
# What neither package manager replaces by itself: the kinds before and after → its key.
_CHANGES = {("d", "l"): "dir-to-symlink", ("l", "d"): "symlink-to-dir"}


def accepted(
    request: RecipeRequest, folder: Path, read: Callable[[Path], Mapping[str, Package]]
) -> Mapping[str, Package]:
    """Return the packages of a build, or refuse results that the manifest does not expect.

    A package must have a name of the manifest's, or be the debug symbols of one, and the planned
    source, version and architecture. Every other file must be a record of the build.

    Args:
        request: what was built.
        folder: its results.
        read: returns file name → package for the packages in a folder.

    Raises:
        BuildError: something else is there; names all of it.
    """
    try:
        packages = read(folder)
    except XsbuildError as error:  # a file that is no package has the name of one
        raise _refusal(request, [str(error).replace(f"{folder}/", "")]) from error
    wrong = [*_unexpected_packages(request, packages), *_other_files(folder, packages)]
    if wrong:
        raise _refusal(request, wrong)
    return packages


def _refusal(request: RecipeRequest, wrong: Sequence[str]) -> BuildError:
    return BuildError(
        f"{request.name}: the build left what the manifest does not expect:"
        + "".join(_lines(wrong)),
        component=request.name,
        code="XSB-BUILD-UNEXPECTED",
        step="check the results",
        hint=f"declare each package under components.{request.name}.packages, "
        "or keep upstream's build from making it",
    )


def _lines(items: Sequence[str]) -> Iterator[str]:
    return (f"\n  {item}" for item in items)


def _unexpected_packages(request: RecipeRequest, packages: Mapping[str, Package]) -> Iterator[str]:
    stripped = (*request.component.packages, request.name)
    names = {*request.component.packages}
    names |= {f"{name}{suffix}" for name in stripped for suffix in _DEBUG_SUFFIXES}
    architectures = {*request.distro.architectures.values(), *_INDEPENDENT}
    for file, package in sorted(packages.items()):
        if package.name not in names:
            yield f"{file}: no package {package.name} is declared"
        elif package.source != request.name:
            yield f"{file}: its source is {package.source}, not {request.name}"
        elif package.version != request.version:
            yield f"{file}: its version is {package.version}, not {request.version}"
        elif package.architecture not in architectures:
            yield f"{file}: its architecture is {package.architecture}"


def _other_files(folder: Path, packages: Mapping[str, Package]) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".changes"):
            for name in _listed(path):
                if name not in packages and not name.endswith(_RECORDS):
                    yield f"{name}: listed in debian/files, but no package"
        elif path.name not in packages and not path.name.endswith((*_RECORDS, ".src.rpm")):
            yield f"{path.name}: no package"


def _listed(changes: Path) -> list[str]:
    with changes.open("rb") as stream:
        return [item["name"] for item in Changes(stream).get("Files", [])]


def accept_files(request: RecipeRequest, lists: FileLists, former: FileLists) -> None:
    """Refuse packages that cannot be installed together, or not over their former version.

    Args:
        request: what was built.
        lists: the files of its packages.
        former: the same of the version before; empty if there is none.

    Raises:
        BuildError: two packages have one file, or a directory has become a link, or a link one,
            and the manifest does not say so.
    """
    components = dict.fromkeys(lists, request.component)
    shared = [*shared_files(lists, components, request.distro)]
    if shared:
        raise BuildError(
            f"{request.name}: two packages have one file" + "".join(_lines(shared)),
            component=request.name,
            code="XSB-BUILD-SHARED-FILE",
            step="check the results",
            hint=SHARED_HINT,
        )
    changed = [*_changed_kinds(request, lists, former)]
    if changed:
        raise BuildError(
            f"{request.name}: an upgrade would fail or go wrong" + "".join(_lines(changed)),
            component=request.name,
            code="XSB-BUILD-UPGRADE",
            step="check the results",
            hint="state each under `upgrades` of its package",
        )


def _changed_kinds(request: RecipeRequest, lists: FileLists, former: FileLists) -> Iterator[str]:
    for name, files in lists.items():
        package = request.component.packages[name]
        stated = [change.path for change in changes_of(package, request.component)]
        known = re.compile("|".join(map(_pattern, stated)) or r"(?!)")
        for path, kind in sorted(files.items()):
            key = _CHANGES.get((former.get(name, {}).get(path, ""), kind))
            if key and not known.fullmatch(path):
                yield f"{name}: `{key}: {path}`, `since: {request.component.full_version}`"


def _pattern(path: str) -> str:
    """Return a regular expression for a path of the manifest, whatever its place is."""
    return ".*".join(map(re.escape, re.split(r"\{\w+\}", path)))
