# SPDX-License-Identifier: Apache-2.0
"""The readable manifest of everything that can change a task's result; its hash is the key.

Of the packages in the buildroot it has what decides which they are. Where nothing else differs, a
task that has another key may have the same result all the same; see `xsbuild.engine.task.Cutoff`.
"""

from collections.abc import Mapping
from pathlib import Path

from xsbuild.buildroots.family import builder_named
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree, digests
from xsbuild.sources.pins import pinned_digests
from xsbuild.store.keys import Json

# Raised when what a task does changes its results without any input showing it.
FORMAT = 1


def inputs_of(
    request: RecipeRequest,
    tree: FileTree,
    *,
    builder: str,
    buildroot: Mapping[str, Json],
    dependencies: Mapping[str, str],
    root: Path,
) -> dict[str, Json]:
    """List the inputs of building one component for one distro.

    Args:
        request: the component and its distro.
        tree: its rendered recipe, in which requirements have this distro's names.
        builder: the builder's name.
        buildroot: what decides what is installed in it; see `Base.inputs`.
        dependencies: component → digest of its packages, for all that this one needs.
        root: the project's folder.

    Raises:
        SourceError: a source is not pinned.
    """
    distro = request.distro.model_dump(
        mode="json", by_alias=True, exclude={"title", "aliases", "names"}
    )
    return {
        "format": FORMAT,
        "component": request.name,
        "version": request.component.full_version,
        "distro": distro,
        "sources": dict(pinned_digests(request.component, root)),
        "recipe": dict(digests(tree)),
        "buildroot": buildroot,
        "builder": {"name": builder, **builder_named(builder, request.distro).options()},
        "dependencies": dict(sorted(dependencies.items())),
    }
