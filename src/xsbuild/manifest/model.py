# SPDX-License-Identifier: Apache-2.0
"""The manifest's model: facts in the words of packaging, once for both families.

The text below a key is its meaning, in the JSON Schema and in docs/manifest.md.
"""

import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from xsbuild.manifest.license import SpdxExpression
from xsbuild.manifest.package import (
    Directory,
    Group,
    Install,
    Package,
    Scripts,
    Summary,
    Unit,
    User,
)
from xsbuild.manifest.requirement import CapabilityField, RequirementField, VersionRange
from xsbuild.manifest.source import (
    DebianPoolSource,
    GitSource,
    LocalSource,
    PypiSource,
    RelativePath,
    Source,
    UrlSource,
)
from xsbuild.manifest.text import Line, Maintainer, Paragraphs, Section, Value, Variable
from xsbuild.strict import Documented, Like

__all__ = [
    "Build",
    "ChangelogEntry",
    "Component",
    "DebianPoolSource",
    "Directory",
    "GitSource",
    "Group",
    "Install",
    "LocalSource",
    "Manifest",
    "MetaPackage",
    "Package",
    "Product",
    "Provider",
    "ProviderOverride",
    "PypiSource",
    "Scripts",
    "Source",
    "Todo",
    "Unit",
    "UrlSource",
    "User",
]

# Debian Policy 5.6.1; RPM allows more.
Name = Annotated[
    str, Like(r"[a-z0-9][a-z0-9+.-]+", "a name in lower-case letters, digits and +.-", "name")
]
Version = Annotated[str, Like(r"[0-9][A-Za-z0-9.+~]*", "a version such as 1.2.3", "version")]
Address = Annotated[str, Like(r"https?://[!-~]+", "a URL such as https://example.org", "uri")]


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    raise ValueError("expected a date such as 2026-11-22")


Date = Annotated[datetime.date, BeforeValidator(_date)]


class ProviderOverride(Documented):
    """A decision for one distro, against the rule, with its reason."""

    use: Literal["build", "distro"]
    """where the component comes from on this distro"""
    reason: Paragraphs
    """why, for whoever reads the plan"""


class Provider(Documented):
    """Provider rules of a component that a distro may have."""

    prefer: Literal["build", "distro"] = "distro"
    """what is done where the distro's own fits"""
    version: VersionRange = ()
    """what of the distro's fits; anything where it is left out"""
    offers: tuple[CapabilityField, ...] = ()
    """what the distro's packages must offer to be used"""
    on: dict[str, ProviderOverride] = Field(default_factory=dict)
    """decisions by distro"""


class Build(Documented):
    """Build of a component."""

    system: Line
    """the build system that upstream has"""
    requires: tuple[RequirementField, ...] = ()
    """what must be installed to build it"""
    check_requires: tuple[RequirementField, ...] = ()
    """what its tests need besides"""
    options: tuple[Value, ...] = ()
    """for configure, cmake or meson; for make and dune: of every call; with places, `{version}` and
    `{name}`"""
    environment: dict[Variable, Value] = Field(default_factory=dict)
    """variables set while it is built; with places, `{version}` and `{name}`"""
    subdirectory: RelativePath | None = None
    """where upstream's build starts, if not at the top"""
    check: bool = True
    """run upstream's tests"""
    memory: Annotated[str, Like(r"[1-9][0-9]* [MG]iB", "a size such as 8 GiB", "size")] | None = (
        None
    )
    """what a build takes of the machine's, where that is much: two run at once only if it has that
    for both"""

    @property
    def memory_bytes(self) -> int:
        """`memory` in bytes; 0 where nothing is said."""
        number, unit = (self.memory or "0 MiB").split()
        return int(number) << (30 if unit == "GiB" else 20)


class ChangelogEntry(Documented):
    """Changes in one version of the packaging."""

    version: Annotated[
        str, Like(r"[0-9][A-Za-z0-9.+~]*-[1-9][0-9]*", "version-release such as 26.4.0-1")
    ]
    """version and release, as `26.4.0-1`"""
    date: Date
    """the day it was made; the newest is the date of everything in the packages"""
    changes: Annotated[tuple[Paragraphs, ...], Field(min_length=1)]
    """one sentence each"""


class Todo(Documented):
    """A fact still missing. A text alone is short for one that a build can do without."""

    text: Paragraphs
    """what is missing"""
    blocks: bool = False
    """nothing that is built without it could work, so that it is not built"""


def _todo(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


TodoField = Annotated[Todo, BeforeValidator(_todo, json_schema_input_type=str | Todo)]


class Component(Documented):
    """One source package."""

    summary: Summary
    """one line, under 80 characters, no full stop"""
    description: Paragraphs
    """paragraphs for a person who wonders whether to install it"""
    homepage: Address
    """upstream's site"""
    license: SpdxExpression
    """SPDX expression"""
    copyright: tuple[Line, ...] = ()
    """holders, with years"""
    version: Version
    """upstream's version, in quotes where it looks like a number"""
    release: Annotated[int, Field(ge=1)] = 1
    """of the packaging of this version"""
    section: Section = "admin"
    """Debian's archive section"""
    sources: tuple[Source, ...] = ()
    """the main source first; others go below it, in a directory of their name"""
    patches: tuple[RelativePath, ...] = ()
    """files below patches/NAME/, in order, with DEP-3 headers"""
    provider: Provider | None = None
    """the rule for distros that may have it; without one it is always built"""
    compatible: dict[str, VersionRange] = Field(default_factory=dict)
    """component → its versions that go with this"""
    build: Build | None = None
    """how it is built; only what a distro provides needs none"""
    packages: dict[Name, Package] = Field(default_factory=dict)
    """what a build makes, by name"""
    changelog: tuple[ChangelogEntry, ...] = ()
    """the newest first"""
    differs: dict[Line, Paragraphs] = Field(default_factory=dict)
    """what the two families' packages have each its own way - a path with its place, a unit, a
    user, a requirement; it may have wildcards - with the reason"""
    todo: tuple[TodoField, ...] = ()
    """facts still missing"""


class MetaPackage(Documented):
    """A package with no payload whose dependencies are the product."""

    summary: Summary
    """one line, under 80 characters, no full stop"""
    description: Paragraphs
    """paragraphs for a person who wonders whether to install it"""
    requires: Annotated[tuple[RequirementField, ...], Field(min_length=1)]
    """what it installs"""
    recommends: tuple[RequirementField, ...] = ()
    """what it installs unless a user says no"""


class Product(Documented):
    """The product that the packages belong to."""

    name: Name
    """of the repository, as `xenserver-core`"""
    title: Line
    """for people"""
    homepage: Address
    """where to read more"""
    license: SpdxExpression
    """of the packaging, SPDX expression"""
    maintainer: Maintainer
    """`Name <address>`"""
    version: Version
    """of the meta-packages"""
    date: Date
    """of this version of the meta-packages"""


class Manifest(Documented):
    """The whole of components.yaml."""

    product: Product
    """who makes the packages"""
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    """source packages, by name"""
    meta_packages: dict[Name, MetaPackage] = Field(default_factory=dict)
    """packages with no payload, by name"""
