# SPDX-License-Identifier: Apache-2.0
"""Check with dnf and rpmspec(8) that planned packages can be built and installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.buildroots.rpmbase import build_macros
from xsbuild.capabilities.fetch_index import open_dnf
from xsbuild.capabilities.rpmsolve import PlannedRpm, RpmSolver
from xsbuild.capabilities.solve import Unmet
from xsbuild.checks.candidates import BUILD, USE, Candidates, Unsolved
from xsbuild.distros.model import Distro
from xsbuild.host.confined import run_confined
from xsbuild.host.process import CommandFailedError
from xsbuild.manifest.places import COMMON
from xsbuild.recipes.tree import FileTree

_REQUIRES = "[R\t%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]"
_PROVIDES = "[V\t%{PROVIDENAME} %{PROVIDEFLAGS:depflags} %{PROVIDEVERSION}\n]"
_PACKAGE = "P\t%{NAME}\t%{EVR}\n"
# Of systemd-rpm-macros, which hosts do not have whose own packages are Debian's.
_SYSTEMD = {
    f"_{name}": COMMON[name] for name in ("unitdir", "sysusersdir", "tmpfilesdir", "udevrulesdir")
}


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """Build requirements of a spec file, and the relations of its packages.

    Attributes:
        build_requires: as the spec file writes them.
        packages: its binary packages.
    """

    build_requires: tuple[str, ...]
    packages: tuple[PlannedRpm, ...]


def solve(candidates: Candidates) -> Iterator[Unsolved]:
    """Report build dependencies and meta-packages that dnf cannot install."""
    target, trees, metas = candidates.target, candidates.trees, candidates.metas
    specs: dict[str, SpecFacts] = {}
    for name, tree in trees.items():
        try:
            specs[name] = read_spec(_spec(tree), target.distro)
        except CommandFailedError as error:
            reason = f"macros that rpm lacks on this machine: {error.output.splitlines()[0]}"
            yield BUILD, Unmet(name, reason)
    blocked = [*candidates.blocked, *(name for name in trees if name not in specs)]
    planned = [package for spec in specs.values() for package in spec.packages]
    planned += [PlannedRpm(name, version, ()) for name, version in candidates.assumed(blocked)]
    planned += [PlannedRpm(meta, candidates.meta_version, tuple(metas[meta])) for meta in metas]
    with open_dnf(target.distro, target.project.settings, candidates.since, candidates.step) as dnf:
        candidates.note_archives(dnf.stamp(target.distro))
        solver = RpmSolver(dnf, planned)
        builds = {name: spec.build_requires for name, spec in specs.items()}
        yield from ((BUILD, unmet) for unmet in solver.unmet_builds(builds))
        yield from ((USE, unmet) for unmet in solver.unmet_packages(list(metas)))


def _spec(tree: FileTree) -> str:
    return next(file.content for path, file in tree.items() if path.suffix == ".spec").decode()


def read_spec(spec: str, distro: Distro) -> SpecFacts:
    """Read a spec file with the macros of a distro's builds.

    Raises:
        MissingToolError: there is no rpmspec.
        CommandFailedError: it is no spec file.
    """
    with TemporaryDirectory(prefix="xsbuild-") as place:
        file = Path(place, "demo.spec")
        file.write_text(spec, encoding="utf-8")
        known = {**_SYSTEMD, **build_macros(distro)}
        macros = [f"--define={name} {value}" for name, value in known.items()]
        query: list[str | Path] = ["rpmspec", "--query", *macros]
        builds = _run(place, [*query, "--buildrequires", file])
        form = f"--queryformat={_PACKAGE}{_REQUIRES}{_PROVIDES}"
        packages = _run(place, [*query, form, file])
    return SpecFacts(tuple(line for line in builds if _known(line)), tuple(_packages(packages)))


def _run(place: str, command: list[str | Path]) -> list[str]:
    return run_confined(command, folder=Path(place)).output.splitlines()


def _packages(lines: list[str]) -> Iterator[PlannedRpm]:
    name, version, relations = "", "", dict[str, list[str]]()
    for kind, *fields in [*(line.split("\t") for line in lines), ["P", "", ""]]:
        if kind == "P":
            if name:
                found = (tuple(relations.get(key, ())) for key in ("R", "V"))
                yield PlannedRpm(name, version, *found)
            name, version, relations = fields[0], fields[1], {}
        elif kind in ("R", "V") and _known(fields[0]) and not _own(fields[0], name):
            relations.setdefault(kind, []).append(" ".join(fields[0].split()))


def _own(relation: str, name: str) -> bool:
    """Return whether a relation is the package's own name, which rpm provides by itself."""
    return relation.startswith((f"{name} =", f"{name}("))


def _known(relation: str) -> bool:
    """Return whether a repository can fulfil the relation: all its macros are expanded."""
    return "%{" not in relation and not relation.startswith(("rpmlib(", "warning:"))
