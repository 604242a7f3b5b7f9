# SPDX-License-Identifier: Apache-2.0
"""What the test distribution is made of: recipe.yaml as a typed model."""

import hashlib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import Field

from xsbuild.strict import Strict
from xsbuild.yamlfile import load

HERE = Path(__file__).parent


class Change(Strict):
    """What differs between a Debian package and the RPM made of it."""

    name: str = ""
    provides: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    links: dict[str, str] = {}
    files: dict[str, str] = {}
    directories: Annotated[
        tuple[str, ...], Field(description="owned; a pattern of an existing one, and a name in it")
    ] = ()


class Recipe(Strict):
    """What the test distribution is made of."""

    install: tuple[str, ...]
    extras: dict[str, tuple[str, ...]]
    wheels: Annotated[
        dict[str, dict[str, str]],
        Field(description="of an extra: package → NAME==VERSION --hash=…, as pip has it"),
    ]
    absent: tuple[str, ...]
    omit: Annotated[tuple[str, ...], Field(description="patterns of paths")]
    packages: dict[str, Change]

    def omitted(self, path: str) -> bool:
        """Whether a path of a Debian package is left out."""
        return any(re.search(pattern, path) for pattern in self.omit)

    def wanted(self, extras: Iterable[str]) -> list[str]:
        """The packages to install, with those of some extras."""
        return [*self.install, *(name for extra in extras for name in self.extras[extra])]

    def change(self, package: str) -> Change:
        """What differs for a Debian package."""
        found = (c for pattern, c in self.packages.items() if fnmatchcase(package, pattern))
        return next(found, Change())


def load_recipe() -> Recipe:
    """Reads recipe.yaml."""
    return load(HERE / "recipe.yaml", Recipe)


def digest() -> str:
    """Identifies everything in this folder that decides what the distribution is."""
    return _digest(path for path in HERE.rglob("*") if path.suffix != ".pyc" and path.is_file())


def conversion_digest() -> str:
    """Identifies everything that decides what becomes of a Debian package."""
    names = ("recipe.yaml", "recipe.py", "convert.py", "payload.py", "handmade.py")
    return _digest(HERE / name for name in names)


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]
