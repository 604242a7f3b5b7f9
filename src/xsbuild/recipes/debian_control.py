# SPDX-License-Identifier: Apache-2.0
"""Values of debian/control: relations between packages, descriptions."""

from collections.abc import Iterable, Iterator, Mapping

from xsbuild.manifest.model import Component, Package
from xsbuild.manifest.requirement import Capability, Constraint, Requirement
from xsbuild.recipes.model import alternatives, sole_package
from xsbuild.recipes.text import guarded, paragraphs

Names = Mapping[Capability, tuple[str, ...]]


def relations(requirements: Iterable[Requirement], names: Names, profile: str = "") -> list[str]:
    """Return requirements as entries of a relation field (Policy 7.1), without duplicates.

    Args:
        requirements: the requirements.
        names: capability → packages; several are alternatives.
        profile: a build profile restriction for each, as ``<!nocheck>``.

    Raises:
        RecipeError: a capability has no package.
    """
    found: dict[str, None] = {}
    for requirement in requirements:
        for words in alternatives(requirement, names, bounds):
            found[" | ".join(f"{word} {profile}".rstrip() for word in words)] = None
    return list(found)


def bounds(constraints: Iterable[Constraint]) -> list[str]:
    """Return bounds on the upstream version that hold for every revision and suffix of it.

    ``26.4.0-1~deb13`` is below ``26.4.0-1`` and above ``26.4.0``, hence the tildes (Policy 5.6.12).
    """
    return [f"({bound})" for constraint in constraints for bound in _bounds(constraint)]


def _bounds(constraint: Constraint) -> Iterator[str]:
    version = constraint.version
    first = f"{version}~" if "-" in version else version
    after = f"{version}.0~"
    if constraint.operator in {">=", "="}:
        yield f">= {first}"
    if constraint.operator == ">":
        yield f">= {after}"
    if constraint.operator == "<":
        yield f"<< {version}~"
    if constraint.operator in {"<=", "="}:
        yield f"<< {after}"


def binary_relations(
    name: str, requirements: Iterable[Requirement], component: Component, names: Names
) -> list[str]:
    """Like `relations`, for a binary package; siblings are required in exactly this version.

    Raises:
        RecipeError: a capability has no package.
    """
    found: dict[str, None] = {}
    for requirement in requirements:
        sibling = sole_package(requirement, names)
        if sibling == name:
            continue
        if sibling in component.packages:
            versions = _same_version(component.packages[name], component.packages[sibling])
            texts = [f"{sibling} ({version})" for version in versions]
        else:
            texts = relations([requirement], names)
        found |= dict.fromkeys(texts)
    return list(found)


def _same_version(package: Package, sibling: Package) -> list[str]:
    if sibling.architecture == "all":
        return ["= ${source:Version}"]
    if package.architecture == "any":
        return ["= ${binary:Version}"]
    # A binary-only rebuild (binNMU) appends to the version (deb-substvars(5)).
    return [">= ${source:Version}", "<< ${source:Version}.1~"]


def description(summary: str, text: str) -> str:
    """Return the value of Description (Policy 5.6.13): synopsis, then 79-column paragraphs."""
    parts = []
    for lines, verbatim in paragraphs(text):
        prefix = "  " if verbatim else " "  # two spaces: verbatim
        # A full stop stands for an empty line; other lines beginning with one are reserved.
        parts.append("\n".join(prefix + guarded(line, ".") for line in lines))
    return f"{summary}\n" + "\n .\n".join(parts)
