# SPDX-License-Identifier: Apache-2.0
"""Components as they are on one distro: with the libraries that it lacks. Pure."""

from collections.abc import Iterable, Mapping

from xsbuild.capabilities.lockfile import Lock
from xsbuild.capabilities.provides import offers_of
from xsbuild.distros.model import Distro
from xsbuild.manifest.libraries import Bundle, bundle_of
from xsbuild.manifest.model import Component, Manifest
from xsbuild.manifest.requirement import Capability, Requirement
from xsbuild.planner.choose import Choice, Offer, choose


def choices_for(
    manifest: Manifest, built: Iterable[str], distro: Distro, lock: Lock | None
) -> dict[str, Choice]:
    """Return component → the libraries that are vendored in it, for those that may have some.

    Args:
        built: the components that are built on the distro.
        lock: what the distro has; it is taken to have nothing where None.
    """
    names = tuple(built)
    if not any(bundle_of(manifest.components[name]) for name in names):
        return {}
    versions: dict[Capability, str | None] = {
        capability: None
        for name in names
        for package, facts in manifest.components[name].packages.items()
        for capability in offers_of(package, facts)
    }
    locked = lock.capabilities if lock else {}
    versions = {**{name: item.version for name, item in locked.items()}, **versions}
    offer = Offer(versions, distro.family)
    return {
        name: choose(_needed(manifest.components[name]), offer, bundle.libraries)
        for name in names
        if (bundle := bundle_of(manifest.components[name]))
    }


def _needed(component: Component) -> Iterable[Requirement]:
    build = component.build
    if build is None:
        return ()
    return (*build.requires, *(build.check_requires if build.check else ()))


def with_vendored(manifest: Manifest, choices: Mapping[str, Choice]) -> Manifest:
    """Return a manifest whose components have the libraries that were chosen, and no others."""
    changed = {
        name: _with_choice(manifest.components[name], choice) for name, choice in choices.items()
    }
    return manifest.model_copy(update={"components": {**manifest.components, **changed}})


def _with_choice(component: Component, choice: Choice) -> Component:
    build = component.build
    assert build is not None
    known = _needed(component)
    also = tuple(item for item in choice.installed if item not in known)
    sources = (_narrowed(item, choice) for item in component.sources)
    licenses = [component.license, *(item.license for item in choice.archives)]
    parts = dict.fromkeys(part for text in licenses for part in text.split(" AND "))
    return component.model_copy(
        update={
            "sources": tuple(item for item in sources if item),
            "build": build.model_copy(update={"requires": (*build.requires, *also)}),
            "license": " AND ".join(parts),
        }
    )


def _narrowed(source: object, choice: Choice) -> object | None:
    if not isinstance(source, Bundle):
        return source
    if not choice.archives:
        return None
    libraries = source.libraries.model_copy(update={"archives": choice.archives})
    return source.model_copy(update={"libraries": libraries})


def without_packages(choices: Mapping[str, Choice], name: str) -> dict[Capability, tuple[str, ...]]:
    """Return a component without the requirements that its vendored libraries meet."""
    choice = choices.get(name)
    archives = choice.archives if choice else ()
    return {capability: () for archive in archives for capability in archive.provides}
