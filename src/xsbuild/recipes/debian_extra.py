# SPDX-License-Identifier: Apache-2.0
"""Files of a debian directory that are not rendered: patches, symbols, scripts of tests."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from xsbuild.errors import InputError, RecipeError
from xsbuild.plainfile import read_bytes
from xsbuild.recipes.debian_control import relations
from xsbuild.recipes.model import RecipeRequest, read_patches
from xsbuild.recipes.tree import File, FileTree


@dataclass(frozen=True, slots=True)
class AutopkgtestView:
    """A stanza of debian/tests/control."""

    name: str
    depends: tuple[str, ...]
    restrictions: tuple[str, ...]


def autopkgtests(request: RecipeRequest) -> tuple[AutopkgtestView, ...]:
    """Return the stanzas of debian/tests/control.

    Raises:
        RecipeError: a capability has no package.
    """
    return tuple(
        AutopkgtestView(name, ("@", *relations(test.requires, request.names)), test.restrictions)
        for name, test in request.component.tests.items()
    )


def extra_files(request: RecipeRequest) -> FileTree:
    """Return the files, by their path below ``debian/``.

    Raises:
        RecipeError: one is missing.
    """
    return {**_patches(request), **_symbols(request), **_test_scripts(request)}


def _patches(request: RecipeRequest) -> FileTree:
    patches = read_patches(request)
    if not patches:
        return {}
    series = "".join(f"{path}\n" for path in patches)
    return {
        PurePosixPath("patches/series"): File(series.encode()),
        **{PurePosixPath("patches", path): file for path, file in patches.items()},
    }


def _symbols(request: RecipeRequest) -> FileTree:
    packages = request.component.packages.items()
    files = {name: package.symbols for name, package in packages if package.symbols}
    root = request.project_root
    try:
        return {
            PurePosixPath(f"{name}.symbols"): File(read_bytes(root / file, within=root))
            for name, file in files.items()
        }
    except InputError as error:
        raise RecipeError(
            f"{request.name}: symbols: {error}", hint=error.hint, code="XSB-RECIPE-SYMBOLS"
        ) from error


def _test_scripts(request: RecipeRequest) -> FileTree:
    return {
        PurePosixPath("tests", name): File(
            f"#!/bin/sh\nset -e\n{test.script.strip()}\n".encode(), executable=True
        )
        for name, test in request.component.tests.items()
    }
