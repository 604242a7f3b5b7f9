# SPDX-License-Identifier: Apache-2.0
"""Check the paths of a manifest, and the names in braces in its texts."""

from collections.abc import Iterator

from xsbuild.distros.model import Family
from xsbuild.errors import Nearest, Problem
from xsbuild.manifest.model import Component, Package
from xsbuild.manifest.places import PLACES, family_places, has_other_braces, names_in
from xsbuild.yamlfile import Document, Place

# Names in braces that are no places.
FIELDS = frozenset({"version", "name"})
_DEB_PLACES = family_places(Family.DEB)


def package_problems(document: Document, place: Place, package: Package) -> Iterator[Problem]:
    """Yield problems of the paths of a package."""
    for text, inner in _path_texts(package):
        yield from _path(document, (*place, *inner), text)
    for index, text in enumerate(package.triggers.paths if package.triggers else ()):
        # dpkg's triggers have no wildcards, which stand for the architecture.
        varying = [name for name in names_in(text) if "*" in _DEB_PLACES.get(name, "")]
        if varying:
            yield document.problem(
                (*place, "triggers", "paths", index),
                f"{{{varying[0]}}} depends on the architecture, which a trigger cannot",
                "name a path above it",
                code="XSB-MANIFEST-PATH",
            )
    if package.symbols and not (path := document.file.parent / package.symbols).is_file():
        message = f"file {path} does not exist"
        yield document.problem((*place, "symbols"), message, code="XSB-MANIFEST-MISSING-FILE")


def _path(document: Document, place: Place, text: str) -> Iterator[Problem]:
    if not text.startswith(("/", "{")):
        yield document.problem(
            place,
            f"expected an absolute path or one that begins with a place, not {text!r}",
            code="XSB-MANIFEST-PATH",
        )
    if has_other_braces(text):
        yield document.problem(
            place, f"expected a place such as {{bindir}}, not {text!r}", code="XSB-MANIFEST-PATH"
        )
    yield from unknown_names(document, place, text, PLACES)


def build_problems(document: Document, place: Place, component: Component) -> Iterator[Problem]:
    """Yield problems of the names in braces in a component's `build`."""
    build = component.build
    if build is None:
        return
    known = PLACES | FIELDS
    for index, option in enumerate(build.options):
        yield from unknown_names(document, (*place, "build", "options", index), option, known)
    for name, value in build.environment.items():
        yield from unknown_names(document, (*place, "build", "environment", name), value, known)


def _path_texts(package: Package) -> Iterator[tuple[str, Place]]:
    for key, texts in (
        ("files", package.files),
        ("config", package.config),
    ):
        for index, text in enumerate(texts):
            yield text, (key, index)
    for index, directory in enumerate(package.directories):
        yield directory.path, ("directories", index)
    for index, item in enumerate(package.install):
        yield item.to, ("install", index, "to")
    for link, target in package.links.items():
        yield link, ("links", link)
        if target.startswith(("/", "{")):
            yield target, ("links", link)
    for index, text in enumerate(package.triggers.paths if package.triggers else ()):
        yield text, ("triggers", "paths", index)
    yield from _upgraded_paths(package)


def _upgraded_paths(package: Package) -> Iterator[tuple[str, Place]]:
    for index, upgrade in enumerate(package.upgrades):
        for key, text in upgrade:
            if key != "since" and text.startswith(("/", "{")):
                yield text, ("upgrades", index, key.replace("_", "-"))


def unknown_names(
    document: Document, place: Place, text: str, known: frozenset[str]
) -> Iterator[Problem]:
    """Yield problems of names in braces that are not known."""
    for name in names_in(text):
        if name not in known:
            yield document.problem(
                place,
                f"unknown place {{{name}}}",
                Nearest(name, sorted(known)),
                code="XSB-MANIFEST-UNKNOWN-PLACE",
            )
