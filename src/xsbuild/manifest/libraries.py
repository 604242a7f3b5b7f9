# SPDX-License-Identifier: Apache-2.0
"""Lock files of vendored libraries: the archives, what each offers and needs."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from xsbuild.errors import InputError, Problem, ProblemsError
from xsbuild.manifest.license import SpdxExpression
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.requirement import Capability, CapabilityField, Requirement, RequirementField
from xsbuild.manifest.source import (
    PoolPath,
    RelativePath,
    Sha256,
    Source,
    VendoredSource,
)
from xsbuild.manifest.text import Line
from xsbuild.strict import Like, Strict
from xsbuild.yamlfile import Document, nearest, read, validate

DUNE = Capability("bin", "dune")

# Debian Policy 5.6.1 and findlib's manual, together.
Name = Annotated[str, Like(r"[a-zA-Z0-9][a-zA-Z0-9_+.-]*", "a name such as lwt_ppx", "name")]
Version = Annotated[str, Like(r"v?[0-9][A-Za-z0-9.+~]*", "a version such as v0.17.1", "version")]
Checksum = Annotated[
    str, Like(r"(md5|sha256|sha512)=[0-9a-f]+", "a checksum such as sha512=…", "checksum")
]
# Debian's copyright file knows no parentheses, and those of all archives are joined.
License = Annotated[
    SpdxExpression, Like(r"[A-Za-z0-9. -]+", "SPDX identifiers joined by AND and WITH", "license")
]


class Archive(Strict):
    """One archive of upstream's, with one or more libraries or programs.

    Attributes:
        name: upstream's, of the archive.
        version: upstream's.
        packages: the opam packages in it that are used.
        url: its address; left out where the overlay is all there is to it.
        debian_pool: the same file in Debian's archive.
        sha256: of the file; without it the archive is not pinned and not built from.
        checksums: what opam states, for pinning it.
        license: SPDX expression.
        world: its versions go only with others of this world, and with those that are of none.
        provides: what it offers.
        requires: what it and whoever links it need.
        build_requires: what only its own build needs.
        overlay: folder beside the lock file whose files are put over it, as its own dune files.
        todo: a fact still missing.
    """

    name: Name
    version: Version
    packages: tuple[Name, ...] = ()
    url: Line | None = None
    debian_pool: PoolPath | None = None
    sha256: Sha256 | None = None
    checksums: tuple[Checksum, ...] = ()
    license: License
    world: str | None = None
    provides: Annotated[tuple[CapabilityField, ...], Field(min_length=1)]
    requires: tuple[RequirementField, ...] = ()
    build_requires: tuple[RequirementField, ...] = ()
    overlay: RelativePath | None = None
    todo: Line | None = None

    @property
    def folder(self) -> str:
        """The directory that it is unpacked into."""
        return f"{self.name}-{self.version}"

    @property
    def pinned(self) -> bool:
        """Whether it is known what it must be."""
        return self.sha256 is not None or (self.url is None and self.debian_pool is None)


class Libraries(Strict):
    """The content of a lock file.

    Attributes:
        opam: addresses of opam repositories, the first that has a package wins.
        names: opam package → what it is; null where it is nothing; others are of findlib.
        worlds: what each is known by in a distro, as a range of a library's versions.
        archives: of one world and those of none, no two are of one name or provide the same.
    """

    opam: tuple[Line, ...] = ()
    names: dict[str, CapabilityField | None] = {}
    worlds: dict[str, RequirementField] = {}
    archives: tuple[Archive, ...] = ()

    def of_world(self, world: str | None) -> tuple[Archive, ...]:
        """Return the archives that may be used together where a world is chosen."""
        return tuple(item for item in self.archives if item.world in (None, world))

    def requirements(self) -> Iterator[Requirement]:
        """Yield all capabilities that the archives name."""
        yield from self.worlds.values()
        for archive in self.archives:
            yield from map(Requirement, archive.provides)
            yield from archive.requires
            yield from archive.build_requires


class Bundle(VendoredSource):
    """A vendored source that was read: with its libraries, or those chosen for one distro.

    Attributes:
        libraries: what it has.
        folder: beside the lock file, where overlays are.
    """

    libraries: Libraries
    folder: Path

    @property
    def unpinned(self) -> tuple[Archive, ...]:
        """Archives of which nothing says what they must be."""
        return tuple(item for item in self.libraries.archives if not item.pinned)


def bundle_of(component: Component) -> Bundle | None:
    """Return the vendored source of a component, or None."""
    return next((item for item in component.sources if isinstance(item, Bundle)), None)


def dune_folder(component: Component) -> str:
    """Return the directory of dune's source if it has to be built first, else ""."""
    bundle = bundle_of(component)
    for archive in bundle.libraries.archives if bundle else ():
        if bundle and DUNE in archive.provides:
            return f"{bundle.name}/{archive.folder}"
    return ""


def vendored_requirements(component: Component) -> Iterable[Requirement]:
    """Return capabilities that a lock must resolve for a component's vendored libraries."""
    bundle = bundle_of(component)
    return bundle.libraries.requirements() if bundle else ()


def with_libraries(manifest: Manifest, root: Path) -> tuple[Manifest, list[Problem]]:
    """Read what vendored sources name; what cannot be read is left as it is.

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
            problems.append(Problem(root / source.vendored, None, "", error.message, error.code))
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
    """Read the lock file of a vendored source.

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
    """Read a lock file of vendored libraries.

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
            yield document.problem((*place, "world"), "unknown world", hint, code="XSB-VENDOR-LOCK")
        if archive.overlay and not (folder / archive.overlay).is_dir():
            yield document.problem(
                (*place, "overlay"),
                f"folder {folder / archive.overlay} does not exist",
                code="XSB-VENDOR-LOCK",
            )
        if not (archive.url or archive.debian_pool or archive.overlay):
            yield document.problem(
                (*place, "url"),
                "missing; required unless there is `overlay`",
                code="XSB-VENDOR-LOCK",
            )
        for other in libraries.archives[:index]:
            if archive.world is None or other.world in (None, archive.world):
                both = archive.name == other.name or set(archive.provides) & set(other.provides)
                if both:
                    message = f"{other.folder} of the same world has the same name or libraries"
                    yield document.problem(place, message, code="XSB-VENDOR-LOCK")
