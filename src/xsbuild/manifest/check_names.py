# SPDX-License-Identifier: Apache-2.0
"""Check the names of a manifest: none twice, and none that refers to nothing."""

from collections.abc import Collection, Iterator, Mapping

from xsbuild.distros.model import Family
from xsbuild.errors import Nearest, Problem
from xsbuild.manifest.model import Component, MetaPackage
from xsbuild.manifest.requirement import INTERNAL, Capability, Requirement
from xsbuild.yamlfile import Document, Place

META = "meta-packages"


def name_problems(
    document: Document,
    components: Mapping[str, Component],
    meta_packages: Mapping[str, MetaPackage],
) -> Iterator[Problem]:
    """Yield names that two packages have, and names of what the manifest does not have."""
    yield from _duplicates(document)
    for family in Family:
        yield from _duplicates_in_family(document, components, family)
    names = mapping_in(document.data, "components")
    known = {name for _, name in _package_names(document)} | mapping_in(document.data, META).keys()
    known |= {
        item.capability.name
        for component in components.values()
        for package in component.packages.values()
        for item in package.provides
    }
    yield from _appliances(document, known)
    for name, component in components.items():
        place: Place = ("components", name)
        for requirement, inner in _requirements(component):
            yield from _unknown_package(document, (*place, *inner), requirement, known)
        for other in component.compatible:
            if other not in names:
                at = (*place, "compatible", other)
                hint = Nearest(other, list(names))
                code = "XSB-MANIFEST-UNKNOWN-COMPONENT"
                yield document.problem(at, "unknown component", hint, code=code, at_key=True)
    for name, meta in meta_packages.items():
        for key, items in (("requires", meta.requires), ("recommends", meta.recommends)):
            for index, requirement in enumerate(items):
                at = (META, name, key, index)
                yield from _unknown_package(document, at, requirement, known)


def mapping_in(data: object, key: str) -> dict[str, object]:
    """Return the mapping at a key, valid or not; an empty one if there is none."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _appliances(document: Document, known: Collection[str]) -> Iterator[Problem]:
    """Yield unknown packages of appliances, also in parts that are invalid otherwise."""
    for name, value in mapping_in(document.data, "appliances").items():
        packages = value.get("packages") if isinstance(value, dict) else None
        for index, package in enumerate(packages if isinstance(packages, tuple) else ()):
            if isinstance(package, str) and package not in known:
                yield document.problem(
                    ("appliances", name, "packages", index),
                    f"unknown package {package}",
                    Nearest(package, list(known)),
                    code="XSB-MANIFEST-UNKNOWN-PACKAGE",
                )


def _package_names(document: Document) -> Iterator[tuple[str, str]]:
    """Yield component and package, also of parts that are invalid otherwise."""
    for component, value in mapping_in(document.data, "components").items():
        for package in mapping_in(value, "packages"):
            yield component, package


def _duplicates(document: Document) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for component, package in _package_names(document):
        if package in owners:
            place = ("components", component, "packages", package)
            yield document.problem(
                place,
                f"duplicate package; {owners[package]} builds one of this name",
                code="XSB-MANIFEST-DUPLICATE-PACKAGE",
            )
        owners[package] = component
    for meta in mapping_in(document.data, META):
        if meta in owners:
            yield document.problem(
                (META, meta),
                f"duplicate package; {owners[meta]} builds one of this name",
                code="XSB-MANIFEST-DUPLICATE-PACKAGE",
            )


def _duplicates_in_family(
    document: Document, components: Mapping[str, Component], family: Family
) -> Iterator[Problem]:
    """Yield packages that have the name of another one in a family."""
    owners = {meta: meta for meta in mapping_in(document.data, META)}
    owners |= {
        name: name
        for component in components.values()
        for name, package in component.packages.items()
        if package.names.of(family) is None
    }
    for component, part in components.items():
        for name, package in part.packages.items():
            own = package.names.of(family)
            if own and owners.setdefault(own, name) != name:
                yield document.problem(
                    ("components", component, "packages", name, "names", family.value),
                    f"duplicate package; {owners[own]} has this name in {family.value}",
                    code="XSB-MANIFEST-DUPLICATE-PACKAGE",
                )


def _requirements(component: Component) -> Iterator[tuple[Requirement, Place]]:
    if component.build:
        for key, items in (
            ("requires", component.build.requires),
            ("check-requires", component.build.check_requires),
        ):
            for index, item in enumerate(items):
                yield item, ("build", key, index)
    for name, package in component.packages.items():
        groups = {**package.needed, "conflicts": package.conflicts, "replaces": package.replaces}
        for key, items in groups.items():
            for index, item in enumerate(items):
                yield item, ("packages", name, key, index)
    for name, test in component.tests.items():
        for index, item in enumerate(test.requires):
            yield item, ("tests", name, "requires", index)


def _unknown_package(
    document: Document, place: Place, requirement: Requirement, known: Collection[str]
) -> Iterator[Problem]:
    for item in requirement.alternatives:
        yield from _unknown_alternative(document, place, item.capability, known)


def _unknown_alternative(
    document: Document, place: Place, capability: Capability, known: Collection[str]
) -> Iterator[Problem]:
    optional = "conflicts" in place or "replaces" in place  # may name packages outside the manifest
    if capability.kind == INTERNAL and capability.name not in known and not optional:
        otherwise = "write a package of the distro as a capability, such as bin(make)"
        hint = Nearest(capability.name, list(known), otherwise)
        yield document.problem(
            place,
            f"unknown package {capability.name}",
            hint,
            code="XSB-MANIFEST-UNKNOWN-PACKAGE",
        )
