# SPDX-License-Identifier: Apache-2.0
"""Capabilities and requirements: dependencies independent of package names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from xsbuild.texts import CONTROL
from xsbuild.yamlfile import nearest

PACKAGE = "package"
INTERNAL = ""

KINDS = {
    "pkgconfig": "a pkg-config module, as pkgconfig(libxml-2.0)",
    "header": "a C header, as header(xen/xen.h)",
    "bin": "a program on PATH, as bin(cmake)",
    "lib": "a linkable library, as lib(pci)",
    "ocamlfind": "a findlib package, as ocamlfind(lwt)",
    "python3": "an importable Python module, as python3(bitarray)",
    "python3dist": "a Python distribution, as python3dist(setuptools)",
    "cmake": "a CMake package, as cmake(Foo)",
    "perl": "a Perl module, as perl(Foo::Bar)",
    "unit": "a systemd unit, as unit(stunnel.service)",
    "file": "a file, as file(/usr/share/hwdata/pci.ids)",
    "kernel": "a kernel with a feature, as kernel(dom0), or its headers: kernel(devel)",
    PACKAGE: "a package by its name in each family, as package(deb: x, rpm: y); a last resort",
}

_PACKAGE_NAME = r"/?[A-Za-z0-9][A-Za-z0-9+._/-]*"
_NAME = rf"[^\s{CONTROL}]+"
_OPERATOR = r"(?:<=|>=|<|>|=)"
_CONSTRAINT = re.compile(rf"\s*(?P<operator>{_OPERATOR})\s*(?P<version>[A-Za-z0-9.+~^_-]+)\s*")
_CAPABILITY = re.compile(r"(?P<kind>[a-z0-9]+)\((?P<name>[^()]+)\)(?P<rest>.*)", re.DOTALL)
_PLAIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9+._-]*)(?P<rest>(?:\s.*)?)", re.DOTALL)


# Tuples: planning mostly looks these up, and hashing a dataclass takes four times as long.
class Capability(NamedTuple):
    """Something that packages provide or require.

    Attributes:
        kind: a key of `KINDS`, or `INTERNAL` for a package of this manifest.
        name: the text between the parentheses, or the package's name.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}({self.name})" if self.kind else self.name

    def package_names(self) -> dict[str, str]:
        """Return names in a `PACKAGE` capability: family → name.

        Raises:
            ValueError: the text between the parentheses is not ``deb: x, rpm: y``.
        """
        pairs = [part.partition(":") for part in self.name.split(",")]
        names = {family.strip(): name.strip() for family, _, name in pairs}
        is_known = names.keys() <= {"deb", "rpm"} and len(names) == len(pairs)
        if not is_known or not all(re.fullmatch(_PACKAGE_NAME, name) for name in names.values()):
            raise ValueError(f"expected package(deb: NAME, rpm: NAME), not {self}")
        return names


@dataclass(frozen=True, order=True, slots=True)
class Constraint:
    """A bound on a version, as ``>= 4.20``."""

    operator: str
    version: str

    def __str__(self) -> str:
        return f"{self.operator} {self.version}"


class Requirement(NamedTuple):
    """A capability, with optional bounds on its version, or one of several.

    Attributes:
        capability: the capability, the preferred one where there are others.
        constraints: bounds on its version.
        others: requirements of which any will do instead, without others themselves.
    """

    capability: Capability
    constraints: tuple[Constraint, ...] = ()
    others: tuple["Requirement", ...] = ()

    def __str__(self) -> str:
        return " | ".join(map(_single, self.alternatives))

    @property
    def alternatives(self) -> tuple["Requirement", ...]:
        """Itself and the others, the preferred one first."""
        return (self._replace(others=()), *self.others)


def _single(requirement: Requirement) -> str:
    bounds = ", ".join(map(str, requirement.constraints))
    return f"{requirement.capability} {bounds}" if bounds else str(requirement.capability)


def any_of(requirements: Sequence[Requirement]) -> Requirement:
    """Return the requirement that one of some is met, the preferred one first."""
    return requirements[0]._replace(others=tuple(requirements[1:]))


def parse_constraints(text: str) -> tuple[Constraint, ...]:
    """Read ``>= 4.20, < 4.21``.

    Raises:
        ValueError: the text is invalid.
    """
    if not text.strip():
        return ()
    found = []
    for part in text.split(","):
        match = _CONSTRAINT.fullmatch(part)
        if match is None:
            raise ValueError(
                f"expected a version range such as `>= 4.20, < 4.21`, not {text.strip()!r}"
            )
        found.append(Constraint(match["operator"], match["version"]))
    return tuple(found)


def _capability(kind: str, name: str) -> Capability:
    if kind not in KINDS:
        hint = nearest(kind, KINDS) or f"known kinds: {', '.join(sorted(KINDS))}"
        raise ValueError(f"unknown kind {kind!r}; {hint}")
    capability = Capability(kind, name)
    if kind == PACKAGE:
        # Normalised, as capabilities are compared.
        names = sorted(capability.package_names().items())
        return Capability(kind, ", ".join(f"{family}: {package}" for family, package in names))
    if re.fullmatch(_NAME, name) is None:
        raise ValueError(f"expected {KINDS[kind]}, not {capability}")
    return capability


def parse_requirement(text: object) -> Requirement:
    """Read ``kind(name)`` or the name of a package of the manifest, with an optional range.

    Raises:
        ValueError: the text is invalid, or the kind unknown.
    """
    if not isinstance(text, str):
        raise ValueError(f"expected text such as pkgconfig(libxml-2.0), not {text!r}")
    stripped = text.strip()
    match = _CAPABILITY.fullmatch(stripped)
    if match:
        capability = _capability(match["kind"], match["name"].strip())
    else:
        match = _PLAIN.fullmatch(stripped)
        if match is None:
            raise ValueError(f"expected `kind(name)` or a package's name, not {stripped!r}")
        capability = Capability(INTERNAL, match["name"])
    constraints = parse_constraints(match["rest"])
    if constraints and capability.kind == PACKAGE and "rpm: /" in capability.name:
        raise ValueError(f"a path has no version in RPM: expected {capability} without a range")
    return Requirement(capability, constraints)


def parse_alternatives(text: object) -> Requirement:
    """Read requirements with ``|`` between them, of which one has to be met.

    Raises:
        ValueError: the text is invalid, or a kind unknown.
    """
    parts = text.split(" | ") if isinstance(text, str) else [text]
    return any_of([parse_requirement(part) for part in parts])


def parse_capability(text: object) -> Capability:
    """Read a requirement without version range; a capability is returned unchanged.

    Raises:
        ValueError: it has a version range, or is no requirement.
    """
    if isinstance(text, Capability):
        return text
    requirement = parse_requirement(text)
    if requirement.constraints:
        raise ValueError(f"expected a capability without a version, not {requirement}")
    return requirement.capability


def parse_provided(text: object) -> Requirement:
    """Read a virtual package: a name, or ``package(deb: x, rpm: y)``, with an optional version.

    Raises:
        ValueError: it is something else, or its version is no single one.
    """
    provided = parse_requirement(text)
    if provided.capability.kind not in (INTERNAL, PACKAGE):
        raise ValueError(f"expected the name of a virtual package, not {provided}")
    if len(provided.constraints) > 1 or any(item.operator != "=" for item in provided.constraints):
        raise ValueError(f"expected at most one version, as `{provided.capability} = 2`")
    return provided


def _text(value: object) -> str:
    return str(value)


def _range(value: object) -> tuple[Constraint, ...]:
    if not isinstance(value, str):
        raise ValueError(f"expected a version range such as `>= 4.20, < 4.21`, not {value!r}")
    return parse_constraints(value)


def _schema(text_format: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": text_format})


RequirementField = Annotated[
    Requirement,
    PlainValidator(parse_requirement),
    PlainSerializer(_text),
    _schema("requirement"),
]
AlternativesField = Annotated[
    Requirement,
    PlainValidator(parse_alternatives),
    PlainSerializer(_text),
    _schema("requirement | …"),
]
ProvidedField = Annotated[
    Requirement,
    PlainValidator(parse_provided),
    PlainSerializer(_text),
    _schema("virtual package"),
]
CapabilityField = Annotated[
    Capability, PlainValidator(parse_capability), PlainSerializer(_text), _schema("capability")
]
VersionRange = Annotated[
    tuple[Constraint, ...],
    PlainValidator(_range),
    PlainSerializer(lambda value: ", ".join(map(str, value))),
    _schema("version range"),
]
