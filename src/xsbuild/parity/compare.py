# SPDX-License-Identifier: Apache-2.0
"""Compare a package's content in the two families. Pure; readers provide the content.

Paths begin with a place of the manifest where they are below one (`{libdir}/libgreet.so.1`), and
dependencies are requirements of the manifest where they come from there.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from xsbuild.distros.model import Family
from xsbuild.parity.rules import RULES, Rule


class Aspect(StrEnum):
    """Aspects of a package that are compared."""

    PACKAGE = "package"
    FILE = "file"
    KIND = "kind"
    MODE = "mode"
    OWNER = "owner"
    TARGET = "link target"
    CONFIG = "configuration file"
    UNIT = "unit"
    USER = "user"
    LIBRARY = "linked library"
    REQUIRES = "requires"
    RECOMMENDS = "recommends"
    SUGGESTS = "suggests"
    ENHANCES = "enhances"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Entry:
    """A path of a package; None for properties that a recipe does not state.

    Attributes:
        kind: ``file``, ``directory`` or ``link``.
        mode: permissions.
        owner: user and group, as ``root:root``.
        target: where a link points, as a path with places.
        config: an upgrade leaves an administrator's changes alone.
        filled: something else of the package is below it.
    """

    kind: str | None = None
    mode: int | None = None
    owner: str | None = None
    target: str | None = None
    config: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """Content of one family's package.

    Attributes:
        entries: path → what is there; a path may be a pattern.
        units: systemd unit → ``enabled`` or ``disabled`` at installation, for those it handles.
        users: lines of sysusers.d(5).
        libraries: names, without versions, of the shared libraries that its programs are linked
            with; None if unknown.
        relations: aspect → requirements, with their bounds.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    libraries: frozenset[str] | None = None
    relations: Mapping[Aspect, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParityDifference:
    """Something that one family's package has and the other's has not, or has otherwise.

    Attributes:
        package: its name.
        aspect: what differs.
        subject: the path, unit, user or requirement.
        deb: what the deb package says; empty where it has no such thing.
        rpm: what the rpm package says.
    """

    package: str
    aspect: Aspect
    subject: str
    deb: str = ""
    rpm: str = ""

    def __str__(self) -> str:
        of = "" if self.aspect is Aspect.PACKAGE else f"{self.package}: "
        what = f"{of}{self.aspect} {self.subject}"
        if self.deb and self.rpm:
            return f"{what}: {self.deb} in deb, {self.rpm} in rpm"
        return f"{what}: only in {'deb' if self.deb else 'rpm'}"


_HAS = "yes"


def compare(
    deb: Mapping[str, Contents], rpm: Mapping[str, Contents], rules: Iterable[Rule] = ()
) -> Iterator[ParityDifference]:
    """List the differences that neither a family's own rules nor the manifest explain.

    Args:
        deb: name → what the family's package has.
        rpm: the same for the other family.
        rules: what the manifest explains.
    """
    explained = (*RULES, *rules)
    for difference in _differences(deb, rpm):
        if not any(_explains(rule, difference) for rule in explained):
            yield difference


def _explains(rule: Rule, difference: ParityDifference) -> bool:
    lacking = {Family.DEB: difference.rpm, Family.RPM: difference.deb, None: ""}
    if lacking[rule.family]:
        return False
    if rule.has not in (None, (difference.deb, difference.rpm)):
        return False
    same = rule.aspect in ("", difference.aspect.value)
    return same and fnmatchcase(difference.subject, rule.subject)


def _differences(
    deb: Mapping[str, Contents], rpm: Mapping[str, Contents]
) -> Iterator[ParityDifference]:
    for package in sorted(deb.keys() | rpm.keys()):
        if package in deb and package in rpm:
            yield from _in_package(package, deb[package], rpm[package])
        else:
            has = (_HAS, "") if package in deb else ("", _HAS)
            yield ParityDifference(package, Aspect.PACKAGE, package, *has)


def _in_package(package: str, deb: Contents, rpm: Contents) -> Iterator[ParityDifference]:
    yield from _entries(package, deb.entries, rpm.entries)
    yield from _values(package, Aspect.UNIT, deb.units, rpm.units)
    yield from _members(package, Aspect.USER, deb.users, rpm.users)
    if deb.libraries is not None and rpm.libraries is not None:
        yield from _members(package, Aspect.LIBRARY, deb.libraries, rpm.libraries)
    for aspect in sorted(deb.relations.keys() | rpm.relations.keys()):
        nothing = frozenset[str]()
        both = (deb.relations.get(aspect, nothing), rpm.relations.get(aspect, nothing))
        yield from _members(package, aspect, *both)


def _members(
    package: str, aspect: Aspect, deb: frozenset[str], rpm: frozenset[str]
) -> Iterator[ParityDifference]:
    for subject in sorted(deb ^ rpm):
        has = (_HAS, "") if subject in deb else ("", _HAS)
        yield ParityDifference(package, aspect, subject, *has)


def _values(
    package: str, aspect: Aspect, deb: Mapping[str, str], rpm: Mapping[str, str]
) -> Iterator[ParityDifference]:
    for subject in sorted(deb.keys() | rpm.keys()):
        ours, theirs = deb.get(subject, ""), rpm.get(subject, "")
        if ours != theirs:
            yield ParityDifference(package, aspect, subject, ours, theirs)


def _entries(
    package: str, deb: Mapping[str, Entry], rpm: Mapping[str, Entry]
) -> Iterator[ParityDifference]:
    for path in sorted(deb.keys() | rpm.keys()):
        ours, theirs = deb.get(path), rpm.get(path)
        if ours and theirs:
            yield from _attributes(package, path, ours, theirs)
        elif ours and not _is_covered(path, rpm, deb):
            yield ParityDifference(package, Aspect.FILE, path, deb=_HAS)
        elif theirs and not _is_covered(path, deb, rpm):
            yield ParityDifference(package, Aspect.FILE, path, rpm=_HAS)


def _is_covered(path: str, others: Mapping[str, Entry], own: Mapping[str, Entry]) -> bool:
    """Return whether the other family has an equivalent: a pattern, or an enclosing path.

    A .deb has every directory above its files, an RPM those that it owns, so that only empty ones
    count. A recipe may name a directory for all that is in it.
    """
    if any(fnmatchcase(path, other) or fnmatchcase(other, path) for other in others):
        return True
    if own[path].filled or (own[path].kind is None and _has_below(path, others)):
        return True
    return any(others[folder].kind is None for folder in _above(path) if folder in others)


def _has_below(folder: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(f"{folder}/") for path in paths)


def _above(path: str) -> Iterator[str]:
    while (path := posixpath.dirname(path)) not in ("", "/"):
        yield path


def _attributes(package: str, path: str, deb: Entry, rpm: Entry) -> Iterator[ParityDifference]:
    for aspect, ours, theirs in (
        (Aspect.KIND, deb.kind, rpm.kind),
        (Aspect.MODE, _octal(deb.mode), _octal(rpm.mode)),
        (Aspect.OWNER, deb.owner, rpm.owner),
        (Aspect.TARGET, deb.target, rpm.target),
    ):
        if ours is not None and theirs is not None and ours != theirs:
            yield ParityDifference(package, aspect, path, ours, theirs)
    # dpkg has only files as conffiles.
    if deb.config != rpm.config and "link" not in (deb.kind, rpm.kind):
        has = (_HAS, "") if deb.config else ("", _HAS)
        yield ParityDifference(package, Aspect.CONFIG, path, *has)


def _octal(mode: int | None) -> str | None:
    return None if mode is None else f"{mode:04o}"
