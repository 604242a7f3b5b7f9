# SPDX-License-Identifier: Apache-2.0
"""The input of a recipe, the same for both families."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path, PurePosixPath

from xsbuild.distros.model import Distro, Family
from xsbuild.errors import RecipeError
from xsbuild.manifest.model import ChangelogEntry, Component, Product
from xsbuild.manifest.patch import PatchReference, patch_path
from xsbuild.manifest.patches import header_text, where
from xsbuild.manifest.requirement import INTERNAL, PACKAGE, Capability, Constraint, Requirement
from xsbuild.manifest.systems import Systems, tool_names
from xsbuild.plainfile import read_bytes
from xsbuild.recipes.tree import File, FileTree


@dataclass(frozen=True, slots=True)
class RecipeRequest:
    """A component to be packaged for a distro.

    Attributes:
        name: the component's name.
        component: its manifest entry.
        product: the product, with the maintainer.
        distro: the target.
        root: folders of templates in order of precedence.
        project_root: the folder with ``patches/NAME/``.
        systems: all build systems.
        names: every capability that the component requires → its packages on this distro; several
            are alternatives. Packages of the manifest may be omitted.
        patches: name → file of each patch by reference; without it only its header is rendered.
    """

    name: str
    component: Component
    product: Product
    distro: Distro
    root: tuple[Path, ...]
    project_root: Path
    systems: Systems
    names: Mapping[Capability, tuple[str, ...]]
    patches: Mapping[str, Path] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The version of its packages on this distro, with epoch and release."""
        return f"{self.component.full_version}{self.distro.version_suffix}"

    @property
    def epoch(self) -> int:
        """`SOURCE_DATE_EPOCH` of the packages, in seconds: the newest changelog entry's time."""
        return changelog_times(self.component.changelog)[0]


def epoch_of(date: datetime.date) -> int:
    """Return seconds since 1970 at the start of a day, UTC."""
    midnight = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    return int(midnight.timestamp())


def changelog_times(changelog: Sequence[ChangelogEntry]) -> list[int]:
    """Return a time for each entry, in seconds since 1970; like the entries, newest first.

    It is the start of the entry's day, UTC, but a second after the entry before where that is
    not earlier: files of a newer version have a newer date, also after two on one day.
    """
    times: list[int] = []
    for entry in reversed(changelog):
        earliest = times[-1] + 1 if times else 0
        times.append(max(epoch_of(entry.date), earliest))
    return times[::-1]


def packages_of(
    capability: Capability, names: Mapping[Capability, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the packages of a capability on a distro.

    Raises:
        RecipeError: the lock does not resolve it.
    """
    if capability in names:
        return names[capability]
    if capability.kind == INTERNAL:
        return (capability.name,)
    raise RecipeError(
        f"no package is known for {capability}",
        hint="`xsbuild lock` finds what a distro calls it",
        code="XSB-RECIPE-PACKAGE",
    )


def alternatives(
    requirement: Requirement,
    names: Mapping[Capability, tuple[str, ...]],
    bounds: Callable[[Iterable[Constraint]], Sequence[str]],
) -> Iterator[list[str]]:
    """Yield lists of packages, one of each of which has to be there to meet a requirement.

    Args:
        requirement: the requirement; nothing is needed where it has no packages.
        names: capability → packages; several are alternatives.
        bounds: returns bounds of a version, each as it follows a package's name.

    Raises:
        RecipeError: a capability has no package.
    """
    items = {
        item: packages
        for item in requirement.alternatives
        if (packages := packages_of(item.capability, names))
    }
    # (a >= 1 and a < 2) or b is (a >= 1 or b) and (a < 2 or b).
    for chosen in product(*(bounds(item.constraints) or [""] for item in items)) if items else ():
        yield [
            f"{name} {bound}".rstrip()
            for packages, bound in zip(items.values(), chosen, strict=True)
            for name in packages
        ]


def sole_package(requirement: Requirement, names: Mapping[Capability, tuple[str, ...]]) -> str:
    """Return the package of a requirement that only one package meets, else an empty text.

    Raises:
        RecipeError: a capability has no package.
    """
    items = requirement.alternatives
    packages = {name for item in items for name in packages_of(item.capability, names)}
    return packages.pop() if len(packages) == 1 else ""


def provided(items: Iterable[Requirement], family: Family) -> Iterator[tuple[str, str]]:
    """Yield name and version of virtual packages; the version is empty where none is stated."""
    for item in items:
        name: str | None = item.capability.name
        if item.capability.kind == PACKAGE:
            name = item.capability.package_names().get(family)
        if name:
            yield name, item.constraints[0].version if item.constraints else ""


def has_python(component: Component) -> bool:
    """Return whether a component has Python modules."""
    paths = [path for package in component.packages.values() for path in package.files]
    paths += [item.to for package in component.packages.values() for item in package.install]
    return any("{python3_site" in path for path in paths)


def tools_of(request: RecipeRequest, name: str) -> list[tuple[str, ...]]:
    """Return package names of a build system's tools on a distro, each with its alternatives."""
    system = request.systems.get(name)
    packages = request.component.packages.values()
    compiled = any(package.architecture == "any" for package in packages)
    tools = (*system.tools, *(system.compile_tools if compiled else ()))
    return list(tool_names(tools, request.distro.family))


def read_patches(request: RecipeRequest) -> FileTree:
    """Read the patches of a component, in order; those by reference with a DEP-3 header.

    Raises:
        InputError: one cannot be read.
    """
    return {
        PurePosixPath(patch_path(patch)): File(_patch(request, patch))
        for patch in request.component.patches
    }


def _patch(request: RecipeRequest, patch: str | PatchReference) -> bytes:
    if isinstance(patch, str):
        root = request.project_root
        return read_bytes(root / "patches" / request.name / patch, within=root)
    header = header_text(patch).encode()
    file = request.patches.get(patch.file_name)
    if file is None:  # enough for a key: it pins the rest
        return header + f"\nThe patch is {where(patch)}\n".encode()
    return header + b"\n" + file.read_bytes()
