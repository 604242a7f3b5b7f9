# SPDX-License-Identifier: Apache-2.0
"""Where a component comes from on a distro: built, or the distro's own. Pure: from the lock."""

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
        use: what to do.
        reason: why, for a person.
        version: its upstream version; None if unknown.
    """

    use: Use
    reason: str
    version: str | None


def decide(
    name: str, component: Component, distro: Distro, lock: Lock | None, asked: Use | None = None
) -> Decision:
    """Decide where a component comes from.

    Args:
        lock: what is known of the distro.
        asked: what the person who runs this wants, whatever the manifest says.
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
    return Decision(use, reason, component.version if use == "build" else theirs)


def _unfit(provider: Provider, distro: Distro, facts: ProviderFacts | None) -> str | None:
    """Return the reason why the distro's own component is unsuitable, or None."""
    if facts is None:
        command = f"`xsbuild lock --distro {distro.name}`"
        return f"nothing is known of what {distro.name} has; {command} looks"
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
    """Two components whose versions do not go together.

    Attributes:
        component: which is built, or taken.
        other: what it must go with.
        version: of the other.
        wanted: the versions of the other that would fit.
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
    """Find built components that do not go with the version that another one has on a distro.

    What the distro provides is taken to go together.
    """
    for name, component in manifest.components.items():
        if decisions[name].use != "build":
            continue
        for other, wanted in component.compatible.items():
            decision = decisions.get(other)
            version = decision.version if decision else None
            if version is not None and not satisfies(version, wanted, distro.family):
                yield Mismatch(name, other, version, wanted)
