# SPDX-License-Identifier: Apache-2.0
"""Read a manifest and check it, with nothing but the project's files."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from xsbuild.distros.model import Family
from xsbuild.errors import Nearest, Problem, ProblemList
from xsbuild.manifest.check_paths import FIELDS, build_problems, package_problems, unknown_names
from xsbuild.manifest.libraries import with_libraries
from xsbuild.manifest.model import (
    Component,
    Manifest,
    MetaPackage,
    Source,
)
from xsbuild.manifest.patch import patch_path
from xsbuild.manifest.patches import check_patch
from xsbuild.manifest.requirement import INTERNAL, Capability, Requirement
from xsbuild.manifest.systems import Systems, find_systems
from xsbuild.yamlfile import Document, Model, Place, read, validate

_META = "meta-packages"


def load_manifest(file: Path) -> Manifest:
    """Read and check a manifest.

    Args:
        file: components.yaml; paths in it are relative to its folder.

    Raises:
        InputError: it cannot be read.
        ProblemsError: with all of its problems.
    """
    document = read(file, within=file.parent)
    manifest, problems = validate(document, Manifest)
    found = ProblemList(problems)
    found.items += _systems(document, find_systems(file.parent))
    if manifest is None:
        # The valid parts are checked, too, so that all problems are reported at once.
        components = _valid(document, "components", Component)
        found.items += _problems(document, components, _valid(document, _META, MetaPackage))
    else:
        found.items += _problems(document, manifest.components, manifest.meta_packages)
    if manifest is not None:
        manifest, unread = with_libraries(manifest, file.parent)
        found.items += unread
    found.raise_if_any()
    assert manifest is not None
    return manifest


def _valid(document: Document, key: str, model: type[Model]) -> dict[str, Model]:
    found = {}
    for name, value in _mapping(document.data, key).items():
        part, _ = validate(replace(document, data=value, problems=[]), model)
        if part is not None:
            found[name] = part
    return found


def _mapping(data: object, key: str) -> dict[str, object]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _problems(
    document: Document,
    components: Mapping[str, Component],
    meta_packages: Mapping[str, MetaPackage],
) -> Iterator[Problem]:
    yield from _duplicates(document)
    for family in Family:
        yield from _duplicates_in_family(document, components, family)
    names = _mapping(document.data, "components")
    known = {name for _, name in _package_names(document)} | _mapping(document.data, _META).keys()
    known |= {
        item.capability.name
        for component in components.values()
        for package in component.packages.values()
        for item in package.provides
    }
    yield from _appliances(document, known)
    for name, component in components.items():
        place: Place = ("components", name)
        yield from _component(document, place, component)
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
                at = (_META, name, key, index)
                yield from _unknown_package(document, at, requirement, known)


def _appliances(document: Document, known: Collection[str]) -> Iterator[Problem]:
    """Yield unknown packages of appliances, also in parts that are invalid otherwise."""
    for name, value in _mapping(document.data, "appliances").items():
        packages = value.get("packages") if isinstance(value, dict) else None
        for index, package in enumerate(packages if isinstance(packages, tuple) else ()):
            if isinstance(package, str) and package not in known:
                yield document.problem(
                    ("appliances", name, "packages", index),
                    f"unknown package {package}",
                    Nearest(package, list(known)),
                    code="XSB-MANIFEST-UNKNOWN-PACKAGE",
                )


def _systems(document: Document, known: Systems) -> Iterator[Problem]:
    """Yield problems of unknown build systems, also in parts that are invalid otherwise."""
    for name, value in _mapping(document.data, "components").items():
        system = _mapping(value, "build").get("system")
        if isinstance(system, str) and system not in known.files:
            place = ("components", name, "build", "system")
            message = f"expected one of {', '.join(known.files)}"
            near = Nearest(system, list(known.files))
            yield document.problem(place, message, near, code="XSB-MANIFEST-UNKNOWN-SYSTEM")


def _package_names(document: Document) -> Iterator[tuple[str, str]]:
    """Yield component and package, also of parts that are invalid otherwise."""
    for component, value in _mapping(document.data, "components").items():
        for package in _mapping(value, "packages"):
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
    for meta in _mapping(document.data, _META):
        if meta in owners:
            yield document.problem(
                (_META, meta),
                f"duplicate package; {owners[meta]} builds one of this name",
                code="XSB-MANIFEST-DUPLICATE-PACKAGE",
            )


def _duplicates_in_family(
    document: Document, components: Mapping[str, Component], family: Family
) -> Iterator[Problem]:
    """Yield packages that have the name of another one in a family."""
    owners = {meta: meta for meta in _mapping(document.data, _META)}
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


def _component(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    if component.build is None and component.provider is None:
        yield document.problem(
            (*place, "build"),
            "missing; required unless the component has `provider`",
            code="XSB-MANIFEST-INCOMPLETE",
        )
    if component.build is not None:
        yield from _buildable(document, place, component)
    for index, source in enumerate(component.sources):
        yield from _source(document, (*place, "sources", index), source)
    yield from _patches(document, place, component)
    for name, package in component.packages.items():
        yield from package_problems(document, (*place, "packages", name), package)
    yield from build_problems(document, place, component)


def _patches(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    root = document.file.parent
    folder = root / "patches" / str(place[-1])
    names = [patch_path(patch) for patch in component.patches]
    for index, patch in enumerate(component.patches):
        at = (*place, "patches", index)
        for message in check_patch(folder / patch, root) if isinstance(patch, str) else ():
            yield document.problem(at, message, code="XSB-PATCH-HEADER")
        if names[index] in names[:index]:
            message = f"duplicate patch; another one is called {names[index]}"
            yield document.problem(at, message, code="XSB-PATCH-DUPLICATE")


def _buildable(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    if not component.packages:
        yield document.problem(
            (*place, "packages"),
            "missing; `build` requires at least one package",
            code="XSB-MANIFEST-INCOMPLETE",
        )
    if not component.sources:
        yield document.problem(
            (*place, "sources"),
            "missing; `build` requires at least one source",
            code="XSB-MANIFEST-INCOMPLETE",
        )
    expected = component.full_version
    if not component.changelog:
        yield document.problem(
            (*place, "changelog"),
            f"missing; expected an entry for {expected}",
            code="XSB-MANIFEST-CHANGELOG",
        )
    elif component.changelog[0].version != expected:
        newest = component.changelog[0].version
        message = f"the newest entry is for {newest}, expected {expected}"
        yield document.problem(
            (*place, "changelog", 0, "version"), message, code="XSB-MANIFEST-CHANGELOG"
        )


def _source(document: Document, place: Place, source: Source) -> Iterator[Problem]:
    folder = document.file.parent
    if place[-1] != 0 and source.name is None:
        yield document.problem(
            (*place, "name"),
            "missing; required for every source after the first",
            code="XSB-MANIFEST-INCOMPLETE",
        )
    for key, text in source:
        if isinstance(text, str):
            if kind := source.project_paths.get(key):
                path = folder / text
                if not (path.is_dir() if kind == "folder" else path.is_file()):
                    yield document.problem(
                        (*place, key),
                        f"{kind} {path} does not exist",
                        code="XSB-MANIFEST-MISSING-FILE",
                    )
            yield from unknown_names(document, (*place, key), text, FIELDS)


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
