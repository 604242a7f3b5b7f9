# SPDX-License-Identifier: Apache-2.0
"""Which vendored archives a component needs on a distro. Pure: no I/O.

Two rules make it more than a list of what is missing:

- A dune workspace must not see a library twice. Where an archive is vendored, all that it provides
  comes from it, and a library of the distro that links any of that is vendored as well.
- Preprocessors of OCaml come in worlds, of which a program has one: the archives of one world and
  a distro's libraries of another are never mixed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from xsbuild.capabilities.versions import satisfies
from xsbuild.distros.model import Family
from xsbuild.manifest.libraries import Archive, Libraries
from xsbuild.manifest.requirement import Capability, Requirement


@dataclass(frozen=True, slots=True)
class Offer:
    """Libraries that are available without vendoring.

    Attributes:
        versions: capability → its version; None where a component of the manifest offers it, whose
            version is of no concern here.
        family: how versions compare.
    """

    versions: Mapping[Capability, str | None]
    family: Family

    def has(self, requirement: Requirement) -> bool:
        """Return whether a requirement is fulfilled."""
        if requirement.capability not in self.versions:
            return False
        version = self.versions[requirement.capability]
        return version is None or satisfies(version, requirement.constraints, self.family)

    def without(self, capability: Capability) -> "Offer":
        """Return the same without one capability."""
        rest = {key: value for key, value in self.versions.items() if key != capability}
        return Offer(rest, self.family)


@dataclass(frozen=True, slots=True)
class Choice:
    """Libraries chosen for vendoring.

    Attributes:
        world: the world that was chosen; None where there is only one.
        archives: in the lock file's order.
        reasons: name of an archive → why it is vendored, for people.
        installed: what must be installed: requirements, directly or of an archive, that are not
            vendored; whether they can be is not asked here.
        missing: those of `installed` that nothing is known to fulfil.
    """

    world: str | None
    archives: tuple[Archive, ...]
    reasons: Mapping[str, str]
    installed: tuple[Requirement, ...]
    missing: tuple[Requirement, ...]

    @property
    def summary(self) -> str:
        """Number of vendored archives."""
        world = f" ({self.world})" if self.world else ""
        return f"{len(self.archives)} OCaml archives vendored{world}"

    def __str__(self) -> str:
        """Return human-readable origin of each OCaml library."""
        there = [
            item.capability.name
            for item in self.installed
            if item.capability.kind == "ocamlfind" and item not in self.missing
        ]
        vendored = [item.folder for item in self.archives]
        return (
            f"{self.summary}: {', '.join(vendored) or 'none'}; "
            f"{len(there)} libraries installed: {', '.join(there) or 'none'}"
        )


def choose(needed: Iterable[Requirement], offer: Offer, libraries: Libraries) -> Choice:
    """Choose the archives to vendor.

    Args:
        needed: what a component requires to be built.
        offer: what the distro and the manifest's other components have.
        libraries: what could be vendored.

    Returns:
        The choice with the least missing; the world of the distro where that makes no difference.
    """
    wanted = tuple(needed)
    choices = [
        _Search(wanted, there, libraries.of_world(world)).run(world)
        for world, there in _worlds(offer, libraries)
    ]
    return min(choices, key=lambda choice: len(choice.missing))


def _worlds(offer: Offer, libraries: Libraries) -> Iterator[tuple[str | None, Offer]]:
    """Yield worlds, the distro's own first; in another one, its libraries have to be vendored."""
    worlds = libraries.worlds
    own = [name for name, mark in worlds.items() if offer.has(mark)]
    for name in [*own, *(name for name in worlds if name not in own)]:
        yield name, offer if name in own else offer.without(worlds[name].capability)
    if not worlds:
        yield None, offer


@dataclass(slots=True)
class _Search:
    """Vendors more and more until nothing is amiss.

    Attributes:
        needed: what the component requires.
        offer: what is there.
        archives: of one world.
        provider: capability → the archive that has it.
        reasons: name of an archive that is vendored → why.
    """

    needed: tuple[Requirement, ...]
    offer: Offer
    archives: tuple[Archive, ...]
    provider: dict[Capability, Archive] = field(init=False)
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.provider = {name: item for item in self.archives for name in item.provides}

    def run(self, world: str | None) -> Choice:
        while found := {**dict(self._linked_twice()), **dict(self._not_there())}:
            self.reasons |= found
        installed = tuple(dict.fromkeys(item for item in self._asked() if not self._has(item)))
        missing = tuple(item for item in installed if not self._is_installed(item))
        return Choice(world, tuple(self._vendored()), self.reasons, installed, missing)

    def _is_installed(self, requirement: Requirement) -> bool:
        archive = self.provider.get(requirement.capability)
        is_shadowed = archive is not None and archive.name in self.reasons
        return self.offer.has(requirement) and not is_shadowed

    def _vendored(self) -> Iterator[Archive]:
        return (item for item in self.archives if item.name in self.reasons)

    def _asked(self) -> Iterator[Requirement]:
        """Yield requirements of the component and of the vendored archives."""
        yield from self.needed
        for archive in self._vendored():
            yield from archive.requires
            yield from archive.build_requires

    def _archive(self, requirement: Requirement) -> Archive | None:
        """Return the archive that would fulfil a requirement."""
        archive = self.provider.get(requirement.capability)
        fits = archive and satisfies(
            archive.version.removeprefix("v"), requirement.constraints, self.offer.family
        )
        return archive if fits else None

    def _has(self, requirement: Requirement) -> bool:
        archive = self._archive(requirement)
        return archive is not None and archive.name in self.reasons

    def _not_there(self) -> Iterator[tuple[str, str]]:
        for requirement in self._asked():
            if not self.offer.has(requirement):
                archive = self._archive(requirement)
                if archive and archive.name not in self.reasons:
                    yield archive.name, f"{requirement} is not there"

    def _linked_twice(self) -> Iterator[tuple[str, str]]:
        """Yield installed libraries, in use, that link vendored ones."""
        for archive in self._in_use():
            for requirement in archive.requires:
                if self._has(Requirement(requirement.capability)):
                    yield archive.name, f"it links {requirement.capability}, which is vendored"

    def _in_use(self) -> Iterator[Archive]:
        """Yield archives of installed libraries linked directly or indirectly, and not vendored."""
        pending = [item.capability for item in self._asked()]
        seen: set[str] = set()
        while pending:
            archive = self.provider.get(pending.pop())
            if archive and archive.name not in seen and archive.name not in self.reasons:
                seen.add(archive.name)
                yield archive
                pending += [item.capability for item in archive.requires]
