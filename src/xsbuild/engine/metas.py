# SPDX-License-Identifier: Apache-2.0
"""Make the meta-packages: one file each for all distros of a family."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.capabilities.epochs import bounded, epochs_built, epochs_in, joined
from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.names import Names, meta_names
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.families.family import family_of
from xsbuild.manifest.model import MetaPackage
from xsbuild.manifest.requirement import INTERNAL, Capability
from xsbuild.planner.graph import make_graph
from xsbuild.planner.locks import committed_lock
from xsbuild.planner.target import Target, components_built


@dataclass(frozen=True, slots=True)
class MetaOutcome:
    """The outcome of a meta-package.

    Attributes:
        package: its file; None where it was not made.
        problem: why it was not; empty where it was.
    """

    package: Path | None
    problem: str = ""


def make_meta_packages(
    target: Target, names: Sequence[str], present: frozenset[str], folder: Path
) -> dict[str, MetaOutcome]:
    """Make the meta-packages whose packages are all available.

    Args:
        target: the distro that is built for; the packages fit its whole family.
        names: which, each after those it requires.
        present: packages of the manifest that the repository will have.
        folder: takes the files; made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, MetaOutcome] = {}
    for name in names:
        made = {other for other, outcome in outcomes.items() if outcome.package}
        lacking = _lacking(target, target.graph.manifest.meta_packages[name], present | made)
        if lacking:
            outcomes[name] = MetaOutcome(None, f"not built: {', '.join(lacking)}")
        else:
            outcomes[name] = _make(target, name, folder)
    return outcomes


def _lacking(target: Target, meta: MetaPackage, present: frozenset[str]) -> list[str]:
    """Return the missing packages of the manifest that it requires."""
    metas = target.graph.manifest.meta_packages
    lacking = []
    for requirement in meta.requires:
        wanted = [
            target.graph.offers.get(item.capability, ())
            or tuple({item.capability.name} & metas.keys())
            for item in requirement.alternatives
        ]
        # What is not the manifest's is the distro's.
        if all(wanted) and not any(present.intersection(names) for names in wanted):
            lacking.append(wanted[0][0])
    return lacking


def _make(target: Target, name: str, folder: Path) -> MetaOutcome:
    try:
        meta, names = meta_for_family(target, name)
    except InputError as error:
        return MetaOutcome(None, " ".join(error.message.split()))
    make = family_of(target.distro).make_meta
    return MetaOutcome(make(name, meta, target.graph.manifest.product, names, folder))


def meta_for_family(target: Target, name: str) -> tuple[MetaPackage, Names]:
    """Return a meta-package and its package names on all locked distros of the family.

    Its version bounds have the epochs of those packages.

    Raises:
        InputError: a requirement has no name on one of them, or different epochs.
    """
    project, manifest = target.project, target.graph.manifest
    meta = manifest.meta_packages[name]
    locks: dict[str, Lock] = {}
    distros: list[Distro] = []
    built: dict[str, None] = dict.fromkeys(target.graph.built)
    for distro in project.distros.all():
        lock = target.lock if distro.name == target.distro.name else committed_lock(project, distro)
        if distro.family is target.distro.family and lock:
            locks[distro.name] = lock
            distros.append(distro)
            built |= dict.fromkeys(components_built(project, distro, locks[distro.name]))
    # what is built on one of them is an alternative to what the others have
    metas = {Capability(INTERNAL, other): (other,) for other in manifest.meta_packages}
    names = meta_names(
        [*meta.requires, *meta.recommends],
        distros or [target.distro],
        locks,
        {**make_graph(manifest, built).offers, **metas},
        needed_by=name,
    )
    own = epochs_built(manifest.components[component] for component in built)
    return bounded(meta, names, joined(epochs_in(locks.values()), own)), names
