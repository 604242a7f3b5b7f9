# SPDX-License-Identifier: Apache-2.0
"""Change the relations of components, wherever they are stated."""

from collections.abc import Callable
from typing import TypeVar

from xsbuild.manifest.model import Autopkgtest, Build, Component, MetaPackage, Package
from xsbuild.manifest.requirement import Requirement, any_of

_Part = TypeVar("_Part", Autopkgtest, Build, Package, MetaPackage)
Change = Callable[[Requirement], Requirement]
# Its items are names and versions of their own, not relations to packages.
_PROVIDES = "provides"


def with_relations(component: Component, change: Change) -> Component:
    """Return a component in which each relation to a package is changed by a function."""
    packages = component.packages.items()
    return component.model_copy(
        update={
            "build": component.build and part_with_relations(component.build, change),
            "packages": {name: part_with_relations(item, change) for name, item in packages},
            "tests": {
                name: part_with_relations(test, change) for name, test in component.tests.items()
            },
        }
    )


def part_with_relations(part: _Part, change: Change) -> _Part:
    """Like `with_relations`, for a part of a component or a meta-package."""
    changed = {
        key: tuple(_changed(item, change) for item in value)
        for key, value in part
        if key != _PROVIDES and isinstance(value, tuple)
    }
    return part.model_copy(update=changed)


def _changed(item: object, change: Change) -> object:
    if isinstance(item, Requirement):
        return any_of([change(one) for one in item.alternatives])
    return item
