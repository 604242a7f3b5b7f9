# SPDX-License-Identifier: Apache-2.0
"""Choose the provider of a component on a distro: built, or the distro's. Pure: from the lock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from xsbuild.capabilities.family import capabilities_of
from xsbuild.capabilities.lockfile import Lock, ProviderFacts
from xsbuild.capabilities.versions import satisfies
from xsbuild.distros.model import Distro
from xsbuild.manifest.model import Component, Manifest, Provider
from xsbuild.manifest.requirement import Constraint

Use = Literal["build", "distro"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The provider of a component.

    Attributes:
        use: build, or take the distro's.
        reason: the reason, in words.
        version: its upstream version; None if unknown.
    """

    use: Use
    reason: str
    version: str | None


def decide(
    name: str, component: Component, distro: Distro, lock: Lock | None, asked: Use | None = None
) -> Decision:
    """Choose the provider of a component.

    Args:
        lock: the distro's lock.
        asked: the provider given on the command line, which overrides the manifest.
    """
    facts = lock.providers.get(name) if lock else None
    provider = component.provider
    upstream = capabilities_of(distro.family).upstream
    theirs = upstream(facts.version) if facts and facts.version else None
    if asked:
        return _decision(asked, "asked for on the command line", component, theirs)
    if provider is None:
        return _decision("build", "no distro provides it", component, theirs)
    stated = provider.on.get(distro.name)
    if stated:
        return _decision(stated.use, stated.reason, component, theirs)
    if provider.prefer == "build":
        return _decision("build", "the manifest prefers to build it", component, theirs)
    unfit = _unfit(provider, distro, facts)
    if unfit:
        return _decision("build", unfit, component, theirs)
    offers = f" with {', '.join(map(str, provider.offers))}" if provider.offers else ""
    return _decision("distro", f"{distro.name} has {theirs}{offers}", component, theirs)


def _decision(use: Use, reason: str, component: Component, theirs: str | None) -> Decision:
    if use == "build":
        return Decision(use, reason, component.version)
    lacks = component.provider.lacks if component.provider else None
    return Decision(use, "; ".join(filter(None, (reason, lacks))), theirs)


def _unfit(provider: Provider, distro: Distro, facts: ProviderFacts | None) -> str | None:
    """Return the reason why the distro's own component is unsuitable, or None."""
    if facts is None:
        return f"{distro.name} has no lock that says whether it has a suitable one"
    if facts.version is None:
        return f"{distro.name} does not have it"
    if facts.missing:
        return f"{distro.name}'s has no {', '.join(map(str, facts.missing))}"
    if not satisfies(facts.version, provider.version, distro.family):
        theirs = capabilities_of(distro.family).upstream(facts.version)
        return f"{distro.name} has {theirs}, which is not {_range(provider.version)}"
    return None


def _range(constraints: tuple[Constraint, ...]) -> str:
    return ", ".join(map(str, constraints))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two components with incompatible versions.

    Attributes:
        component: the one with the bounds.
        other: the other one.
        version: the version of the other.
        wanted: the compatible versions of the other.
    """

    component: str
    other: str
    version: str
    wanted: tuple[Constraint, ...]

    def __str__(self) -> str:
        return f"{self.component} goes with {self.other} {_range(self.wanted)}, not {self.version}"


def mismatches(
    manifest: Manifest, decisions: Mapping[str, Decision], distro: Distro
) -> Iterator[Mismatch]:
    """Find built components incompatible with another component's version on a distro.

    The distro's own components are assumed to be compatible with each other.
    """
    for name, component in manifest.components.items():
        if decisions[name].use != "build":
            continue
        for other, wanted in component.compatible.items():
            decision = decisions.get(other)
            version = decision.version if decision else None
            if version is not None and not satisfies(version, wanted, distro.family):
                yield Mismatch(name, other, version, wanted)
