# SPDX-License-Identifier: Apache-2.0
"""Ask dnf whether packages can be installed on a distro, together with planned ones.

dnf sees only the repositories' metadata and an empty root.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.capabilities.solve import Unmet
from xsbuild.distros.dnf_metadata import PrivateDnf
from xsbuild.distros.dnf_output import ABORTED, parse_problems

_FLAGS = {"<": "LT", "<=": "LE", "=": "EQ", ">=": "GE", ">": "GT"}
_ISAS = ("x86-64", "aarch-64")  # as in rpm's %_isa
_BUILD = "xsbuild-build-"


@dataclass(frozen=True, slots=True)
class PlannedRpm:
    """A package to be built.

    Attributes:
        version: its version with release, after the epoch if there is one.
        requires: its requirements, in the syntax of a spec file.
        provides: what it provides beside its name.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    provides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RpmSolver:
    """A distro's repositories, and planned packages.

    Attributes:
        dnf: the private dnf with the repositories.
        planned: packages to be built.
    """

    dnf: PrivateDnf
    planned: Sequence[PlannedRpm]

    def unmet_builds(self, requires: Mapping[str, tuple[str, ...]]) -> list[Unmet]:
        """Return reasons why build dependencies of components cannot be installed.

        Args:
            requires: component → its ``BuildRequires``.
        """
        builds = [PlannedRpm(f"{_BUILD}{name}", "1", words) for name, words in requires.items()]
        with TemporaryDirectory(prefix="xsbuild-") as place:
            self._write(Path(place), builds)
            return self._unmet(Path(place), [build.name for build in builds])

    def unmet_packages(self, names: Sequence[str]) -> list[Unmet]:
        """Return reasons why packages cannot be installed, alone or all together."""
        with TemporaryDirectory(prefix="xsbuild-") as place:
            self._write(Path(place), [])
            return self._unmet(Path(place), names)

    def _unmet(self, folder: Path, names: Sequence[str]) -> list[Unmet]:
        if not names or not self._failure(folder, names):
            return []
        return [
            Unmet(name.removeprefix(_BUILD), cause)
            for name in names
            for cause in parse_problems(self._failure(folder, [name]), name)
        ]

    def _failure(self, folder: Path, names: Sequence[str]) -> str:
        """Dnf's reasons for refusing an installation; empty if it would succeed."""
        repository = f"--repofrompath=xsbuild-planned,{folder.as_uri()}"
        options = [repository, "--setopt=xsbuild-planned.gpgcheck=0", "--setopt=metadata_expire=-1"]
        output = self.dnf.run(*options, "--assumeno", "install", *names, ok=(0, 1))
        return "" if ABORTED in output else output

    def _write(self, folder: Path, builds: Sequence[PlannedRpm]) -> None:
        packages = [*self.planned, *builds]
        writer = createrepo_c.RepositoryWriter(str(folder), changelog_limit=0)
        writer.set_num_of_pkgs(len(packages))
        for package in packages:
            writer.add_pkg(_record(package))
        writer.finish()


def _record(planned: PlannedRpm) -> createrepo_c.Package:
    package = createrepo_c.Package()
    epoch, colon, version = planned.version.rpartition(":")
    package.name, package.epoch, package.arch = planned.name, epoch if colon else "0", "noarch"
    package.version, _, release = version.partition("-")
    package.release = release or "1"
    package.summary = package.description = "would be built"
    package.pkgId = hashlib.sha256(planned.name.encode()).hexdigest()
    package.checksum_type = "sha256"
    package.location_href = f"{planned.name}.rpm"
    package.rpm_sourcerpm = f"{planned.name}.src.rpm"
    package.provides = [
        (name, "EQ", package.epoch, package.version, package.release, False)
        for name in (planned.name, *(f"{planned.name}({isa})" for isa in _ISAS))
    ]
    package.provides += [_relation(text) for text in planned.provides]
    package.requires = [_relation(text) for text in planned.requires]
    return package


def _relation(text: str) -> tuple[str, str | None, str | None, str | None, str | None, bool]:
    match text.split():
        case [name, operator, version] if operator in _FLAGS:
            epoch, colon, rest = version.rpartition(":")
            number, _, release = rest.partition("-")
            return (name, _FLAGS[operator], epoch if colon else "0", number, release or None, False)
        case _:
            return (text, None, None, None, None, False)
