# SPDX-License-Identifier: Apache-2.0
"""Which packages of a repository an install test tries."""

from collections.abc import Collection, Mapping, Sequence

from xsbuild.errors import InputError
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.requirement import INTERNAL
from xsbuild.yamlfile import nearest


def install_targets(
    manifest: Manifest, offered: Collection[str], named: Sequence[str]
) -> tuple[str, ...]:
    """Return what to install.

    Args:
        manifest: says what a meta-package needs.
        offered: the packages in the repository.
        named: by the user; empty for every meta-package that has all its parts in the repository,
            and where there is none, every package.

    Raises:
        InputError: the repository lacks what the user names, or is empty.
    """
    for name in named:
        if name not in offered:
            hint = nearest(name, list(offered)) or f"it has {', '.join(sorted(offered))}"
            raise InputError(
                f"the repository has no package {name}",
                hint=hint,
                code="XSB-USAGE-NOTHING-PUBLISHED",
            )
    if named:
        return tuple(named)
    complete = [name for name in manifest.meta_packages if _is_complete(name, manifest, offered)]
    targets = tuple(complete or sorted(offered))
    if not targets:
        raise InputError(
            "the repository is empty",
            hint="`xsbuild build` fills it",
            code="XSB-USAGE-NOTHING-PUBLISHED",
        )
    return targets


def _is_complete(name: str, manifest: Manifest, offered: Collection[str]) -> bool:
    """Return whether the repository has a package with all of its subpackages."""
    if name not in offered:
        return False
    meta = manifest.meta_packages.get(name)
    needs = (need.capability for need in meta.requires) if meta else ()
    return all(_is_complete(c.name, manifest, offered) for c in needs if c.kind == INTERNAL)


def manifest_users(manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Return package → the users that it makes."""
    return {
        name: tuple(user.name for user in package.users)
        for component in manifest.components.values()
        for name, package in component.packages.items()
        if package.users
    }
