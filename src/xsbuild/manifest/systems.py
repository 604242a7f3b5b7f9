# SPDX-License-Identifier: Apache-2.0
"""Build systems: a folder each, with ``system.yaml`` and templates for both families.

``systems/NAME/`` is shipped with xsbuild or lies beside a project's manifest.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from xsbuild.distros.model import Family
from xsbuild.errors import InputError
from xsbuild.manifest.requirement import PACKAGE, Capability, CapabilityField
from xsbuild.shipped import shipped
from xsbuild.strict import Documented
from xsbuild.texts import Line, Word
from xsbuild.yamlfile import load, nearest

FOLDER = "systems"
_FACTS = "system.yaml"


def _alternatives(value: object) -> object:
    return value if isinstance(value, tuple) else (value,)


def _named(value: tuple[Capability, ...]) -> tuple[Capability, ...]:
    for capability in value:
        if capability.kind != PACKAGE:
            raise ValueError(f"expected package(deb: NAME, rpm: NAME), not {capability}")
    return value


Tool = Annotated[
    tuple[CapabilityField, ...], BeforeValidator(_alternatives), AfterValidator(_named)
]


class System(Documented):
    """A build system."""

    summary: Line
    """short description"""
    debhelper: Word = "none"
    """debhelper's name of it (`dh --list-buildsystems`); `none` if rules.j2 has every command"""
    tools: tuple[Tool, ...] = ()
    """its packages, each as `package(deb: NAME, rpm: NAME)`, or a list of alternatives"""
    compile_tools: tuple[Tool, ...] = ()
    """further packages, for components with an architecture-dependent package"""


@dataclass(frozen=True, slots=True)
class Systems:
    """Every build system that a manifest can name.

    Attributes:
        folders: search path, the project's folder first.
        files: name → its ``system.yaml``, read on first use.
    """

    folders: tuple[Path, ...]
    files: dict[str, Path]

    def get(self, name: str) -> System:
        """Read a build system.

        Raises:
            InputError: there is none of this name.
            ProblemsError: its file is invalid.
        """
        if name not in self.files:
            hint = nearest(name, self.files) or f"known: {', '.join(self.files)}"
            raise InputError(
                f"unknown build system {name}", hint=hint, code="XSB-MANIFEST-UNKNOWN-SYSTEM"
            )
        file = self.files[name]
        return load(file, System, within=file.parents[2])


def find_systems(project: Path | None = None) -> Systems:
    """List the shipped build systems and the project's, which take precedence.

    Args:
        project: the folder of its manifest.
    """
    own = (project / FOLDER,) if project else ()
    folders = (*own, shipped(FOLDER))
    found = {
        place.name: place / _FACTS
        for folder in reversed(folders)
        for place in folder.glob("*")
        if os.path.lexists(place / _FACTS)  # a link to nothing is refused when it is read
    }
    return Systems(folders, dict(sorted(found.items())))


def tool_names(tools: Iterable[Tool], family: Family) -> Iterator[tuple[str, ...]]:
    """Yield package names of tools in a family, each with its alternatives."""
    for tool in tools:
        names = (capability.package_names().get(family) for capability in tool)
        if found := tuple(name for name in names if name):
            yield found
