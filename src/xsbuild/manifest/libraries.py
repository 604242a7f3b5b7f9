# SPDX-License-Identifier: Apache-2.0
"""The lock file of vendored libraries: which archives there are, what each offers and needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from xsbuild.manifest.requirement import Capability, CapabilityField, Requirement, RequirementField
from xsbuild.manifest.source import PoolPath, RelativePath, Sha256, Text, VendoredSource
from xsbuild.strict import Like, Strict

DUNE = Capability("bin", "dune")

# Debian Policy 5.6.1 and findlib's manual, together.
Name = Annotated[str, Like(r"[a-zA-Z0-9][a-zA-Z0-9_+.-]*", "a name as lwt_ppx", "name")]
Version = Annotated[str, Like(r"v?[0-9][A-Za-z0-9.+~]*", "a version as v0.17.1", "version")]
Checksum = Annotated[
    str, Like(r"(md5|sha256|sha512)=[0-9a-f]+", "a checksum as sha512=…", "checksum")
]
# Debian's copyright file knows no parentheses, and those of all archives are joined.
License = Annotated[
    str, Like(r"[A-Za-z0-9. -]+", "SPDX identifiers joined by AND and WITH", "license")
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
    url: Text | None = None
    debian_pool: PoolPath | None = None
    sha256: Sha256 | None = None
    checksums: tuple[Checksum, ...] = ()
    license: License
    world: str | None = None
    provides: Annotated[tuple[CapabilityField, ...], Field(min_length=1)]
    requires: tuple[RequirementField, ...] = ()
    build_requires: tuple[RequirementField, ...] = ()
    overlay: RelativePath | None = None
    todo: Text | None = None

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

    opam: tuple[Text, ...] = ()
    names: dict[str, CapabilityField | None] = {}
    worlds: dict[str, RequirementField] = {}
    archives: tuple[Archive, ...] = ()

    def of_world(self, world: str | None) -> tuple[Archive, ...]:
        """The archives that may be used together where a world is chosen."""
        return tuple(item for item in self.archives if item.world in (None, world))

    def requirements(self) -> Iterator[Requirement]:
        """Everything that the archives name, and so a distro is asked about."""
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
