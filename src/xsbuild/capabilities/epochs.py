# SPDX-License-Identifier: Apache-2.0
"""Epochs of a distro's packages, put into the bounds of requirements on them. Pure.

The manifest compares upstream versions, the same everywhere. A package with an epoch is later than
any version without one, so that a relation on it needs the epoch, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.names import Names
from xsbuild.errors import InputError
from xsbuild.manifest.model import Build, Component, MetaPackage, Package
from xsbuild.manifest.requirement import Requirement

_NONE = frozenset({""})
_Part = TypeVar("_Part", Build, Package, MetaPackage)
Epochs = Mapping[str, frozenset[str]]


def epochs_in(locks: Iterable[Lock]) -> Epochs:
    """Return package → its epochs on some distros, "" for none."""
    found: dict[str, frozenset[str]] = {}
    for lock in locks:
        for package, epoch in lock.epochs.items():
            found[package] = found.get(package, frozenset()) | {epoch}
    return found


def with_epochs(component: Component, names: Names, epochs: Epochs) -> Component:
    """Return a component whose version bounds have the epochs of the packages they are about.

    Args:
        component: its manifest entry.
        names: capability → packages on the distro.
        epochs: package → its epochs.

    Raises:
        InputError: a bound is about packages of several epochs.
    """
    packages = {
        name: bounded(package, names, epochs) for name, package in component.packages.items()
    }
    build = component.build and bounded(component.build, names, epochs)
    return component.model_copy(update={"build": build, "packages": packages})


def bounded(part: _Part, names: Names, epochs: Epochs) -> _Part:
    """Like `with_epochs`, for a part of a component or a meta-package."""
    changed = {
        key: tuple(_with_epoch(item, names, epochs) for item in value)
        for key, value in part
        if _are_requirements(value)
    }
    return part.model_copy(update=changed)


def _are_requirements(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Requirement) for item in value)


def _with_epoch(requirement: Requirement, names: Names, epochs: Epochs) -> Requirement:
    packages = names.get(requirement.capability, ())
    found = frozenset[str]().union(*(epochs.get(package, _NONE) for package in packages))
    if not requirement.constraints or found <= _NONE:
        return requirement
    if len(found) > 1:
        raise InputError(
            f"{requirement}: {', '.join(packages)} have different epochs, so that no version range "
            "holds for all",
            hint="require it without a version range",
            code="XSB-LOCK-EPOCHS",
        )
    (epoch,) = found
    constraints = (
        replace(bound, version=f"{epoch}:{bound.version}") for bound in requirement.constraints
    )
    return requirement._replace(constraints=tuple(constraints))
