# SPDX-License-Identifier: Apache-2.0
"""Reads a manifest and checks everything in it that needs nothing but the project's own files."""

from collections.abc import Iterator
from pathlib import Path

from xsbuild.capabilities.model import INTERNAL, Requirement
from xsbuild.errors import Problem, ProblemList
from xsbuild.manifest.model import Component, LocalSource, Manifest, Package
from xsbuild.manifest.patches import check_patch
from xsbuild.manifest.places import names_in, place_names
from xsbuild.yamlfile import Document, Place, nearest, read, validate

_FIELDS = frozenset({"version", "name"})


def load_manifest(file: Path) -> Manifest:
    """Reads and checks a manifest.

    Args:
        file: components.yaml; paths in it are relative to its folder.

    Raises:
        InputError: it cannot be read.
        ProblemsError: with everything that is wrong in it.
    """
    document = read(file)
    manifest, problems = validate(document, Manifest)
    found = ProblemList(problems)
    if manifest is not None:
        found.items += _problems(document, manifest)
    found.raise_if_any()
    assert manifest is not None
    return manifest


def _problems(document: Document, manifest: Manifest) -> Iterator[Problem]:
    yield from _duplicates(document, manifest)
    known = _package_names(manifest)
    for name, component in manifest.components.items():
        place: Place = ("components", name)
        yield from _component(document, place, component)
        for requirement, inner in _requirements(component):
            yield from _unknown_package(document, (*place, *inner), requirement, known)
        for other in component.compatible:
            if other not in manifest.components:
                hint = nearest(other, list(manifest.components))
                yield document.problem((*place, "compatible", other), "no such component", hint)
    for name, meta in manifest.meta_packages.items():
        for index, requirement in enumerate(meta.requires):
            at = ("meta-packages", name, "requires", index)
            yield from _unknown_package(document, at, requirement, known)


def _package_names(manifest: Manifest) -> list[str]:
    names = [name for part in manifest.components.values() for name in part.packages]
    return [*names, *manifest.meta_packages]


def _duplicates(document: Document, manifest: Manifest) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, component in manifest.components.items():
        for package in component.packages:
            if package in owners:
                place = ("components", name, "packages", package)
                yield document.problem(place, f"{owners[package]} has a package of this name too")
            owners[package] = name
    for meta in manifest.meta_packages:
        if meta in owners:
            yield document.problem(("meta-packages", meta), f"{owners[meta]} has this package")


def _component(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    if component.build is None and component.provider is None:
        yield document.problem((*place, "build"), "missing; only what a distro provides needs none")
    if component.build is not None:
        yield from _buildable(document, place, component)
    folder = document.file.parent
    for index, source in enumerate(component.sources):
        at = (*place, "sources", index)
        if index and source.name is None:
            yield document.problem((*at, "name"), "missing; every source but the first needs one")
        if isinstance(source, LocalSource) and not (folder / source.local).is_dir():
            yield document.problem((*at, "local"), f"no folder {folder / source.local}")
    for index, patch in enumerate(component.patches):
        at = (*place, "patches", index)
        for message in check_patch(folder / "patches" / place[-1] / patch):  # type: ignore[operator]
            yield document.problem(at, message)
    yield from _paths(document, place, component)


def _buildable(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    if not component.packages:
        yield document.problem((*place, "packages"), "missing; a build makes packages")
    newest = component.changelog[0].version if component.changelog else None
    expected = f"{component.version}-{component.release}"
    if newest != expected:
        message = f"the newest entry is of {newest}, expected {expected}"
        yield document.problem((*place, "changelog", 0, "version"), message)


def _paths(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    for name, package in component.packages.items():
        for text, inner in _path_texts(package):
            at = (*place, "packages", name, *inner)
            if not text.startswith(("/", "{")):
                yield document.problem(at, f"expected an absolute path or a place, not {text!r}")
            yield from _unknown_names(document, at, text, place_names())
    texts = component.build.options if component.build else ()
    for index, text in enumerate(texts):
        at = (*place, "build", "options", index)
        yield from _unknown_names(document, at, text, place_names() | _FIELDS)


def _path_texts(package: Package) -> Iterator[tuple[str, Place]]:
    for key, texts in (
        ("files", package.files),
        ("config", package.config),
        ("directories", package.directories),
    ):
        for index, text in enumerate(texts):
            yield text, (key, index)
    for index, item in enumerate(package.install):
        yield item.to, ("install", index, "to")
    for link in package.links:
        yield link, ("links", link)


def _unknown_names(
    document: Document, place: Place, text: str, known: frozenset[str]
) -> Iterator[Problem]:
    for name in names_in(text):
        if name not in known:
            yield document.problem(place, f"unknown place {{{name}}}", nearest(name, sorted(known)))


def _requirements(component: Component) -> Iterator[tuple[Requirement, Place]]:
    if component.build:
        for key, items in (
            ("requires", component.build.requires),
            ("check-requires", component.build.check_requires),
        ):
            for index, item in enumerate(items):
                yield item, ("build", key, index)
    for name, package in component.packages.items():
        for key in ("requires", "recommends", "suggests", "conflicts", "replaces"):
            for index, item in enumerate(getattr(package, key)):
                yield item, ("packages", name, key, index)


def _unknown_package(
    document: Document, place: Place, requirement: Requirement, known: list[str]
) -> Iterator[Problem]:
    capability = requirement.capability
    optional = "conflicts" in place or "replaces" in place  # may name what is not ours
    if capability.kind == INTERNAL and capability.name not in known and not optional:
        hint = nearest(capability.name, known) or "a distro's package is a capability, as bin(x)"
        yield document.problem(place, f"no package {capability.name} in this manifest", hint)
