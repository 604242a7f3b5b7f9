# SPDX-License-Identifier: Apache-2.0
"""A manifest with the names that its packages have in one family. Pure.

A manifest has one name for each package, which its relations use. The names of a family take its
place before anything is planned, so that nothing after that distinguishes the two.
"""

from collections.abc import Mapping

from xsbuild.distros.model import Family
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.relations import part_with_relations, with_relations
from xsbuild.manifest.requirement import INTERNAL, Capability, Requirement


def family_names(manifest: Manifest, family: Family) -> dict[str, str]:
    """Return package of the manifest → its name in a family, for those where they differ."""
    return {
        name: own
        for component in manifest.components.values()
        for name, package in component.packages.items()
        if (own := package.names.of(family)) and own != name
    }


def named_for(manifest: Manifest, family: Family) -> Manifest:
    """Return a manifest in which packages have the names of a family."""
    names = family_names(manifest, family)
    if not names:
        return manifest

    def renamed(requirement: Requirement) -> Requirement:
        capability = requirement.capability
        if capability.kind != INTERNAL or capability.name not in names:
            return requirement
        return requirement._replace(capability=Capability(INTERNAL, names[capability.name]))

    components = {
        name: _with_names(with_relations(component, renamed), names)
        for name, component in manifest.components.items()
    }
    metas = {
        name: part_with_relations(meta, renamed) for name, meta in manifest.meta_packages.items()
    }
    return manifest.model_copy(update={"components": components, "meta_packages": metas})


def _with_names(component: Component, names: Mapping[str, str]) -> Component:
    packages = {names.get(name, name): item for name, item in component.packages.items()}
    return component.model_copy(update={"packages": packages})
