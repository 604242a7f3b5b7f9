# SPDX-License-Identifier: Apache-2.0
"""The manifest's model: facts for packaging, stated once for both families.

The docstring of a key is its description in the JSON Schema and in docs/manifest.md.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from xsbuild.manifest.accounts import Group, User
from xsbuild.manifest.appliance import Appliance
from xsbuild.manifest.autopkgtest import Autopkgtest, TestName
from xsbuild.manifest.license import LicensedFiles, SpdxExpression
from xsbuild.manifest.package import (
    Directory,
    Install,
    Lint,
    Name,
    Package,
    Scripts,
    Summary,
    Triggers,
    Unit,
)
from xsbuild.manifest.patch import Date, Patch, PatchReference
from xsbuild.manifest.requirement import (
    AlternativesField,
    CapabilityField,
    RequirementField,
    VersionRange,
)
from xsbuild.manifest.source import (
    DebianPoolSource,
    GitAddress,
    GitSource,
    LocalSource,
    PypiSource,
    Source,
    UrlSource,
)
from xsbuild.strict import Documented, Duration, Like, Size, amount_of
from xsbuild.texts import (
    SHORT,
    Line,
    Maintainer,
    Paragraphs,
    RelativePath,
    Section,
    Value,
    Variable,
    Word,
)

__all__ = [
    "Appliance",
    "Autopkgtest",
    "Build",
    "ChangelogEntry",
    "Component",
    "DebianPoolSource",
    "Directory",
    "GitSource",
    "Group",
    "Install",
    "LicensedFiles",
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
    "Triggers",
    "Unit",
    "UrlSource",
    "User",
]

Version = Annotated[str, Like(r"[0-9][A-Za-z0-9.+~]*", "a version such as 1.2.3", "version"), SHORT]
Address = Annotated[str, Like(r"https?://[!-~]+", "a URL such as https://example.org", "uri")]


Option = Annotated[Value, Like(r".+", "an option, which is not empty")]


class ProviderOverride(Documented):
    """An exception to the rule for one distro, with its reason."""

    use: Literal["build", "distro"]
    """the component's origin on this distro"""
    reason: Paragraphs
    """the reason, shown in the plan"""


class Provider(Documented):
    """Rules for using the distro's own packages of a component instead of building it."""

    prefer: Literal["build", "distro"] = "distro"
    """preferred origin if the distro's own packages are suitable"""
    version: VersionRange = ()
    """suitable versions of the distro's packages; default: any"""
    offers: tuple[CapabilityField, ...] = ()
    """capabilities that the distro's packages must provide to be used"""
    lacks: Paragraphs | None = None
    """feature that the distro's packages lack, shown in the plan where they are used"""
    on: dict[Word, ProviderOverride] = Field(default_factory=dict)
    """exceptions by distro"""


class Build(Documented):
    """How a component is built."""

    system: Word
    """upstream's build system"""
    requires: tuple[RequirementField, ...] = ()
    """build dependencies"""
    check_requires: tuple[RequirementField, ...] = ()
    """additional dependencies of its tests"""
    options: tuple[Option, ...] = ()
    """arguments of configure, cmake or meson, of builds and tests with cargo or go, or of every
    call of make or dune; with places, `{version}` and `{name}`"""
    environment: dict[Variable, Value] = Field(default_factory=dict)
    """environment variables of the build; with places, `{version}` and `{name}`"""
    subdirectory: RelativePath | None = None
    """directory in which upstream's build starts; default: the top of the source"""
    check: bool = True
    """run upstream's tests"""
    memory: Size | None = None
    """peak memory of a build; builds run in parallel only if their sum fits"""
    timeout: Duration | None = None
    """longest time of a build, as `10 h`; default: `build-time` of the user's limits, 6 h"""
    silence: Duration | None = None
    """longest time without output, as `90 min`; default: `build-silence` of them, 1 h"""

    @property
    def memory_bytes(self) -> int:
        """`memory` in bytes; 0 if unset."""
        return amount_of(self.memory) if self.memory else 0


class ChangelogEntry(Documented):
    """Changes in one version of the packaging."""

    version: Annotated[
        str,
        Like(r"([0-9]+:)?[0-9][A-Za-z0-9.+~]*-[1-9][0-9]*", "version-release such as 26.4.0-1"),
    ]
    """version and release, as `26.4.0-1`, after the epoch if there is one, as `1:26.4.0-1`"""
    date: Date
    """date of the version; the newest is the date of all files in the packages"""
    changes: Annotated[tuple[Paragraphs, ...], Field(min_length=1)]
    """changes, one sentence each"""


class Todo(Documented):
    """A missing fact. A plain text stands for one that does not prevent a build."""

    text: Paragraphs
    """the missing fact"""
    blocks: bool = False
    """the component cannot work without it, and is not built"""


def _todo(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


TodoField = Annotated[Todo, BeforeValidator(_todo, json_schema_input_type=str | Todo)]


class Component(Documented):
    """A source package."""

    summary: Summary
    """one line, under 80 characters, no full stop"""
    description: Paragraphs
    """long description, in paragraphs"""
    homepage: Address
    """upstream's home page"""
    license: SpdxExpression
    """SPDX expression"""
    copyright: tuple[Line, ...] = ()
    """copyright holders, with years"""
    licensed_files: tuple[LicensedFiles, ...] = ()
    """parts of the source under other licences; the last one that matches a file applies"""
    version: Version
    """upstream's version, in quotes if it looks like a number"""
    epoch: Annotated[int, Field(ge=0)] = 0
    """epoch, raised when upstream's versions start over from lower numbers"""
    release: Annotated[int, Field(ge=1)] = 1
    """release of the packaging of this version"""
    section: Section = "admin"
    """Debian's archive section"""
    sources: tuple[Source, ...] = ()
    """sources, the main one first; others are unpacked in a directory below it"""
    patches: tuple[Patch, ...] = ()
    """patches, in order: files below patches/NAME/ with DEP-3 headers, or references"""
    provider: Provider | None = None
    """rules for using the distro's own packages; without them it is always built"""
    compatible: dict[Word, VersionRange] = Field(default_factory=dict)
    """component → its versions that are compatible with this one"""
    build: Build | None = None
    """how it is built; optional if every distro provides it"""
    packages: dict[Name, Package] = Field(default_factory=dict)
    """binary packages, by name"""
    tests: dict[TestName, Autopkgtest] = Field(default_factory=dict)
    """deb: tests of the installed packages, by name (debian/tests)"""
    changelog: tuple[ChangelogEntry, ...] = ()
    """changes of the packaging, the newest first"""
    lint: Lint = Lint()
    """overrides of lintian and rpmlint for the source package and its spec file"""
    differs: dict[Line, Paragraphs] = Field(default_factory=dict)
    """expected differences between the two families' packages (a path with its place, a unit, a
    user, a requirement; may have wildcards), with the reason"""
    todo: tuple[TodoField, ...] = ()
    """missing facts"""

    @property
    def patch_references(self) -> tuple[PatchReference, ...]:
        """The patches that are fetched."""
        return tuple(patch for patch in self.patches if not isinstance(patch, str))

    @property
    def full_version(self) -> str:
        """Version and release, after the epoch if there is one, without a distro's suffix."""
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}-{self.release}"


class MetaPackage(Documented):
    """A package with no payload whose dependencies are the product."""

    summary: Summary
    """one line, under 80 characters, no full stop"""
    description: Paragraphs
    """long description, in paragraphs"""
    requires: Annotated[tuple[AlternativesField, ...], Field(min_length=1)]
    """packages it depends on"""
    recommends: tuple[AlternativesField, ...] = ()
    """packages it recommends, installed by default"""


class Product(Documented):
    """The product of the packages."""

    name: Name
    """name of the repository, as `xenserver-core`"""
    title: Line
    """display name"""
    homepage: Address
    """home page"""
    license: SpdxExpression
    """licence of the packaging, SPDX expression"""
    maintainer: Maintainer
    """maintainer of the packages, as `Name <address>`"""
    vcs_git: GitAddress | None = None
    """deb: the git repository of this packaging, as in the field Vcs-Git"""
    vcs_browser: Address | None = None
    """deb: a web page to browse it"""
    version: Version
    """version of the meta-packages"""
    date: Date
    """release of this version of the meta-packages"""


class Manifest(Documented):
    """The whole of components.yaml."""

    product: Product
    """the product"""
    components: Annotated[dict[Name, Component], Field(min_length=1)]
    """source packages, by name"""
    meta_packages: dict[Name, MetaPackage] = Field(default_factory=dict)
    """meta-packages, by name"""
    appliances: dict[Name, Appliance] = Field(default_factory=dict)
    """appliances, by name, the default one first"""
