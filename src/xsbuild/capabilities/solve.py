# SPDX-License-Identifier: Apache-2.0
"""Ask apt whether packages can be installed on a distro, together with planned ones.

apt sees only the archives' lists: no package is fetched, none is assumed to be installed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.distros.apt import PrivateApt
from xsbuild.distros.apt_output import unmet_relations

_DEPTH = 6
_GOES_ON = "it is not going to be installed"
_BUTS = {
    "it is not installable": "which is not there, or excluded by something else that is needed",
    _GOES_ON: "which is not there in that version, or excluded by something else that is needed",
}
_VERBS = {"Depends": "depends on", "PreDepends": "depends on", "Conflicts": "conflicts with"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A package to be built.

    Attributes:
        relations: its relation fields, as ``{"Depends": "libc6"}``.
    """

    name: str
    version: str
    relations: Mapping[str, str]

    def paragraph(self) -> str:
        """Return its stanza of a Packages file."""
        fields = {
            "Package": self.name,
            "Version": self.version,
            "Architecture": "all",
            "Maintainer": "nobody",
            "Filename": f"./{self.name}.deb",
            "Size": "1",
            **self.relations,
            "Description": "would be built",
        }
        return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A reason why a package cannot be installed.

    Attributes:
        wanted: the package, or the component of the build dependencies.
        cause: the cause, in one line.
    """

    wanted: str
    cause: str


@dataclass(frozen=True, slots=True)
class Solver:
    """A distro's archives, and planned packages.

    Attributes:
        apt: the private apt with the archives.
        planned: packages to be built.
    """

    apt: PrivateApt
    planned: Sequence[Planned]

    def unmet_builds(self, controls: Mapping[str, str]) -> list[Unmet]:
        """Return reasons why build dependencies of components cannot be installed.

        Args:
            controls: component → its ``debian/control``.
        """
        with TemporaryDirectory(prefix="xsbuild-") as place:
            folder = self._folder(Path(place))
            for name, control in controls.items():
                file = folder / name / "debian/control"
                file.parent.mkdir(parents=True)
                file.write_text(control, encoding="utf-8")
            everything = [f"./{name}" for name in controls]
            if not everything or not self._failure(folder, "build-dep", *everything):
                return []
            found = []
            for name in controls:
                output = self._failure(folder, "build-dep", f"./{name}")
                found += [Unmet(name, cause) for cause in self._causes(folder, output, name)]
            # Build dependencies of each component are solved alone, as in its buildroot.
            return found

    def unmet_packages(self, names: Sequence[str]) -> list[Unmet]:
        """Return reasons why packages cannot be installed, alone or all together."""
        with TemporaryDirectory(prefix="xsbuild-") as place:
            folder = self._folder(Path(place))
            if not names or not self._failure(folder, "install", *names):
                return []
            found = [
                Unmet(name, cause)
                for name in names
                for cause in self._causes(folder, self._failure(folder, "install", name), name)
            ]
            together = "what it needs and what the others need exclude each other"
            return found or [Unmet(", ".join(names), together)]

    def _folder(self, folder: Path) -> Path:
        paragraphs = "\n".join(package.paragraph() for package in self.planned)
        (folder / "Packages").write_text(paragraphs, encoding="utf-8")
        return folder

    def _failure(self, folder: Path, *words: str) -> str:
        """Apt's reasons for refusing an installation; empty if it would succeed."""
        # It solves and prints URIs. A simulation (-s) also orders every package's steps,
        # which takes ten times as long.
        options = ("--print-uris", "--with-source", "./Packages")
        return self.apt.refusal(*options, *words, folder=folder) or ""

    def _causes(self, folder: Path, output: str, wanted: str, depth: int = _DEPTH) -> list[str]:
        causes: dict[str, None] = {}
        for unmet in unmet_relations(output):
            name = unmet.relation.split()[0]
            deeper: list[str] = []
            if unmet.but == _GOES_ON and depth:
                failure = self._failure(folder, "install", name)
                deeper = self._causes(folder, failure, name, depth - 1)
            start = "" if unmet.package in (wanted, f"builddeps:./{wanted}") else unmet.package
            verb = _VERBS.get(unmet.kind, unmet.kind.lower())
            text = f"{start} {verb} {unmet.relation}" if start else unmet.relation
            ends = [f"{text}; {cause}" for cause in deeper]
            causes |= dict.fromkeys(ends or [f"{text}, {_BUTS.get(unmet.but, unmet.but)}"])
        errors = [line[3:] for line in output.splitlines() if line.startswith("E: ")]
        return list(causes) or errors[:1]
