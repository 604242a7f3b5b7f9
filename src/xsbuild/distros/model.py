# SPDX-License-Identifier: Apache-2.0
"""The definition of a distro: archives, names of architectures, places."""

import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_serializer, model_validator

from xsbuild.strict import Like, Strict
from xsbuild.texts import FilePath, Line, PackageName, Url, Urls, Value, Variable, Word

Address = Url | Literal[""]
# Written into makefiles and spec files as it is: a macro of rpm's may stand in it.
PlacePath = Annotated[
    str, Like(r"(/|%\{)[A-Za-z0-9_./*%{}+-]*", "an absolute path, or one with rpm's macros")
]


class Family(StrEnum):
    """The family of packages."""

    DEB = "deb"
    RPM = "rpm"


class Archive(Strict):
    """A signed archive of packages: an apt source or a yum repository."""

    name: Annotated[Word, Field(description="the archive, as a user's settings call its mirror")]
    origin: Annotated[Value, Field(description="Origin in its Release file")] = ""
    label: Annotated[Value, Field(description="Label in its Release file")] = ""
    suites: Annotated[tuple[Word, ...], Field(description="suites, the main one first")] = ()
    components: Annotated[tuple[Word, ...], Field(description="components used")] = ("main",)
    keyring: Annotated[
        FilePath, Field(description="keyring file that its signature is checked with")
    ]


class YumRepository(Strict):
    """A yum repository of a distro; keys as in dnf.conf(5)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]+$", description="its id")]
    baseurl: Annotated[
        Urls, Field(description="its address, with dnf's $basearch, or several, tried in turn")
    ] = ()
    metalink: Annotated[Address, Field(description="the address of its metalink")] = ""
    mirrorlist: Annotated[Address, Field(description="the address of its list of mirrors")] = ""
    keys: Annotated[
        tuple[Url, ...],
        Field(min_length=1, description="its public keys: https or file addresses"),
    ]
    signed_index: Annotated[bool, Field(description="its repomd.xml is signed")] = False

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if sum(map(bool, (self.baseurl, self.metalink, self.mirrorlist))) != 1:
            raise ValueError("expected exactly one of baseurl, metalink and mirrorlist")
        return self

    @field_serializer("baseurl")
    def _as_dnf(self, urls: tuple[str, ...]) -> str:
        # keys of tasks hold it, and one address is a text there
        return " ".join(urls)


class Rpm(Strict):
    """The part of a distro's definition for the rpm family."""

    mock: Annotated[
        Word | Literal[""],
        Field(
            description="its configuration in mock-core-configs, without the architecture at the "
            "end; if mock has none of that name, it gets the values given here"
        ),
    ] = ""
    package_manager: Annotated[
        Literal["dnf", "zypper"], Field(description="what its users install packages with")
    ] = "dnf"
    database: Annotated[
        FilePath, Field(description="where its rpm keeps its database (%_dbpath)")
    ] = "/usr/lib/sysimage/rpm"
    database_backend: Annotated[
        Literal["sqlite", "ndb"], Field(description="the database's format (%_db_backend)")
    ] = "sqlite"
    buildroot: Annotated[
        tuple[Word, ...],
        Field(min_length=1, description="packages and @groups that every build may rely on"),
    ]
    clean_root: Annotated[
        tuple[Word, ...], Field(description="packages of a fresh machine, to try ours on")
    ] = ("bash", "coreutils", "findutils", "rpm", "system-release")
    macros: Annotated[
        dict[Variable, Value], Field(description="rpm macros that its own packages do not define")
    ] = {}
    repositories: Annotated[tuple[YumRepository, ...], Field(min_length=1)]


class Distro(Strict):
    """One target.

    The file's name is the distro's name.
    """

    name: Annotated[str, Like(r"[a-z][a-z0-9.-]*", "a name such as debian-13")]
    title: Annotated[Line, Field(description="for people, as `Debian 13 (trixie)`")]
    family: Annotated[Family, Field(strict=False)]
    aliases: tuple[Word, ...] = ()
    version_suffix: Annotated[
        str,
        Like(r"([.~+][A-Za-z0-9.~+]*)?", "a suffix such as ~deb13 or .el10"),
        Field(description="appended to a package's version, as `~deb13` or `.el10`"),
    ]
    architectures: Annotated[
        dict[Word, Word], Field(description="machine as `uname -m` says → the distro's name for it")
    ]
    archives: tuple[Archive, ...] = ()
    rpm: Annotated[Rpm | None, Field(description="what only the rpm family has")] = None
    places: Annotated[
        dict[Word, PlacePath],
        Field(description="directories that differ from the family's, by name"),
    ] = {}
    names: Annotated[
        dict[Line, PackageName],
        Field(description="capability → package, only what the archive's metadata cannot tell"),
    ] = {}

    @property
    def first_machine(self) -> str:
        """The first machine in its file, the one indexed."""
        return next(iter(self.architectures))

    @model_validator(mode="after")
    def _rpm_section(self) -> Self:
        if (self.rpm is not None) != (self.family is Family.RPM):
            raise ValueError("family rpm requires `rpm`, and other families must not have it")
        return self


class IndexStamp(Strict):
    """The state of a distro's archives.

    Attributes:
        date: the date of the newest Release file or repomd.xml.
        hash: sha256 over the identities of all of them.
    """

    date: datetime.date
    hash: Annotated[str, Like(r"[0-9a-f]{64}", "a sha256 of 64 hexadecimal digits")]
