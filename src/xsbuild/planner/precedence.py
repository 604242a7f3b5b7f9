# SPDX-License-Identifier: Apache-2.0
"""Packages that sort below the distro's own of their name, so that no machine installs them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from xsbuild.capabilities.family import capabilities_of
from xsbuild.planner.target import Target


@dataclass(frozen=True, slots=True)
class Older:
    """A package whose version is lower than that of the distro's own package.

    Attributes:
        component: builds it.
        package: its name.
        version: the version it would have.
        distro: the distro's name.
        theirs: the version of the distro's own package.
        remedy: what raises the version.
    """

    component: str
    package: str
    version: str
    distro: str
    theirs: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.package} {self.version} sorts below {self.distro}'s own {self.theirs}, which "
            f"gets installed instead; {self.remedy}, or let the distro provide it (`provider`)"
        )


def older_than_distro(target: Target, components: Collection[str]) -> Iterator[Older]:
    """Find packages of built components that are older than the distro's, as of its lock."""
    if target.lock is None:
        return
    known = capabilities_of(target.distro.family)
    theirs = target.lock.package_versions(known.newer)
    for name in target.graph.order:
        if name not in components:
            continue
        component = target.graph.manifest.components[name]
        version = f"{component.full_version}{target.distro.version_suffix}"
        for package in component.packages:
            own = theirs.get(package)
            if own and known.newer(own, version):
                same = known.upstream(own) == component.version and ":" not in own
                remedy = "raise `release`" if same else "state an `epoch`"
                yield Older(name, package, version, target.distro.name, own, remedy)
