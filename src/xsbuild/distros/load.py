# SPDX-License-Identifier: Apache-2.0
"""Find distro definitions: shipped with xsbuild, the project's, the user's."""

import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xsbuild import plainfile
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, Problem, ProblemsError
from xsbuild.yamlfile import load, nearest


@dataclass(frozen=True, slots=True)
class Distros:
    """All distros; each file is read on first use.

    Attributes:
        files: name → file; later folders override earlier ones.
    """

    files: dict[str, Path]

    def get(self, name: str) -> Distro:
        """Find a distro by its name or an alias.

        Raises:
            InputError: there is no such distro.
            ProblemsError: its file is invalid.
        """
        if name in self.files:
            return _load(self.files[name])
        everything = self.all()
        known: list[str] = []
        for distro in everything:
            if name in distro.aliases:
                return distro
            known += [distro.name, *distro.aliases]
        hint = nearest(name, known) or f"known distros: {', '.join(sorted(self.files))}"
        raise InputError(f"unknown distro {name!r}", hint=hint, code="XSB-USAGE-UNKNOWN-DISTRO")

    def all(self) -> list[Distro]:
        """Return every distro, by name."""
        return [_load(self.files[name]) for name in sorted(self.files)]


def host_distro(known: Collection[str]) -> str | None:
    """Return the distro of this host, or None if there is no definition of it."""
    try:
        return distro_of(platform.freedesktop_os_release(), known)
    except OSError:
        return None


def distro_of(release: Mapping[str, str], known: Collection[str]) -> str | None:
    """Find the distro of an os-release(5) file.

    Args:
        release: its fields, as ``ID`` and ``VERSION_ID``.
        known: names of distros, as ``debian-13`` or ``centos-stream-10``.
    """
    version = release.get("VERSION_ID", "")
    names = (release.get("ID", ""), "-".join(release.get("NAME", "").lower().split()))
    versions = (version, version.partition(".")[0])
    candidates = [f"{name}-{one}" for name in reversed(names) for one in versions if one]
    return next((name for name in (*candidates, names[0]) if name in known), None)


def find_distros(folders: Sequence[Path]) -> Distros:
    """List the definitions in some folders; a later folder's file replaces an earlier one's."""
    return Distros(
        {file.stem: file for folder in folders for file in sorted(folder.glob("*.yaml"))}
    )


def _load(file: Path) -> Distro:
    # A definition may be a link out of the project, as nothing of it is copied into packages. Then
    # no error quotes it: the link may lead to any file that the user can read.
    try:
        distro = load(file, Distro)
    except ProblemsError as error:
        if plainfile.is_inside(file, file.parent.parent):
            raise
        raise ProblemsError([_without_content(problem) for problem in error.problems]) from None
    if distro.name != file.stem:
        message = f"expected {file.stem}, the name of the file"
        raise ProblemsError([Problem(file, None, "name", message, code="XSB-DISTRO-NAME")])
    return distro


def _without_content(problem: Problem) -> Problem:
    message = "invalid; not shown, as the file is a link out of the project"
    return replace(problem, key="", message=message, hint=None, excerpt=None)
