# SPDX-License-Identifier: Apache-2.0
"""Parity of a project: its recipes for both families, and the packages that were built of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.checks.manifest import Finding
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError, RecipeError
from xsbuild.families.family import family_of
from xsbuild.manifest.family_names import family_names
from xsbuild.manifest.model import Component
from xsbuild.manifest.requirement import PACKAGE, Capability
from xsbuild.parity.compare import Contents, ParityDifference, compare
from xsbuild.parity.packages import read_deb, read_rpm
from xsbuild.parity.places import places_for
from xsbuild.parity.recipes import read_debian, read_spec_file
from xsbuild.parity.relations import Read, Vocabulary
from xsbuild.parity.rules import rules_of
from xsbuild.planner.target import requirements_of, target_for, task_name
from xsbuild.project import Project
from xsbuild.recipes.model import RecipeRequest
from xsbuild.store.store import Result

_KIND = "parity"
_SHARED_LIBRARY = "{libdir}/lib"


@dataclass(frozen=True, slots=True)
class Pair:
    """A distro of each family."""

    deb: Distro
    rpm: Distro

    def __str__(self) -> str:
        return f"{self.deb.name}, {self.rpm.name}"


def pairs_of(distros: Sequence[Distro]) -> list[Pair]:
    """Return pairs that cover each distro at least once.

    Raises:
        InputError: they are all of one family.
    """
    debs = [distro for distro in distros if distro.family is Family.DEB]
    rpms = [distro for distro in distros if distro.family is Family.RPM]
    if not debs or not rpms:
        raise InputError(
            "a comparison of the families needs a distro of each",
            hint="name one more with --distro, or none for the newest of each kind",
            code="XSB-USAGE-ARGUMENT",
        )
    return [Pair(deb, rpms[0]) for deb in debs] + [Pair(debs[0], rpm) for rpm in rpms[1:]]


def newest(distros: Sequence[Distro]) -> list[Distro]:
    """Return the newest distro of each kind: the newest Debian has the alias ``debian``."""
    return [
        distro
        for distro in distros
        if any(distro.name.startswith(f"{alias}-") for alias in distro.aliases)
    ]


def check_parity(project: Project, distros: Sequence[Distro]) -> Iterator[tuple[str, Finding]]:
    """Compare the two families' packages of each component.

    The recipes are compared as they are; the packages too, of the last builds on both sides.

    Args:
        project: whose components.
        distros: some of each family; the newest of each kind where there are none.

    Returns:
        The distros that were compared, and a difference; each difference once.

    Raises:
        InputError: the distros are all of one family.
        MissingToolError: rpm is not installed.
    """
    seen = set[tuple[str, str]]()
    for pair in pairs_of(distros or newest(project.distros.all())):
        for name in project.manifest.components:
            for difference in (*compare_recipes(project, name, pair), *_built(project, name, pair)):
                text = str(difference)
                if (name, text) not in seen:
                    seen.add((name, text))
                    yield str(pair), Finding(name, _KIND, text)


def compare_recipes(project: Project, name: str, pair: Pair) -> list[ParityDifference]:
    """Compare a component's rendered recipes; nothing where it cannot be packaged yet."""
    deb, rpm = (_sketch(project, name, distro) for distro in (pair.deb, pair.rpm))
    try:
        debian, spec = (family_of(one.distro).render(one) for one in (deb, rpm))
    except RecipeError:
        return []
    words = [_vocabulary(project, one) for one in (deb, rpm)]
    return _compared(
        project.manifest.components[name],
        read_debian(debian, words[0].version, places_for(pair.deb, pair.rpm)),
        read_spec_file(spec, pair.rpm, places_for(pair.rpm, pair.deb)),
        words,
    )


def _sketch(project: Project, name: str, distro: Distro) -> RecipeRequest:
    """Return a component whose requirements have placeholder names, equal for both families."""
    component = project.manifest_for(distro.family).components[name]
    wanted = dict.fromkeys(
        item.capability
        for requirement in requirements_of(component)
        for item in requirement.alternatives
    )
    names = {
        capability: () if _is_nothing(capability, distro) else (f"capability-{number}",)
        for number, capability in enumerate(wanted)
        if capability.kind
    }
    folders = tuple(project.recipe_folders(family_of(distro).recipes))
    product = project.manifest.product
    return RecipeRequest(
        name, component, product, distro, folders, project.root, project.systems, names
    )


def _is_nothing(capability: Capability, distro: Distro) -> bool:
    """Return whether the capability requires nothing in a family, by the manifest."""
    return capability.kind == PACKAGE and distro.family not in capability.package_names()


def _built(project: Project, name: str, pair: Pair) -> list[ParityDifference]:
    """Compare the packages that the last builds of a component made."""
    results = [project.history.last(task_name(name, distro)) for distro in (pair.deb, pair.rpm)]
    deb, rpm = (_packages(result) for result in results)
    return compare_packages(project, name, pair, deb, rpm) if deb and rpm else []


def _packages(result: Result | None) -> dict[str, Path]:
    files = result.files if result else ()
    return {
        file.package.name: result.folder / file.name for file in files if result and file.package
    }


def compare_packages(
    project: Project, name: str, pair: Pair, deb: Mapping[str, Path], rpm: Mapping[str, Path]
) -> list[ParityDifference]:
    """Compare packages of a component that were built for a pair of distros.

    Args:
        deb: package → its file, of the one family.
        rpm: the same of the other.
    """
    own, other = places_for(pair.deb, pair.rpm), places_for(pair.rpm, pair.deb)
    requests = [target_for(project, distro).sketch(name)[0] for distro in (pair.deb, pair.rpm)]
    return _compared(
        project.manifest.components[name],
        {package: read_deb(file, own) for package, file in deb.items()},
        {package: read_rpm(file, other) for package, file in rpm.items()},
        [_vocabulary(project, request) for request in requests],
    )


def _vocabulary(project: Project, request: RecipeRequest) -> Vocabulary:
    family = request.distro.family
    libraries = {
        name
        for one in project.manifest_for(family).components.values()
        for name, package in one.packages.items()
        if any(path.startswith(_SHARED_LIBRARY) for path in package.files)
    }
    own = family_names(project.manifest, family)
    return Vocabulary(family, request.names, request.version, libraries, own)


def _compared(
    component: Component,
    deb: Mapping[str, Read],
    rpm: Mapping[str, Read],
    words: Sequence[Vocabulary],
) -> list[ParityDifference]:
    def contents(read: Mapping[str, Read], family: Vocabulary) -> dict[str, Contents]:
        packages = component.packages
        stated = {own: name for name, own in family.own.items()}
        named = {stated.get(own, own): found for own, found in read.items()}
        return {
            name: family.contents(found, packages[name]) if name in packages else found.contents
            for name, found in named.items()
        }

    return list(compare(contents(deb, words[0]), contents(rpm, words[1]), rules_of(component)))
