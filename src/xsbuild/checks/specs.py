# SPDX-License-Identifier: Apache-2.0
"""What a spec file's packages and build require, as rpmspec(8) reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.buildroots.rpmbase import build_macros
from xsbuild.capabilities.rpmsolve import PlannedRpm
from xsbuild.distros.model import Distro, Family
from xsbuild.host.confined import run_confined
from xsbuild.manifest.places import family_places

_REQUIRES = "[R\t%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]"
_PACKAGE = "P\t%{NAME}\t%{VERSION}-%{RELEASE}\n"
# Of systemd-rpm-macros, which hosts do not have whose own packages are Debian's.
_SYSTEMD = ("unitdir", "sysusersdir", "tmpfilesdir", "udevrulesdir")


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """Build requirements of a spec file, and the relations of its packages.

    Attributes:
        build_requires: as the spec file writes them.
        packages: its binary packages.
    """

    build_requires: tuple[str, ...]
    packages: tuple[PlannedRpm, ...]


def read_spec(spec: str, distro: Distro) -> SpecFacts:
    """Read a spec file with the macros of a distro's builds.

    Raises:
        MissingToolError: there is no rpmspec.
        CommandFailedError: it is no spec file.
    """
    with TemporaryDirectory(prefix="xsbuild-") as place:
        file = Path(place, "demo.spec")
        file.write_text(spec, encoding="utf-8")
        known = {**_systemd_macros(), **build_macros(distro)}
        macros = [f"--define={name} {value}" for name, value in known.items()]
        query: list[str | Path] = ["rpmspec", "--query", *macros]
        builds = _run(place, [*query, "--buildrequires", file])
        form = f"--queryformat={_PACKAGE}{_REQUIRES}"
        packages = _run(place, [*query, form, file])
    return SpecFacts(tuple(line for line in builds if _known(line)), tuple(_packages(packages)))


def _run(place: str, command: list[str | Path]) -> list[str]:
    return run_confined(command, folder=Path(place)).output.splitlines()


def _systemd_macros() -> dict[str, str]:
    places = family_places(Family.DEB)
    return {f"_{name}": places[name] for name in _SYSTEMD}


def _packages(lines: list[str]) -> Iterator[PlannedRpm]:
    name, version, requires = "", "", list[str]()
    for kind, *fields in [*(line.split("\t") for line in lines), ["P", "", ""]]:
        if kind == "P":
            if name:
                yield PlannedRpm(name, version, tuple(requires))
            name, version, requires = fields[0], fields[1], []
        elif kind == "R" and _known(fields[0]):
            requires.append(" ".join(fields[0].split()))


def _known(relation: str) -> bool:
    """Whether it is a relation that a repository can fulfil, with all its macros expanded."""
    return "%{" not in relation and not relation.startswith(("rpmlib(", "warning:"))
