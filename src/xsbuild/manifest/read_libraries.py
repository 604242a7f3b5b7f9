# SPDX-License-Identifier: Apache-2.0
"""Reads lock files of vendored libraries."""

from collections.abc import Iterator
from pathlib import Path

from xsbuild.errors import InputError, Problem, ProblemsError
from xsbuild.manifest.libraries import Bundle, Libraries
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.source import Source, VendoredSource
from xsbuild.yamlfile import Document, nearest, read, validate


def with_libraries(manifest: Manifest, root: Path) -> tuple[Manifest, list[Problem]]:
    """Reads what vendored sources name; what cannot be read is left as it is.

    Args:
        manifest: a valid manifest.
        root: its folder.
    """
    problems: list[Problem] = []

    def one(source: Source) -> Source:
        if not isinstance(source, VendoredSource):
            return source
        try:
            return read_bundle(source, root)
        except ProblemsError as error:
            problems.extend(error.problems)
        except InputError as error:
            problems.append(Problem(root / source.vendored, None, "", error.message))
        return source

    def changed(component: Component) -> Component:
        return component.model_copy(update={"sources": tuple(map(one, component.sources))})

    components = {
        name: changed(component)
        for name, component in manifest.components.items()
        if any(isinstance(source, VendoredSource) for source in component.sources)
    }
    whole = {**manifest.components, **components}
    return manifest.model_copy(update={"components": whole}), problems


def read_bundle(source: VendoredSource, root: Path) -> Bundle:
    """Reads the lock file of a vendored source.

    Args:
        source: of the manifest.
        root: the project's folder.

    Raises:
        ProblemsError: with everything that is wrong in it.
    """
    file = root / source.vendored
    libraries = load_libraries(file)
    return Bundle(
        name=source.name, vendored=source.vendored, libraries=libraries, folder=file.parent
    )


def load_libraries(file: Path) -> Libraries:
    """Reads a lock file of vendored libraries.

    Raises:
        InputError: there is none.
        ProblemsError: with everything that is wrong in it.
    """
    document = read(file)
    libraries, problems = validate(document, Libraries)
    if libraries is not None:
        problems += _problems(document, libraries)
    if problems or libraries is None:
        raise ProblemsError(problems)
    return libraries


def _problems(document: Document, libraries: Libraries) -> Iterator[Problem]:
    folder = document.file.parent
    for index, archive in enumerate(libraries.archives):
        place = ("archives", index)
        if archive.world is not None and archive.world not in libraries.worlds:
            hint = nearest(archive.world, libraries.worlds)
            yield document.problem((*place, "world"), "no such world", hint)
        if archive.overlay and not (folder / archive.overlay).is_dir():
            yield document.problem((*place, "overlay"), f"no folder {folder / archive.overlay}")
        if not (archive.url or archive.debian_pool or archive.overlay):
            yield document.problem((*place, "url"), "missing, and so is an overlay")
        for other in libraries.archives[:index]:
            if archive.world is None or other.world in (None, archive.world):
                both = archive.name == other.name or set(archive.provides) & set(other.provides)
                if both:
                    message = f"another archive of its world, {other.folder}, provides the same"
                    yield document.problem(place, message)
