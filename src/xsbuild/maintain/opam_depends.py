# SPDX-License-Identifier: Apache-2.0
"""Dependencies of an opam package on Linux, without its tests and documentation. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from xsbuild.maintain.opam import Op, OpamFile, Option, Value, Word
from xsbuild.manifest.requirement import Constraint

# opam's variables that are true of an ordinary build; others are false, as are `with-test`, `dev`.
_TRUE = frozenset({"true", "build", "available"})
_EQUAL = {"os": "linux", "os-family": "linux", "os-distribution": "linux"}
_BOUNDS = frozenset({"=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Dependency:
    """One package that another depends on.

    Attributes:
        name: the opam package.
        constraints: bounds on its version; what opam excludes one by one is left out.
        build: only its build needs it.
    """

    name: str
    constraints: tuple[Constraint, ...]
    build: bool


def dependencies_of(opam: OpamFile, known: Collection[str]) -> Iterator[Dependency]:
    """Read the field ``depends``.

    Args:
        opam: the file.
        known: packages that are preferred where it names alternatives.

    Raises:
        ProblemsError: it has something that no dependency is.
    """
    for item in opam.formula("depends"):
        yield from _dependencies(opam, item, known)


def _dependencies(opam: OpamFile, item: Value, known: Collection[str]) -> Iterator[Dependency]:
    match item:
        case str():
            yield Dependency(item, (), build=False)
        case Option(value, filters):
            if all(map(_holds, filters)):
                bounds = tuple(bound for one in filters for bound in _bounds(one))
                build = any(_names(one, "build") for one in filters)
                for found in _dependencies(opam, value, known):
                    yield Dependency(found.name, found.constraints + bounds, build)
        case Op("|", operands):
            choices = [list(_dependencies(opam, one, known)) for one in operands]
            fitting = (one for one in choices if all(part.name in known for part in one))
            yield from next(fitting, choices[0])
        case Op("&", operands) | tuple(operands):
            for one in operands:
                yield from _dependencies(opam, one, known)
        case _:
            raise opam.wrong("depends", f"expected a package, not {item}")


def _holds(value: Value) -> bool:
    """Return whether a filter holds; a bound on the package's own version always does."""
    holds = True
    match value:
        case Word(name):
            holds = name in _TRUE
        case Op("!", (inner,)):
            holds = not _holds(inner)
        case Op("&", parts):
            holds = all(map(_holds, parts))
        case Op("|", parts):
            holds = any(map(_holds, parts))
        case Op("=" | "!=" as sign, (Word(name), str(text))):
            holds = (_EQUAL.get(name) == text) is (sign == "=")
    return holds


def _bounds(value: Value) -> Iterator[Constraint]:
    match value:
        case Op(sign, (str(version),)) if sign in _BOUNDS:
            # v0.17.0 is a version of Jane Street's, as 0.17.0 is of others'.
            yield Constraint(sign, version.removeprefix("v").rstrip("~"))
        case Op("&", (left, right)):
            yield from _bounds(left)
            yield from _bounds(right)
        case _:
            return


def _names(value: Value, name: str) -> bool:
    match value:
        case Word(word):
            return word == name
        case Op(sign, operands) if sign in {"&", "|"}:
            return any(_names(one, name) for one in operands)
        case _:
            return False
