# SPDX-License-Identifier: Apache-2.0
"""What the manifest says of one binary package."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from xsbuild.manifest.requirement import CapabilityField, RequirementField
from xsbuild.manifest.source import RelativePath
from xsbuild.manifest.text import CONTROL, Gecos, Paragraphs, Section
from xsbuild.strict import Documented, Like

Summary = Annotated[
    str,
    Like(
        rf"[^{CONTROL}]{{3,78}}[^{CONTROL}. ]", "one line of 4 to 79 characters without a full stop"
    ),
]
AbsolutePath = Annotated[str, Like(rf"/[^{CONTROL}]*", "an absolute path", "absolute path")]
# sysusers.d(5) separates fields by spaces, passwd(5) by colons; `%` begins a specifier.
Home = Annotated[
    str, Like(r"/[A-Za-z0-9_.+/-]*", "an absolute path without spaces", "absolute path")
]
Path = Annotated[str, Like(rf"[^{CONTROL}]+", "a path", "path")]
Mode = Annotated[str, Like(r"0[0-7]{3}", 'permissions such as "0755"')]
Account = Annotated[str, Like(r"[a-z_][a-z0-9_-]{0,30}", "a name such as _greetd")]


# What -1 is in 16 bits, which programs took for an error: sysusers.d(5) refuses it.
_NO_ID = 0xFFFF


def _id(value: int) -> int:
    if value == _NO_ID:
        raise ValueError(f"sysusers.d(5) does not accept the id {value}; create it in `scripts`")
    return value


Id = Annotated[int, Field(ge=1, lt=0xFFFFFFFF), AfterValidator(_id)]


class Unit(Documented):
    """A systemd unit that a package has in the system's unit directory.

    A name alone is short for a unit that is enabled and started.
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


class Group(Documented):
    """A system group, made through sysusers.d(5)."""

    name: Account
    """its name"""
    id: Id | None = None
    """its number, where programs have it built in"""


class User(Documented):
    """A system user (and its group of the same name), made through sysusers.d(5)."""

    name: Account
    """its name"""
    id: Id | None = None
    """its number and its group's, where programs have it built in"""
    comment: Gecos
    """what it is for"""
    home: Home = "/"
    """its home directory, which is not made"""
    shell: Home = "/usr/sbin/nologin"
    """its shell"""
    groups: tuple[Account, ...] = ()
    """further groups that it is in"""


class Directory(Documented):
    """A directory made empty. A path alone is short for one that everyone may enter."""

    path: Path
    """where it is"""
    mode: Mode = "0755"
    """octal permissions"""


def _directory(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


DirectoryField = Annotated[
    Directory, BeforeValidator(_directory, json_schema_input_type=str | Directory)
]


class Install(Documented):
    """A file that upstream's own installation does not install."""

    source: RelativePath
    """path or glob below the source tree"""
    to: Path
    """directory it is put in"""
    mode: Mode = "0644"
    """octal permissions"""


class Scripts(Documented):
    """Shell text run around installation; what debhelper and RPM macros do is not repeated here."""

    before_install: Paragraphs | None = None
    """before the package's files are there"""
    after_install: Paragraphs | None = None
    """once they are there"""
    before_remove: Paragraphs | None = None
    """while they are still there"""
    after_remove: Paragraphs | None = None
    """once they are gone"""


class Package(Documented):
    """One binary package.

    A path is absolute or begins with a place in braces (`{bindir}/xe`); it may have wildcards, and
    one that ends in a slash is a directory with all it contains.
    """

    summary: Summary | None = None
    """one line, under 80 characters, no full stop; the component's where it is left out"""
    description: Paragraphs | None = None
    """paragraphs for a person who wonders whether to install it; the component's where left out"""
    section: Section | None = None
    """Debian's archive section; the component's where it is left out"""
    architecture: Literal["any", "all"] = "any"
    """`all` where the same package serves every machine"""
    requires: tuple[RequirementField, ...] = ()
    """what must be installed with it; libraries that its programs link are found by themselves"""
    recommends: tuple[RequirementField, ...] = ()
    """what is installed with it unless a user says no"""
    suggests: tuple[RequirementField, ...] = ()
    """what makes it more useful"""
    conflicts: tuple[RequirementField, ...] = ()
    """what cannot be installed beside it"""
    replaces: tuple[RequirementField, ...] = ()
    """packages whose files or whose place it takes"""
    offers: tuple[CapabilityField, ...] = ()
    """beyond what its files show: other components' requirements that it fulfils"""
    files: tuple[Path, ...] = ()
    """what upstream installs that belongs to it"""
    config: tuple[Path, ...] = ()
    """files an administrator edits, which an upgrade leaves alone"""
    directories: tuple[DirectoryField, ...] = ()
    """directories made empty"""
    install: tuple[Install, ...] = ()
    """files that upstream does not install"""
    links: dict[Path, Path] = {}
    """symbolic link → its target"""
    docs: tuple[RelativePath, ...] = ()
    """documentation, of the source tree"""
    units: tuple[UnitField, ...] = ()
    """systemd units"""
    users: tuple[User, ...] = ()
    """system users"""
    groups: tuple[Group, ...] = ()
    """system groups that no user goes with"""
    scripts: Scripts = Scripts()
    """shell text run around installation"""
