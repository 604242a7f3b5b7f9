# SPDX-License-Identifier: Apache-2.0
"""Make the lock of a distro: resolve the manifest's capabilities by the distro's index. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from xsbuild.capabilities.index import Index
from xsbuild.capabilities.lockfile import Lock, Locked, ProviderFacts
from xsbuild.capabilities.names import has_name
from xsbuild.capabilities.provides import offers_of
from xsbuild.capabilities.resolver import Resolved, Unresolved, resolve
from xsbuild.distros.model import Distro
from xsbuild.manifest.family_names import named_for
from xsbuild.manifest.libraries import vendored_requirements
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.requirement import INTERNAL, Capability, Requirement


@dataclass(frozen=True, slots=True)
class Locking:
    """A new lock, and its open questions.

    Attributes:
        lock: the new lock.
        unresolved: capabilities without a package, or with several.
        users: capability → components and meta-packages that require it.
    """

    lock: Lock
    unresolved: tuple[Unresolved, ...]
    users: dict[Capability, tuple[str, ...]]

    @property
    def ambiguous(self) -> tuple[Unresolved, ...]:
        """Capabilities provided by several packages, one of which must be chosen manually."""
        return tuple(item for item in self.unresolved if item.candidates)


def make_lock(manifest: Manifest, distro: Distro, index: Index) -> Locking:
    """Resolve all capabilities of the manifest.

    A capability that a component always built provides does not count as missing.
    """
    users = wanted(manifest)
    found = {capability: resolve(capability, index, distro) for capability in users}
    built = _always_built(manifest)
    unresolved = tuple(
        result
        for capability, result in sorted(found.items(), key=lambda item: str(item[0]))
        if isinstance(result, Unresolved) and capability not in built
    )
    lock = Lock(
        distro=distro.name,
        index=index.stamp,
        capabilities={
            capability: Locked(package=result.package, version=result.version)
            for capability, result in found.items()
            if isinstance(result, Resolved)
        },
        missing=tuple(item.capability for item in unresolved),
        providers=dict(_providers(manifest, found, index)),
        packages=dict(_own_packages(named_for(manifest, distro.family), index)),
    )
    return Locking(lock, unresolved, users)


def wanted(manifest: Manifest) -> dict[Capability, tuple[str, ...]]:
    """Return capabilities that a lock must resolve → the components that require them."""
    found: dict[Capability, dict[str, None]] = {}
    for user, requirement in _asked(manifest):
        for item in requirement.alternatives:
            if item.capability.kind != INTERNAL:
                found.setdefault(item.capability, {})[user] = None
    return {capability: tuple(users) for capability, users in found.items()}


def not_locked(manifest: Manifest, lock: Lock, distro: Distro) -> dict[Capability, tuple[str, ...]]:
    """Return capabilities that a lock should resolve and does not → the components requiring them.

    A requirement whose package name is known without a lock is left out, unless it decides whether
    something is built.
    """
    known = {*lock.capabilities, *lock.missing, *_always_built(manifest)}
    needed = {
        item.capability
        for _, requirement in _asked(manifest)
        for item in requirement.alternatives
        if not has_name(item, distro)
    }
    needed.update(*map(_deciding, manifest.components.values()))
    return {
        capability: users
        for capability, users in wanted(manifest).items()
        if capability in needed - known
    }


def not_looked_at(manifest: Manifest, lock: Lock) -> list[str]:
    """Return components of which a lock does not state whether the distro provides them."""
    return [
        name
        for name, component in manifest.components.items()
        if component.provider and name not in lock.providers
    ]


def is_complete(lock: Lock, manifest: Manifest, distro: Distro) -> bool:
    """Return whether a lock answers everything that a manifest asks."""
    return not not_locked(manifest, lock, distro) and not not_looked_at(manifest, lock)


def _asked(manifest: Manifest) -> Iterator[tuple[str, Requirement]]:
    for name, component in manifest.components.items():
        for requirement in _of_component(component):
            yield name, requirement
    for name, meta in manifest.meta_packages.items():
        for requirement in (*meta.requires, *meta.recommends):
            yield name, requirement


def _of_component(component: Component) -> Iterator[Requirement]:
    if component.build:
        yield from component.build.requires
        yield from component.build.check_requires
    yield from map(Requirement, _deciding(component))
    for test in component.tests.values():
        yield from test.requires
    for package in component.packages.values():
        for group in package.needed.values():
            yield from group


def _deciding(component: Component) -> Iterator[Capability]:
    """Yield what decides whether a component, or a library within it, is built."""
    for requirement in vendored_requirements(component):
        yield requirement.capability
    if component.provider:
        yield from component.provider.offers


def _always_built(manifest: Manifest) -> frozenset[Capability]:
    return frozenset(
        capability
        for component in manifest.components.values()
        if component.provider is None
        for name, package in component.packages.items()
        for capability in offers_of(name, package)
    )


def _own_packages(manifest: Manifest, index: Index) -> Iterator[tuple[str, str]]:
    """Yield packages of the distro that have the name of a component's, and their versions."""
    for component in manifest.components.values():
        for name in component.packages:
            package = index.package(name)
            if package is not None:
                yield name, package.version


def _providers(
    manifest: Manifest, found: dict[Capability, Resolved | Unresolved], index: Index
) -> Iterator[tuple[str, ProviderFacts]]:
    for name, component in manifest.components.items():
        if component.provider:
            offers = component.provider.offers
            there = [result for offer in offers if isinstance(result := found[offer], Resolved)]
            missing = tuple(offer for offer in offers if isinstance(found[offer], Unresolved))
            sources = [] if offers else index.of_source(name)
            versions = [item.source_version for item in there]
            versions += [package.source_version for package in sources]
            yield name, ProviderFacts(version=next(iter(versions), None), missing=missing)
