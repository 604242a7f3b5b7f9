# SPDX-License-Identifier: Apache-2.0
"""The manifest's model: facts in the words of packaging, once for both families."""

import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from xsbuild.capabilities.model import CapabilityField, RequirementField, VersionRange
from xsbuild.yamlfile import Strict

NAME = r"^[a-z0-9][a-z0-9+.-]+$"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Name = Annotated[str, Field(pattern=NAME, description="a name both families accept")]
Text = Annotated[str, Field(min_length=1)]
Summary = Annotated[
    str,
    Field(
        pattern=r"^[^\n]{3,79}[^\n.]$", description="one line, under 80 characters, no full stop"
    ),
]


def _inside(value: str) -> str:
    if not value or value.startswith("/") or ".." in value.split("/"):
        raise ValueError(f"expected a relative path that stays inside, not {value!r}")
    return value


RelativePath = Annotated[str, AfterValidator(_inside)]


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    raise ValueError("expected a date as 2026-11-22")


Date = Annotated[datetime.date, BeforeValidator(_date)]


class BuildSystem(StrEnum):
    """How upstream builds."""

    AUTOTOOLS = "autotools"
    MAKE = "make"
    CMAKE = "cmake"
    MESON = "meson"
    PYTHON = "python"
    DUNE = "dune"
    NONE = "none"


class _Source(Strict):
    name: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z0-9-]+$",
            description="directory below the source tree; every source but the first needs one",
        ),
    ] = None


class UrlSource(_Source):
    """An archive at an address."""

    url: Text
    sha256: Sha256 | None = None
    signature: Annotated[str | None, Field(description="address of a detached signature")] = None
    key: Annotated[
        RelativePath | None, Field(description="file of this project with the signing key")
    ] = None


class GitSource(_Source):
    """A commit of a git repository."""

    git: Text
    tag: Text | None = None
    commit: Commit | None = None


class PypiSource(_Source):
    """A source distribution on PyPI, found through the index that pip is set up to use."""

    pypi: Annotated[str, Field(description="the project's name on PyPI")]
    sha256: Sha256 | None = None


class DebianPoolSource(_Source):
    """A file of Debian's archive, by its path below the mirror."""

    debian_pool: Annotated[str, Field(pattern=r"^pool/[^ ]+$"), AfterValidator(_inside)]
    sha256: Sha256 | None = None


class LocalSource(_Source):
    """A folder of this project, packed into an archive."""

    local: RelativePath


_SOURCE_KINDS = ("url", "git", "pypi", "debian-pool", "local")


def _source_kind(value: object) -> str:
    if isinstance(value, dict):
        kinds = [kind for kind in _SOURCE_KINDS if kind in value]
        if len(kinds) == 1:
            return kinds[0]
    raise PydanticCustomError(
        "source", "a source is one of {kinds}", {"kinds": ", ".join(_SOURCE_KINDS)}
    )


Source = Annotated[
    Annotated[UrlSource, Tag("url")]
    | Annotated[GitSource, Tag("git")]
    | Annotated[PypiSource, Tag("pypi")]
    | Annotated[DebianPoolSource, Tag("debian-pool")]
    | Annotated[LocalSource, Tag("local")],
    Discriminator(_source_kind),
]


class ProviderOverride(Strict):
    """A decision for one distro, against the rule, with its reason."""

    use: Literal["build", "distro"]
    reason: Text


class Provider(Strict):
    """Where a component comes from, where a distro may have it."""

    prefer: Literal["build", "distro"] = "distro"
    version: Annotated[VersionRange, Field(description="what of the distro's fits")] = ()
    offers: Annotated[
        tuple[CapabilityField, ...],
        Field(description="what the distro's packages must offer to be used"),
    ] = ()
    on: Annotated[dict[str, ProviderOverride], Field(description="decisions by distro")] = {}


class Build(Strict):
    """How a component is built."""

    system: Annotated[BuildSystem, Field(strict=False)]
    requires: tuple[RequirementField, ...] = ()
    check_requires: tuple[RequirementField, ...] = ()
    options: Annotated[
        tuple[str, ...],
        Field(description="for configure, cmake or meson; for make and dune: of every call"),
    ] = ()
    environment: dict[str, str] = {}
    subdirectory: RelativePath | None = None
    check: Annotated[bool, Field(description="run upstream's tests")] = True


class Unit(Strict):
    """A systemd unit that a package has in the system's unit directory."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9@:_.-]+\.(service|socket|timer|path|target|mount|slice)$")
    ]
    enable: Annotated[bool, Field(description="enabled at installation")] = True
    start: Annotated[bool, Field(description="started at installation")] = True


def _unit(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class User(Strict):
    """A system user (and its group of the same name), made through sysusers.d(5)."""

    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,30}$")]
    comment: Text
    home: Annotated[str, Field(pattern=r"^/")] = "/"
    shell: Annotated[str, Field(pattern=r"^/")] = "/usr/sbin/nologin"
    groups: tuple[str, ...] = ()


class Install(Strict):
    """A file that upstream's own installation does not install.

    Attributes:
        source: path or glob below the source tree.
        to: directory it is put in.
        mode: octal permissions.
    """

    source: RelativePath
    to: Text
    mode: Annotated[str, Field(pattern=r"^0[0-7]{3}$")] = "0644"


class Scripts(Strict):
    """Shell text run around installation; what debhelper and RPM macros do is not repeated here."""

    before_install: Text | None = None
    after_install: Text | None = None
    before_remove: Text | None = None
    after_remove: Text | None = None


class Package(Strict):
    """One binary package.

    Paths are absolute or begin with a place in braces (``{bindir}/xe``); they may have wildcards,
    and one that ends in a slash is a directory with all it contains.
    """

    summary: Summary | None = None
    description: Text | None = None
    section: Annotated[str | None, Field(description="Debian's archive section")] = None
    architecture: Literal["any", "all"] = "any"
    requires: tuple[RequirementField, ...] = ()
    recommends: tuple[RequirementField, ...] = ()
    suggests: tuple[RequirementField, ...] = ()
    conflicts: tuple[RequirementField, ...] = ()
    replaces: tuple[RequirementField, ...] = ()
    offers: Annotated[
        tuple[CapabilityField, ...],
        Field(description="beyond what its files show: other components' requirements it fulfils"),
    ] = ()
    files: tuple[str, ...] = ()
    config: Annotated[tuple[str, ...], Field(description="files an administrator edits")] = ()
    directories: Annotated[tuple[str, ...], Field(description="directories made empty")] = ()
    install: tuple[Install, ...] = ()
    links: Annotated[dict[str, str], Field(description="symbolic link → its target")] = {}
    docs: Annotated[tuple[RelativePath, ...], Field(description="of the source tree")] = ()
    units: tuple[Annotated[Unit, BeforeValidator(_unit)], ...] = ()
    users: tuple[User, ...] = ()
    scripts: Scripts = Scripts()


class ChangelogEntry(Strict):
    """What changed in one version of the packaging."""

    version: Annotated[str, Field(description="version-release, as 26.4.0-1")]
    date: Date
    changes: Annotated[tuple[Text, ...], Field(min_length=1)]


class Component(Strict):
    """One source package."""

    summary: Summary
    description: Text
    homepage: Annotated[str, Field(pattern=r"^https?://")]
    license: Annotated[str, Field(min_length=2, description="SPDX expression")]
    copyright: Annotated[tuple[Text, ...], Field(description="holders, with years")] = ()
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.+~]*$")]
    release: Annotated[int, Field(ge=1)] = 1
    section: Annotated[str, Field(description="Debian's archive section")] = "admin"
    sources: tuple[Source, ...] = ()
    patches: Annotated[
        tuple[RelativePath, ...], Field(description="below patches/NAME/, in order; DEP-3 headers")
    ] = ()
    provider: Provider | None = None
    compatible: Annotated[
        dict[str, VersionRange], Field(description="component → its versions that go with this")
    ] = {}
    build: Build | None = None
    packages: dict[Name, Package] = {}
    changelog: tuple[ChangelogEntry, ...] = ()
    todo: Annotated[tuple[Text, ...], Field(description="facts still missing")] = ()


class MetaPackage(Strict):
    """A package with no payload whose dependencies are the product."""

    summary: Summary
    description: Text
    requires: Annotated[tuple[RequirementField, ...], Field(min_length=1)]
    recommends: tuple[RequirementField, ...] = ()


class Product(Strict):
    """What the packages say of who makes them.

    Attributes:
        name: of the repository, as ``xenserver-core``.
        version: of the meta-packages.
        maintainer: ``Name <address>``.
    """

    name: Name
    title: Text
    homepage: Annotated[str, Field(pattern=r"^https?://")]
    license: Text
    maintainer: Annotated[str, Field(pattern=r"^[^<>]+ <[^<>@ ]+@[^<>@ ]+>$")]
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.+~]*$")]
    date: Annotated[Date, Field(description="of this version of the meta-packages")]


class Manifest(Strict):
    """The whole of components.yaml."""

    product: Product
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    meta_packages: dict[Name, MetaPackage] = {}
