# SPDX-License-Identifier: Apache-2.0
"""Relations of packages as each family writes them, and back to requirements of the manifest."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from debian.deb822 import PkgRelation

from xsbuild.distros.model import Family
from xsbuild.manifest.model import Package
from xsbuild.manifest.requirement import INTERNAL, Capability, Requirement, any_of
from xsbuild.parity.compare import Aspect, Contents
from xsbuild.recipes.debian_control import bounds

Names = Mapping[Capability, tuple[str, ...]]
# aspect → its fields of debian/control, its tags of an RPM's header
_FIELDS = {
    Aspect.REQUIRES: (("Depends", "Pre-Depends"), ("REQUIRE",)),
    Aspect.RECOMMENDS: (("Recommends",), ("RECOMMEND",)),
    Aspect.SUGGESTS: (("Suggests",), ("SUGGEST",)),
    Aspect.ENHANCES: (("Enhances",), ("ENHANCE",)),
    Aspect.CONFLICTS: (("Conflicts", "Breaks"), ("CONFLICT", "OBSOLETE")),
}
# A query format (rpm(8)) of which `rpm_relations` reads the lines.
RELATIONS_QUERY = "".join(
    f"[{aspect.name}\\t%{{{tag}NAME}} %{{{tag}FLAGS:depflags}} %{{{tag}VERSION}}\\n]"
    for aspect, (_fields, tags) in _FIELDS.items()
    for tag in tags
)
_SAME = "of this version"
_EPOCH = re.compile(r"\b\d+:")  # of a distro's package, which the manifest does not state
_ARCHITECTURE = re.compile(r"\((?:x86-64|x86-32|aarch-64)\)$")
_RPM_RELATION = re.compile(r"(?P<name>\S+)(?: (?P<bound>[<>=]+ \S+))?")
# What belongs to rpm itself: https://rpm-software-management.github.io/rpm/manual/dependencies.html
_RPM_OWN = re.compile(r"(?:rpmlib|config|rtld)\(|warning: |manual\(none\)|\(none\)")
# Libraries that programs are linked with: the programs themselves are asked instead.
_LIBRARY = {
    Family.DEB: re.compile(r"(?:lib|zlib)\S*"),
    Family.RPM: re.compile(r"\S+\.so(?:\.\S+)?\(.*"),
}
_PYTHON = re.compile(r"python3(?::any)?|python\(abi\)|/usr/bin/python3?(?:\.\d+)?")
_INTERPRETER, _STATED = "python3", "bin(python3)"
_MODULE = re.compile(r"python3(?:\.\d+)?dist\((?P<dist>[^)]+)\)|python3-(?P<deb>\S+)")


@dataclass(frozen=True, slots=True)
class Clause:
    """One relation: any of some names, within bounds."""

    names: tuple[str, ...]
    bounds: frozenset[str] = frozenset()


Relations = Mapping[Aspect, Sequence[Clause]]


@dataclass(frozen=True, slots=True)
class Read:
    """Content of a package, with relations in its family's syntax.

    Attributes:
        contents: all but relations.
        relations: by aspect.
    """

    contents: Contents
    relations: Relations


def deb_relations(control: Mapping[str, str]) -> Relations:
    """Read the relation fields of a paragraph of debian/control (Policy 7.1)."""
    return {
        aspect: _deb_clauses(", ".join(control[name] for name in fields if control.get(name)))
        for aspect, (fields, _tags) in _FIELDS.items()
    }


def _deb_clauses(text: str) -> list[Clause]:
    found: dict[tuple[str, ...], set[str]] = {}
    for alternatives in PkgRelation.parse_relations(text) if text else ():
        names = tuple(item["name"] for item in alternatives)
        versions = {item["version"] for item in alternatives if item.get("version")}
        pairs = filter(None, versions)
        texts = {f"({operator} {_EPOCH.sub('', version)})" for operator, version in pairs}
        found.setdefault(names, set()).update(texts)
    return [Clause(names, frozenset(texts)) for names, texts in found.items()]


def rpm_relations(lines: Iterable[str]) -> Relations:
    """Parse rpm's output for `RELATIONS_QUERY`; other lines are ignored."""
    pairs = [line.split("\t") for line in lines if "\t" in line]
    return {
        aspect: _rpm_clauses(text for name, text, *_ in pairs if name == aspect.name)
        for aspect in _FIELDS
    }


def _rpm_clauses(lines: Iterable[str]) -> list[Clause]:
    found: dict[tuple[str, ...], set[str]] = {}
    for line in lines:
        text = " ".join(line.split())
        if not text or _RPM_OWN.match(text):
            continue
        parts = text[1:-1].split(" or ") if text.startswith("(") else [text]
        matches = [match for part in parts if (match := _RPM_RELATION.fullmatch(part))]
        names = tuple(_ARCHITECTURE.sub("", match["name"]) for match in matches)
        if len(names) < len(parts):  # a condition: dependencies(7)
            names, matches = (text,), []
        limits = {_EPOCH.sub("", match["bound"]) for match in matches if match["bound"]}
        found.setdefault(names, set()).update(limits)
    return [Clause(names, frozenset(texts)) for names, texts in found.items()]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Vocabulary of one family for the requirements of a component's packages.

    Attributes:
        family: which family.
        names: capability → its packages on the distro.
        version: of the component's packages, as the family has it.
        libraries: packages of the project that have shared libraries.
        own: package of the manifest → its name in the family, where they differ.
    """

    family: Family
    names: Names
    version: str
    libraries: Collection[str]
    own: Mapping[str, str] = field(default_factory=dict)

    def contents(self, read: Read, package: Package) -> Contents:
        """Return content of a package, with relations in family-neutral terms.

        They are the requirements of the manifest that are there, and what else is; what programs
        are linked with is not.
        """
        stated = {
            Aspect.REQUIRES: package.strictly_needed,
            Aspect.RECOMMENDS: package.recommends,
            Aspect.SUGGESTS: package.suggests,
            Aspect.ENHANCES: package.enhances,
            Aspect.CONFLICTS: (*package.conflicts, *package.replaces),
        }
        relations = {
            aspect: self._requirements(clauses, stated[aspect])
            for aspect, clauses in read.relations.items()
        }
        return replace(read.contents, relations=relations)

    def _requirements(
        self, clauses: Iterable[Clause], stated: Iterable[Requirement]
    ) -> frozenset[str]:
        by_names = {clause.names: clause for clause in clauses}
        known: set[tuple[str, ...]] = set()
        found: set[str] = set()
        for requirement in stated:
            names = tuple(
                name for item in requirement.alternatives for name in self._names(item.capability)
            )
            if clause := by_names.get(names):
                known.add(names)
                text = self._text(requirement, clause)
                # what a package states and what the tools find have one name or two
                found.add(_INTERPRETER if text == _STATED else text)
        for names in by_names:
            if _PYTHON.fullmatch(names[0]):
                found.add(_INTERPRETER)
            elif names not in known:
                found.update(self._generated(names))
        return frozenset(found)

    def _names(self, capability: Capability) -> tuple[str, ...]:
        if capability.kind == INTERNAL:
            return (self.own.get(capability.name, capability.name),)
        return self.names.get(capability, ())

    def _text(self, requirement: Requirement, clause: Clause) -> str:
        if any("=" in bound and self.version in bound for bound in clause.bounds):
            return f"{requirement.capability} {_SAME}"

        def bounded(item: Requirement) -> Requirement:
            kept = (
                constraint
                for constraint in item.constraints
                if clause.bounds.intersection((str(constraint), *bounds([constraint])))
            )
            return item._replace(constraints=tuple(kept))

        return str(any_of([*map(bounded, requirement.alternatives)]))

    def _generated(self, names: tuple[str, ...]) -> Iterator[str]:
        """Yield relations generated by a family's tools or added by a recipe."""
        name = names[0]
        if name in self.libraries or _LIBRARY[self.family].fullmatch(name):
            return
        if module := _MODULE.fullmatch(name):
            # https://packaging.python.org/en/latest/specifications/name-normalization/
            yield f"python3dist({re.sub('[-_.]+', '-', module['dist'] or module['deb']).lower()})"
        else:
            yield " | ".join(names)
