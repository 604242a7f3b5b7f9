# SPDX-License-Identifier: Apache-2.0
"""What xsbuild knows of a distro: its archives, its names for architectures and places."""

import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from xsbuild.distros.rpm import Rpm
from xsbuild.strict import Like, Strict


class Family(StrEnum):
    """The two kinds of packages."""

    DEB = "deb"
    RPM = "rpm"


class Archive(Strict):
    """One signed archive of packages, as an apt source or a yum repository names it."""

    name: Annotated[str, Field(description="the archive, as a user's settings call its mirror")]
    origin: Annotated[str, Field(description="Origin in its Release file")] = ""
    label: Annotated[str, Field(description="Label in its Release file")] = ""
    suites: Annotated[tuple[str, ...], Field(description="suites, the main one first")] = ()
    components: Annotated[tuple[str, ...], Field(description="components used")] = ("main",)
    keyring: Annotated[str, Field(description="keyring file that its signature is checked with")]


class Distro(Strict):
    """One target.

    The file's name is the distro's name.
    """

    name: Annotated[str, Like(r"[a-z][a-z0-9.-]*", "a name such as debian-13")]
    title: Annotated[str, Field(description="for people, as `Debian 13 (trixie)`")]
    family: Annotated[Family, Field(strict=False)]
    aliases: tuple[str, ...] = ()
    version_suffix: Annotated[
        str, Field(description="appended to a package's version, as `~deb13` or `.el10`")
    ]
    architectures: Annotated[
        dict[str, str], Field(description="machine as `uname -m` says → the distro's name for it")
    ]
    archives: tuple[Archive, ...] = ()
    rpm: Annotated[Rpm | None, Field(description="what only the rpm family has")] = None
    places: Annotated[
        dict[str, str], Field(description="directories that differ from the family's, by name")
    ] = {}
    names: Annotated[
        dict[str, str],
        Field(description="capability → package, only what the archive's metadata cannot tell"),
    ] = {}

    @property
    def first_machine(self) -> str:
        """The machine that its file names first, of whose packages there is an index."""
        return next(iter(self.architectures))

    @model_validator(mode="after")
    def _rpm_section(self) -> Self:
        if (self.rpm is not None) != (self.family is Family.RPM):
            raise ValueError("family rpm requires `rpm`, and other families must not have it")
        return self


class IndexStamp(Strict):
    """The state of a distro's archives.

    Attributes:
        date: of the newest Release file or repomd.xml.
        hash: sha256 over what identifies each of them.
    """

    date: datetime.date
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
