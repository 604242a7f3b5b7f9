# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of a binary package."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from xsbuild.distros.model import Family
from xsbuild.manifest.accounts import Group, User
from xsbuild.manifest.requirement import (
    AlternativesField,
    CapabilityField,
    ProvidedField,
    Requirement,
    RequirementField,
)
from xsbuild.manifest.upgrades import Upgrade
from xsbuild.strict import Documented, Like
from xsbuild.texts import (
    CONTROL,
    SHORT,
    Line,
    Paragraphs,
    RelativePath,
    Script,
    Section,
    fitting_path,
)

Summary = Annotated[
    str,
    Like(
        rf"[^{CONTROL}]{{3,78}}[^{CONTROL}. ]", "one line of 4 to 79 characters without a full stop"
    ),
]
AbsolutePath = Annotated[
    str,
    Like(rf"/[^{CONTROL}]*", "an absolute path", "absolute path"),
    AfterValidator(fitting_path),
]
Path = Annotated[str, Like(rf"[^{CONTROL}]+", "a path", "path"), AfterValidator(fitting_path)]
# rpmbuild copies documentation by a shell command with names in double quotes. A wildcard for
# directories would stand for several files of one name.
DocPath = Annotated[
    RelativePath,
    Like(
        r'(?:[^$`"\\*?\[/]*/)*[^$`"\\/]+/?',
        'a path without $, `, " and \\, and with wildcards only in its last part',
        "relative path",
    ),
]
Mode = Annotated[str, Like(r"0[0-7]{3}", 'permissions such as "0755"')]
# As the linters print it after the name of the package, but without its level.
Finding = Annotated[
    str,
    Like(
        rf"[a-z%][A-Za-z0-9%.+/_-]*( [^ {CONTROL}]([^{CONTROL}]*[^ {CONTROL}])?)?",
        "a tag such as no-manual-page, or a tag and its context",
    ),
]


class Unit(Documented):
    """A systemd unit in the system's unit directory.

    A plain name stands for a unit that is enabled and started.
    """

    name: Annotated[
        str,
        Like(
            r"[A-Za-z0-9@:_.\\-]+\.(service|socket|timer|path|target|mount|automount|swap|slice)",
            "a unit name such as greetd.service",
        ),
    ]
    """the file's name"""
    enable: bool = True
    """enabled at installation"""
    start: bool = True
    """started at installation"""


def _unit(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


UnitField = Annotated[Unit, BeforeValidator(_unit, json_schema_input_type=str | Unit)]


class Directory(Documented):
    """An empty directory. A plain path stands for one with mode 0755."""

    path: Path
    """its path"""
    mode: Mode = "0755"
    """octal permissions"""


def _directory(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


DirectoryField = Annotated[
    Directory, BeforeValidator(_directory, json_schema_input_type=str | Directory)
]


class Install(Documented):
    """A file of the source that upstream's installation does not install."""

    source: RelativePath
    """path or glob below the source tree"""
    to: Path
    """target directory"""
    mode: Mode = "0644"
    """octal permissions"""


# Debian Policy 5.6.1; RPM allows more.
Name = Annotated[
    str,
    Like(r"[a-z0-9][a-z0-9+.-]+", "a name in lower-case letters, digits and +.-", "name"),
    SHORT,
]


class FamilyNames(Documented):
    """Names of a package that differ from its name in the manifest."""

    deb: Name | None = None
    """as `libgreet-dev`"""
    rpm: Annotated[str, Like(r"[A-Za-z0-9][A-Za-z0-9+._-]*", "a package's name", "name")] | None = (
        None
    )
    """as `greet-devel`"""

    def of(self, family: Family) -> str | None:
        """Return the name in a family; None where it is that of the manifest."""
        return {Family.DEB: self.deb, Family.RPM: self.rpm}[family]


class Scripts(Documented):
    """Maintainer scripts, in shell; debhelper and RPM macros add their own."""

    before_install: Script | None = None
    """run before the package's files are unpacked"""
    after_install: Script | None = None
    """run after the files were unpacked"""
    before_remove: Script | None = None
    """run before the files are removed"""
    after_remove: Script | None = None
    """run after the files were removed"""


class Lint(Documented):
    """Overrides of lintian(1) and rpmlint(1).

    A finding is a tag, or a tag and the text after it, in which `*` stands for any text:
    `no-manual-page [usr/bin/xe*]`. The reason is written beside the override.
    """

    lintian: dict[Finding, Line] = Field(default_factory=dict)
    """finding of lintian → why it is overridden"""
    rpmlint: dict[Finding, Line] = Field(default_factory=dict)
    """finding of rpmlint → why it is overridden"""


class Triggers(Documented):
    """A command that runs after packages installed or removed files below some paths.

    It also runs after its own package is installed.
    """

    paths: Annotated[
        tuple[
            Annotated[
                str,
                Like(
                    r"(/|\{[a-z0-9_]+\}/)[A-Za-z0-9_.+~/@-]*",
                    "a path without spaces and wildcards, such as {datadir}/icons/",
                    "path",
                ),
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    """files and directories; a directory stands for all files below it"""
    script: Script
    """the command, in shell; a failure does not fail the installation of the other package"""


class Package(Documented):
    """A binary package.

    A path is absolute or begins with a place in braces (`{bindir}/xe`); it may have wildcards. A
    path that ends in a slash is a directory with all of its content.
    """

    names: FamilyNames = FamilyNames()
    """names that it has instead in one family or the other"""
    summary: Summary | None = None
    """one line, under 80 characters, no full stop; default: the component's"""
    description: Paragraphs | None = None
    """long description, in paragraphs; default: the component's"""
    section: Section | None = None
    """Debian's archive section; default: the component's"""
    architecture: Literal["any", "all"] = "any"
    """`all` if the package is the same for every machine"""
    multi_arch: Literal["same", "foreign", "allowed"] | None = None
    """deb: the field Multi-Arch; rpm packages of several architectures need none"""
    requires: tuple[AlternativesField, ...] = ()
    """dependencies; linked libraries are added automatically"""
    pre_depends: tuple[AlternativesField, ...] = ()
    """dependencies that must be installed before its files; rpm: `Requires(pre)`"""
    recommends: tuple[AlternativesField, ...] = ()
    """weak dependencies, installed by default; one that a distro lacks is omitted there"""
    suggests: tuple[AlternativesField, ...] = ()
    """suggested packages"""
    enhances: tuple[RequirementField, ...] = ()
    """packages that suggest this one"""
    provides: tuple[ProvidedField, ...] = ()
    """virtual packages, as `mail-agent`, `mail-agent = 2` or `package(deb: x, rpm: y)`"""
    conflicts: tuple[RequirementField, ...] = ()
    """packages that cannot be installed together with it"""
    replaces: tuple[RequirementField, ...] = ()
    """packages whose files it takes over, or that it supersedes"""
    offers: tuple[CapabilityField, ...] = ()
    """further capabilities it provides, beside those derived from its files"""
    files: tuple[Path, ...] = ()
    """files of upstream's installation; those below `{sysconfdir}` are configuration files"""
    config: tuple[Path, ...] = ()
    """other configuration files, kept on upgrade if edited"""
    directories: tuple[DirectoryField, ...] = ()
    """empty directories"""
    install: tuple[Install, ...] = ()
    """files of the source that upstream does not install"""
    links: dict[Path, Path] = {}
    """symbolic link → its target"""
    docs: tuple[DocPath, ...] = ()
    """documentation files of the source tree; those of one name keep their directories"""
    units: tuple[UnitField, ...] = ()
    """systemd units"""
    users: tuple[User, ...] = ()
    """system users"""
    groups: tuple[Group, ...] = ()
    """system groups without a user"""
    scripts: Scripts = Scripts()
    """maintainer scripts"""
    lint: Lint = Lint()
    """overrides of lintian and rpmlint"""
    triggers: Triggers | None = None
    """a command to run when other packages change files"""
    upgrades: tuple[Upgrade, ...] = ()
    """changes of earlier versions' files that package managers do not make by themselves"""
    symbols: RelativePath | None = None
    """deb: file of the project with the symbols of its shared library (deb-symbols(5))"""

    @model_validator(mode="after")
    def _one_for_each_architecture(self) -> Self:
        if self.multi_arch == "same" and self.architecture == "all":
            raise ValueError("multi-arch: same requires architecture: any (deb-control(5))")
        return self

    @property
    def needed(self) -> Mapping[str, tuple[Requirement, ...]]:
        """Relations to packages that have to be known, by key of the manifest."""
        return {
            "requires": self.requires,
            "recommends": self.recommends,
            "suggests": self.suggests,
            "pre-depends": self.pre_depends,
            "enhances": self.enhances,
        }

    @property
    def strictly_needed(self) -> tuple[Requirement, ...]:
        """What has to be installed with it."""
        return (*self.requires, *self.pre_depends)
