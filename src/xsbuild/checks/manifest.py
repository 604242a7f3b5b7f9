# SPDX-License-Identifier: Apache-2.0
"""Static checks of a manifest, of its components on a distro, and of the project's locks."""

from collections.abc import Iterator
from dataclasses import dataclass

from xsbuild.capabilities.lockfile import load_lock
from xsbuild.capabilities.make_lock import not_locked, not_looked_at
from xsbuild.errors import InputError, RecipeError
from xsbuild.families.family import family_of
from xsbuild.manifest.model import Manifest
from xsbuild.planner.precedence import older_than_distro
from xsbuild.planner.target import Target
from xsbuild.project import Project
from xsbuild.sources.pins import unpinned

BLOCKS = "blocks its build"
OLDER = "older than the distro's"
TODO = "to do"
VENDORED = "vendored"
READY = "ready"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that blocks or does not block a component's build.

    Attributes:
        component: its name, or a meta-package's.
        kind: `BLOCKS`, `OLDER`, `TODO`, `VENDORED` or `READY`.
        text: what it is.
        detail: all of it, where `text` only sums it up.
    """

    component: str
    kind: str
    text: str
    detail: str = ""


def check_manifest(manifest: Manifest) -> Iterator[Finding]:
    """List unpinned sources, and missing facts (`todo`)."""
    for name, component in manifest.components.items():
        for source in unpinned(name, component):
            yield Finding(name, BLOCKS, f"source is not pinned: {source.address}")
        for todo in component.todo:
            kind = BLOCKS if todo.blocks else TODO
            yield Finding(name, kind, " ".join(todo.text.split()))


def check_target(target: Target) -> Iterator[Finding]:
    """List problems of packaging components for a distro: names, templates, patches.

    Also which libraries are vendored there, what of them is not known, and which packages are older
    than the distro's own.
    """
    for name, choice in target.vendored.items():
        yield Finding(name, VENDORED, choice.summary, str(choice))
        for archive in choice.archives:
            if archive.todo:
                yield Finding(name, TODO, f"{archive.folder}: {archive.todo}")
    for older in older_than_distro(target, target.graph.order):
        yield Finding(older.component, OLDER, str(older))
    for name in target.graph.order:
        try:
            family_of(target.distro).render(target.request(name))
        except (InputError, RecipeError) as error:
            yield Finding(name, BLOCKS, error.message)


STALE = "not locked"


def check_locks(project: Project) -> Iterator[tuple[str, Finding]]:
    """List capabilities of the manifest that a lock file of the project lacks, with the distro.

    Raises:
        ProblemsError: a lock is wrong.
    """
    for file in sorted(project.locks.glob("*.yaml")):
        lock = load_lock(file)
        distro = project.distros.get(lock.distro)
        for capability, users in not_locked(project.manifest, lock, distro).items():
            text = f"{capability}; `xsbuild lock --distro {lock.distro}` looks it up"
            yield lock.distro, Finding(", ".join(users), STALE, text)
        for name in not_looked_at(project.manifest, lock):
            text = f"whether {lock.distro} provides it; `xsbuild lock --distro {lock.distro}`"
            yield lock.distro, Finding(name, STALE, text)
