# SPDX-License-Identifier: Apache-2.0
"""Epochs of a distro's packages, put into the bounds of requirements on them. Pure.

The manifest compares upstream versions, the same everywhere. A package with an epoch is later than
any version without one, so that a relation on it needs the epoch, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.names import Names
from xsbuild.errors import InputError
from xsbuild.manifest.model import Component, MetaPackage
from xsbuild.manifest.relations import part_with_relations, with_relations
from xsbuild.manifest.requirement import INTERNAL, Requirement

_NONE = frozenset({""})
Epochs = Mapping[str, frozenset[str]]


def epochs_in(locks: Iterable[Lock]) -> Epochs:
    """Return package → its epochs on some distros, "" for none."""
    found: dict[str, frozenset[str]] = {}
    for lock in locks:
        for package, epoch in lock.epochs.items():
            found[package] = found.get(package, frozenset()) | {epoch}
    return found


def joined(one: Epochs, other: Epochs) -> Epochs:
    """Return package → its epochs in either."""
    empty = frozenset[str]()
    return {name: one.get(name, empty) | other.get(name, empty) for name in {*one, *other}}


def epochs_built(components: Iterable[Component]) -> Epochs:
    """Return package → its epoch, for those that components build."""
    return {
        package: frozenset({str(component.epoch) if component.epoch else ""})
        for component in components
        for package in component.packages
    }


def with_epochs(component: Component, names: Names, epochs: Epochs) -> Component:
    """Return a component whose version bounds have the epochs of the packages they are about.

    Args:
        component: its manifest entry.
        names: capability → packages on the distro.
        epochs: package → its epochs.

    Raises:
        InputError: a bound is about packages of several epochs.
    """
    return with_relations(component, lambda item: _with_epoch(item, names, epochs))


def bounded(meta: MetaPackage, names: Names, epochs: Epochs) -> MetaPackage:
    """Like `with_epochs`, for a meta-package."""
    return part_with_relations(meta, lambda item: _with_epoch(item, names, epochs))


def _with_epoch(requirement: Requirement, names: Names, epochs: Epochs) -> Requirement:
    capability = requirement.capability
    own = (capability.name,) if capability.kind == INTERNAL else ()
    packages = names.get(capability, own)
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
