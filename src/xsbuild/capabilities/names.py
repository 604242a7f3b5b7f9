# SPDX-License-Identifier: Apache-2.0
"""Package names of requirements on a distro, for control and spec files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from xsbuild.capabilities.family import capabilities_of
from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.versions import differ_in_numbers_only, has_version, satisfies
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.manifest.requirement import (
    INTERNAL,
    PACKAGE,
    Capability,
    Requirement,
    parse_capability,
)

Names = Mapping[Capability, tuple[str, ...]]


class NotLockedError(InputError):
    """Requirements have no names, as the distro has no lock yet."""


def names_for(
    requirements: Iterable[Requirement],
    distro: Distro,
    lock: Lock | None,
    internal: Names,
    *,
    needed_by: str = "",
    users: Mapping[Requirement, str] = MappingProxyType({}),
    weak: Collection[Requirement] = (),
) -> dict[Capability, tuple[str, ...]]:
    """Find the package names of requirements on a distro.

    In order: packages of the manifest, the distro's `names`, ``package(deb: x, rpm: y)`` (an
    omitted family requires nothing), names that rpm packages provide, the lock, and, where that
    does not have it, the path of its file in the rpm family.

    Args:
        internal: capability → packages of the manifest that provide it.
        needed_by: the dependent component or package, for the error.
        users: requirement → the package of `needed_by` that has it, for the error.
        weak: those that need no name where the lock says that the distro lacks them.

    Returns:
        Capability → alternative names; none of a weak requirement that the distro lacks.

    Raises:
        NotLockedError: listing every requirement without a name, as the distro has no lock.
        InputError: listing every requirement without a name, or with an unsuitable version.
    """
    found, problems = known_names(requirements, distro, lock, internal)
    dispensable = {
        one for item in weak if lock and _is_locked(item, lock) for one in item.alternatives
    }
    problems = {item: text for item, text in problems.items() if item not in dispensable}
    if problems:
        unlocked = lock is None and all(item.capability.kind != INTERNAL for item in problems)
        error = NotLockedError if unlocked else InputError
        lines = [
            f"{text}, required by {users[item]}" if item in users else text
            for item, text in problems.items()
        ]
        raise _not_found(lines, distro, needed_by, error)
    return found


def _is_locked(requirement: Requirement, lock: Lock) -> bool:
    asked = {item.capability for item in requirement.alternatives}
    return asked <= lock.capabilities.keys() | set(lock.missing)


def known_names(
    requirements: Iterable[Requirement], distro: Distro, lock: Lock | None, internal: Names
) -> tuple[dict[Capability, tuple[str, ...]], dict[Requirement, str]]:
    """Find the package names of requirements, as `names_for`, and the requirements without one.

    Returns:
        Capability → names, and requirement → the reason why it has no name.
    """
    found: dict[Capability, tuple[str, ...]] = {}
    problems: dict[Requirement, str] = {}
    for requirement in requirements:
        missing: dict[Requirement, str] = {}
        for item in requirement.alternatives:
            names = _internal_names(item.capability, internal)
            if names is None:
                name, problem = _external_name(item, distro, lock)
                names = (name,) if name else ()
                if problem:
                    missing[item] = problem
            found[item.capability] = names
        if len(missing) == len(requirement.alternatives):
            problems |= missing
    return found, problems


def _internal_names(capability: Capability, internal: Names) -> tuple[str, ...] | None:
    names = internal.get(capability)
    if names and capability.kind == INTERNAL:
        return (capability.name,)  # others than the manifest's may provide a virtual package, too
    return names


def _external_name(
    requirement: Requirement, distro: Distro, lock: Lock | None
) -> tuple[str | None, str | None]:
    """Return a name, or a problem, or neither if the family requires nothing."""
    capability = requirement.capability
    name = _stated_name(capability, distro)
    if name or capability.kind == PACKAGE:
        return name, None
    locked = lock.capabilities.get(capability) if lock else None
    if locked and not satisfies(locked.version, requirement.constraints, distro.family):
        return None, f"{requirement}: {distro.name} has {locked.package} {locked.version}"
    family = capabilities_of(distro.family)
    name = family.native_name(requirement, locked=locked is not None)
    if name or locked:
        return name or (locked.package if locked else None), None
    if capability.kind == INTERNAL:
        return None, f"{capability}: no package of the manifest that is built here"
    if lock and capability in lock.missing:
        return None, f"{capability}: not in {distro.name}"
    path = family.path_of(requirement, distro)
    return path, None if path else f"{capability}: not locked"


def has_name(requirement: Requirement, distro: Distro) -> bool:
    """Return whether a requirement from outside has a name on a distro without a lock."""
    if requirement.capability.kind == PACKAGE and requirement.constraints:
        return False  # the lock says which epoch its versions have
    return _external_name(requirement, distro, None)[1] is None


def _stated_name(capability: Capability, distro: Distro) -> str | None:
    if capability.kind == PACKAGE:
        return capability.package_names().get(distro.family)
    return stated_names(distro).get(capability)


def stated_names(distro: Distro) -> dict[Capability, str]:
    """Return the packages of capabilities that a distro's file states.

    Raises:
        InputError: one is no capability.
    """
    try:
        return {parse_capability(text): name for text, name in distro.names.items()}
    except ValueError as error:
        raise InputError(f"{distro.name}: names: {error}", code="XSB-DISTRO-CAPABILITY") from error


def _not_found(
    problems: Sequence[str],
    distro: Distro,
    needed_by: str,
    error: type[InputError] = InputError,
) -> InputError:
    needs = f" needed by {needed_by}" if needed_by else ""
    lines = "\n".join(f"  {problem}" for problem in dict.fromkeys(problems))
    return error(
        f"capabilities{needs} have no package on {distro.name}\n{lines}",
        hint=f"`xsbuild lock --distro {distro.name}` looks again; `xsbuild resolve` shows what "
        "there is; a component of the manifest may offer one",
        code="XSB-LOCK-UNRESOLVED",
    )


def meta_names(
    requirements: Iterable[Requirement],
    distros: Sequence[Distro],
    locks: Mapping[str, Lock],
    internal: Names,
    *,
    needed_by: str = "",
) -> dict[Capability, tuple[str, ...]]:
    """Find names that fulfil requirements on every distro of one family, as alternatives.

    Args:
        distros: distros of one family.
        locks: distro → its lock, if it has one.
        internal: capability → packages of the manifest that provide it; they come first.

    Raises:
        InputError: a requirement has no name on some distro, or a name has a version in it.
    """
    found: dict[Capability, tuple[str, ...]] = {}
    for requirement in requirements:
        names: dict[Capability, dict[str, None]] = {
            item.capability: dict.fromkeys(_internal_names(item.capability, internal) or ())
            for item in requirement.alternatives
        }
        for distro in distros:
            known, problems = known_names([requirement], distro, locks.get(distro.name), {})
            if problems and not any(capability in internal for capability in names):
                raise _not_found(list(problems.values()), distro, needed_by)
            for capability, there in known.items():
                names[capability] |= dict.fromkeys(there)
        for capability, all_names in names.items():
            found[capability] = tuple(all_names)
            _refuse_versions(capability, found[capability], locks.values())
    return found


def _refuse_versions(capability: Capability, names: tuple[str, ...], locks: Iterable[Lock]) -> None:
    seen = [lock.capabilities[capability] for lock in locks if capability in lock.capabilities]
    versioned = [item.package for item in seen if has_version(item.package, item.version)]
    versioned += differ_in_numbers_only(names)
    if versioned:
        listed = ", ".join(sorted(set(versioned)))
        raise InputError(
            f"{capability}: these names have a version in them: {listed}",
            hint="ask for something an unversioned package has, or name one under `names` of the "
            "distros",
            code="XSB-LOCK-VERSIONED-NAME",
        )
