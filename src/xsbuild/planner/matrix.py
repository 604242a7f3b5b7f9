# SPDX-License-Identifier: Apache-2.0
"""CI jobs that a change requires: components by distro, derived from keys rather than paths."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.buildroots.family import buildroots_of
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, SourceError
from xsbuild.families.family import family_of
from xsbuild.host import process
from xsbuild.planner.inputs import inputs_of
from xsbuild.planner.target import Target, target_for
from xsbuild.project import Project
from xsbuild.sources.unpack import unpack
from xsbuild.store.keys import key_of


@dataclass(frozen=True, slots=True)
class Job:
    """Components that are built together, as some of them need others.

    Attributes:
        distro: for which distro.
        components: those that changed, each after those it needs.
    """

    distro: str
    components: tuple[str, ...]


def jobs_for(project: Project, distros: Sequence[Distro], before: Project | None) -> list[Job]:
    """List the jobs that have something to build.

    Args:
        before: the project before the change; everything is new where None.

    Raises:
        ProblemsError: the manifest or a lock is wrong.
    """
    jobs: list[Job] = []
    for distro in distros:
        target = target_for(project, distro)
        keys = recipe_keys(target)
        old = _keys_before(before, distro)
        changed = {name for name, key in keys.items() if old.get(name) != key}
        for group in _groups(target, list(keys)):
            components = tuple(name for name in group if name in changed)
            if components:
                jobs.append(Job(distro.name, components))
    return jobs


def recipe_keys(target: Target) -> dict[str, str]:
    """Return component → a hash of all inputs of its packages, except the archives' state.

    What cannot be built yet is left out, with all that needs it.
    """
    keys: dict[str, str] = {}
    for name in target.graph.order:
        needs = sorted(target.graph.closure(target.graph.needs(name)))
        if not all(need in keys for need in needs):
            continue
        try:
            request = target.request(name)
            inputs = inputs_of(
                request,
                family_of(target.distro).render(request),
                builder=buildroots_of(target.distro.family).default_builder(),
                buildroot={},
                dependencies={need: keys[need] for need in needs},
                root=target.project.root,
            )
        except (InputError, SourceError):
            continue
        keys[name] = key_of(inputs)
    return keys


def _keys_before(before: Project | None, distro: Distro) -> dict[str, str]:
    if before is None:
        return {}
    try:
        return recipe_keys(target_for(before, before.distros.get(distro.name)))
    except InputError:
        return {}  # what cannot be read now is no reason not to build


def _groups(target: Target, names: Sequence[str]) -> list[list[str]]:
    """Split components so that none needs one of another group; each in the order given."""
    leader = {name: name for name in names}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for name in names:
        for need in target.graph.needs(name):
            leader[find(name)] = find(need)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


@contextmanager
def project_at(project: Project, revision: str) -> Iterator[Project | None]:
    """Yield the project at a revision of its git repository, in a folder of its own.

    Yields:
        None where the revision is all zeros, as forges name what was before a first push, or where
        the project had no manifest.

    Raises:
        InputError: there is no such revision.
    """
    if revision.startswith("-"):
        raise InputError(f"{revision} is no revision", code="XSB-USAGE-REVISION")
    if not revision.strip("0"):
        yield None
        return
    with TemporaryDirectory(prefix="xsbuild-") as place:
        archive, folder = Path(place, "archive.tar"), Path(place, "project")
        command = ["git", "archive", f"--output={archive}", "--prefix=project/", revision]
        try:
            process.run(command, cwd=project.root)
        except process.CommandFailedError as error:
            lines = error.output.strip().splitlines()
            raise InputError(
                f"{project.root} has no revision {revision}: {lines[-1] if lines else ''}",
                hint="a shallow clone lacks it: fetch more of the history",
                code="XSB-USAGE-REVISION",
            ) from error
        # With a folder in front, which unpacking takes away as it does of any source archive.
        file = unpack(archive, folder) / project.file.name
        yield Project(file, project.settings) if file.exists() else None
