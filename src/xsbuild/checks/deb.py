# SPDX-License-Identifier: Apache-2.0
"""Check with apt that planned packages can be built and installed."""

from collections.abc import Iterator

from debian.deb822 import Deb822

from xsbuild.capabilities.fetch_index import open_apt
from xsbuild.capabilities.solve import Planned, Solver
from xsbuild.checks.candidates import BUILD, USE, Candidates, Unsolved
from xsbuild.planner.target import Target
from xsbuild.recipes.tree import FileTree


def solve(candidates: Candidates) -> Iterator[Unsolved]:
    """Report build dependencies and meta-packages that apt cannot install."""
    target, trees, metas = candidates.target, candidates.trees, candidates.metas
    controls = {name: _control(tree) for name, tree in trees.items()}
    planned = [item for text in controls.values() for item in _planned(target, text)]
    assumed = candidates.assumed(candidates.blocked)
    planned += [Planned(name, version, {}) for name, version in assumed]
    version = candidates.meta_version
    planned += [Planned(meta, version, {"Depends": ", ".join(metas[meta])}) for meta in metas]
    with open_apt(target.distro, target.project.settings, candidates.since, candidates.step) as apt:
        candidates.note_archives(apt.stamp())
        solver = Solver(apt, planned)
        yield from ((BUILD, unmet) for unmet in solver.unmet_builds(controls))
        yield from ((USE, unmet) for unmet in solver.unmet_packages(list(metas)))


def _control(tree: FileTree) -> str:
    found = (file.content for path, file in tree.items() if path.name == "control")
    return next(found).decode()


def _planned(target: Target, control: str) -> Iterator[Planned]:
    source, *binaries = Deb822.iter_paragraphs(control, use_apt_pkg=False)
    component = target.graph.manifest.components[source["Source"]]
    version = f"{component.full_version}{target.distro.version_suffix}"
    relations = ("Pre-Depends", "Depends", "Conflicts", "Provides")
    for binary in binaries:
        fields = {key: binary.get(key, "") for key in relations}
        known = {key: _without_variables(text, version) for key, text in fields.items()}
        yield Planned(binary["Package"], version, known)


def _without_variables(relation: str, version: str) -> str:
    """Return a relation field with versions filled in, and without substitutions of the build."""
    for variable in ("${binary:Version}", "${source:Version}"):
        relation = relation.replace(variable, version)
    parts = (" ".join(part.split()) for part in relation.split(","))
    return ", ".join(part for part in parts if part and "${" not in part)
