# SPDX-License-Identifier: Apache-2.0
"""Read a manifest and check it, with nothing but the project's files."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from xsbuild.errors import Nearest, Problem, ProblemList
from xsbuild.manifest.check_names import META, mapping_in, name_problems
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
from xsbuild.manifest.systems import Systems, find_systems
from xsbuild.yamlfile import Document, Model, Place, read, validate


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
        found.items += _problems(document, components, _valid(document, META, MetaPackage))
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
    for name, value in mapping_in(document.data, key).items():
        part, _ = validate(replace(document, data=value, problems=[]), model)
        if part is not None:
            found[name] = part
    return found


def _problems(
    document: Document,
    components: Mapping[str, Component],
    meta_packages: Mapping[str, MetaPackage],
) -> Iterator[Problem]:
    yield from name_problems(document, components, meta_packages)
    for name, component in components.items():
        yield from _component(document, ("components", name), component)


def _systems(document: Document, known: Systems) -> Iterator[Problem]:
    """Yield problems of unknown build systems, also in parts that are invalid otherwise."""
    for name, value in mapping_in(document.data, "components").items():
        system = mapping_in(value, "build").get("system")
        if isinstance(system, str) and system not in known.files:
            place = ("components", name, "build", "system")
            message = f"expected one of {', '.join(known.files)}"
            near = Nearest(system, list(known.files))
            yield document.problem(place, message, near, code="XSB-MANIFEST-UNKNOWN-SYSTEM")


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
