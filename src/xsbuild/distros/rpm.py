# SPDX-License-Identifier: Apache-2.0
"""Return the `rpm` section of a distro's definition."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xsbuild.strict import Strict


class YumRepository(Strict):
    """One yum repository of a distro; dnf.conf(5) says what the words mean."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]+$", description="its id")]
    baseurl: Annotated[str, Field(description="its address, with dnf's $basearch")] = ""
    metalink: Annotated[str, Field(description="the address of its metalink")] = ""
    mirrorlist: Annotated[str, Field(description="the address of its list of mirrors")] = ""
    keys: Annotated[
        tuple[str, ...],
        Field(min_length=1, description="its public keys: https or file addresses"),
    ]
    signed_index: Annotated[bool, Field(description="its repomd.xml is signed")] = False

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if sum(map(bool, (self.baseurl, self.metalink, self.mirrorlist))) != 1:
            raise ValueError("expected exactly one of baseurl, metalink and mirrorlist")
        return self


class Rpm(Strict):
    """Facts about a distro that only the rpm family needs."""

    mock: Annotated[
        str,
        Field(
            description="its configuration in mock-core-configs, without the architecture at the "
            "end; if mock has none of that name, it gets the values given here"
        ),
    ] = ""
    package_manager: Annotated[
        Literal["dnf", "zypper"], Field(description="what its users install packages with")
    ] = "dnf"
    database: Annotated[
        str, Field(pattern="^/", description="where its rpm keeps its database (%_dbpath)")
    ] = "/usr/lib/sysimage/rpm"
    database_backend: Annotated[
        Literal["sqlite", "ndb"], Field(description="the database's format (%_db_backend)")
    ] = "sqlite"
    buildroot: Annotated[
        tuple[str, ...],
        Field(min_length=1, description="packages and @groups that every build may rely on"),
    ]
    clean_root: Annotated[
        tuple[str, ...], Field(description="packages of a fresh machine, to try ours on")
    ] = ("bash", "coreutils", "findutils", "rpm", "system-release")
    macros: Annotated[
        dict[str, str], Field(description="rpm macros that its own packages do not define")
    ] = {}
    repositories: Annotated[tuple[YumRepository, ...], Field(min_length=1)]
