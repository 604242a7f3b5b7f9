# SPDX-License-Identifier: Apache-2.0
"""Lock files of vendored libraries: archives, with the capabilities each provides and requires."""

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
    Sha256,
    Sha512,
    Source,
    VendoredSource,
)
from xsbuild.strict import Like, Strict
from xsbuild.texts import SHORT, Paragraphs, RelativePath, Url, Word
from xsbuild.yamlfile import Document, nearest, read, validate

DUNE = Capability("bin", "dune")

# Debian Policy 5.6.1 and findlib's manual, together.
Name = Annotated[str, Like(r"[a-zA-Z0-9][a-zA-Z0-9_+.-]*", "a name such as lwt_ppx", "name"), SHORT]
Version = Annotated[
    str, Like(r"v?[0-9][A-Za-z0-9.+~]*", "a version such as v0.17.1", "version"), SHORT
]
Checksum = Annotated[
    str, Like(r"(md5|sha256|sha512)=[0-9a-f]+", "a checksum such as sha512=…", "checksum")
]
# Debian's copyright file has no parentheses, and all archives' licences are joined in it.
License = Annotated[
    SpdxExpression, Like(r"[A-Za-z0-9. -]+", "SPDX identifiers joined by AND and WITH", "license")
]


class Archive(Strict):
    """An upstream archive, with one or more libraries or programs.

    Attributes:
        name: the archive's upstream name.
        version: the upstream version.
        packages: the used opam packages in it.
        url: its address; omitted if all of its files are in the overlay.
        debian_pool: the same file in Debian's archive.
        sha256: the file's checksum; without any pin the archive is not built.
        sha512: the file's checksum, instead of `sha256`.
        opam_cache: the opam cache with the file, which pins it if it is too weakly checksummed
            itself.
        checksums: opam's checksums: they find the file in an opam cache, or serve to pin it.
        license: SPDX expression.
        world: the world of compatible versions; archives without one fit every world.
        provides: capabilities it provides.
        requires: capabilities that it and its users link.
        build_requires: capabilities required only to build it.
        overlay: folder beside the lock file whose files are copied over it, as dune files.
        todo: missing facts.
    """

    name: Name
    version: Version
    packages: tuple[Name, ...] = ()
    url: Url | None = None
    debian_pool: PoolPath | None = None
    sha256: Sha256 | None = None
    sha512: Sha512 | None = None
    opam_cache: Name | None = None
    checksums: tuple[Checksum, ...] = ()
    license: License
    world: Word | None = None
    provides: Annotated[tuple[CapabilityField, ...], Field(min_length=1)]
    requires: tuple[RequirementField, ...] = ()
    build_requires: tuple[RequirementField, ...] = ()
    overlay: RelativePath | None = None
    todo: Paragraphs | None = None

    @property
    def folder(self) -> str:
        """The directory into which it is unpacked."""
        return f"{self.name}-{self.version}"

    @property
    def pinned(self) -> bool:
        """Whether its content is determined, or consists of files of the project."""
        pinned = self.sha256 or self.sha512 or self.opam_cache
        return pinned is not None or not self.has_file

    @property
    def has_file(self) -> bool:
        """Whether it is an upstream file, not just an overlay."""
        return bool(self.url or self.debian_pool or self.opam_cache)


class OpamCache(Strict):
    """An archive of an opam repository with the files of its packages (``opam admin cache``).

    Attributes:
        url: its address.
        sha256: its checksum.
    """

    url: Url
    sha256: Sha256


class Libraries(Strict):
    """The content of a lock file.

    Attributes:
        opam: addresses of opam repositories; the first that has a package is used.
        opam_caches: name → opam cache, for archives without a strong checksum.
        names: opam package → capability, null for none; default: the findlib package of that name.
        worlds: world → the range of a library's version that identifies it in a distro.
        archives: unique in name and provides within a world and those without one.
    """

    opam: tuple[Url, ...] = ()
    opam_caches: dict[Name, OpamCache] = {}
    names: dict[Word, CapabilityField | None] = {}
    worlds: dict[Word, RequirementField] = {}
    archives: tuple[Archive, ...] = ()

    def of_world(self, world: str | None) -> tuple[Archive, ...]:
        """Return the archives that may be used together in a world."""
        return tuple(item for item in self.archives if item.world in (None, world))

    def requirements(self) -> Iterator[Requirement]:
        """Yield all capabilities of the archives."""
        yield from self.worlds.values()
        for archive in self.archives:
            yield from map(Requirement, archive.provides)
            yield from archive.requires
            yield from archive.build_requires


class Bundle(VendoredSource):
    """A vendored source with all of its libraries, or those chosen for a distro.

    Attributes:
        libraries: its libraries.
        folder: the folder of its lock file and overlays.
    """

    libraries: Libraries
    folder: Path

    @property
    def unpinned(self) -> tuple[Archive, ...]:
        """The unpinned archives."""
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
    """Add the libraries of vendored sources to a manifest; unreadable ones are left out.

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
        source: a source of the manifest.
        root: the project's folder.

    Raises:
        ProblemsError: with all of its problems.
    """
    file = root / source.vendored
    libraries = load_libraries(file, root)
    return Bundle(
        name=source.name, vendored=source.vendored, libraries=libraries, folder=file.parent
    )


def load_libraries(file: Path, root: Path) -> Libraries:
    """Read a lock file of vendored libraries.

    Args:
        file: its path.
        root: the project's folder, in which it must be.

    Raises:
        InputError: there is none.
        ProblemsError: with all of its problems.
    """
    document = read(file, within=root)
    libraries, problems = validate(document, Libraries)
    if libraries is not None:
        problems += _problems(document, libraries)
    if problems or libraries is None:
        raise ProblemsError(problems)
    return libraries


def _cache_problem(archive: Archive, libraries: Libraries) -> str | None:
    if archive.opam_cache is None:
        return None
    if archive.opam_cache not in libraries.opam_caches:
        return f"expected one of `opam-caches`: {', '.join(libraries.opam_caches) or 'none'}"
    return None if archive.checksums else "requires `checksums`, by which opam finds the file"


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
        if not (archive.has_file or archive.overlay):
            yield document.problem(
                (*place, "url"),
                "missing; required unless there is `overlay`",
                code="XSB-VENDOR-LOCK",
            )
        if message := _cache_problem(archive, libraries):
            yield document.problem((*place, "opam-cache"), message, code="XSB-VENDOR-LOCK")
        for other in libraries.archives[:index]:
            if archive.world is None or other.world in (None, archive.world):
                both = archive.name == other.name or set(archive.provides) & set(other.provides)
                if both:
                    message = f"{other.folder} of the same world has the same name or libraries"
                    yield document.problem(place, message, code="XSB-VENDOR-LOCK")
