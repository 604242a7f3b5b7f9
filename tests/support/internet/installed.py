# SPDX-License-Identifier: Apache-2.0
"""A machine on which a user has installed the core: its root directory, which systemd boots."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nspawn import boot, write
from person import Person
from xsbuild.buildroots.base import Variant, present_base
from xsbuild.buildroots.builder import REPOSITORY
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.distros.model import Distro
from xsbuild.installtest.family import manager_family
from xsbuild.installtest.model import LEFT_RUNNING, Place
from xsbuild.project import Project, find_project
from xsbuild.settings import Folders, load_settings


@dataclass(frozen=True)
class Machine:
    """A machine.

    Attributes:
        root: its root directory.
        enabled: units that the manifest has the installed packages enable, but templates.
    """

    root: Buildroot
    enabled: tuple[str, ...]

    def boot(self, *lines: str) -> str:
        """Boots it, runs lines of a shell script and returns what they print."""
        script = "".join(f"{line}\n" for line in ("#!/bin/sh", *lines, "exit 0"))
        output = boot(self.root.namespace, self.root.path, script)
        return output.partition("\n")[2]

    def write(self, path: str, text: str, *, mode: str = "644") -> None:
        """Writes a file."""
        write(self.root.namespace, f"{self.root.path}{path}", text, mode=mode)

    def read(self, path: str) -> str:
        """The text of a file."""
        return self.root.run(["cat", path]).output


@contextmanager
def installed(person: Person, distro: str, scratch: Path, *names: str) -> Iterator[Machine]:
    """A machine with packages that a person has built.

    Args:
        person: has published them, and run `test-install`.
        distro: for which distro.
        scratch: an empty directory.
        names: what to install.
    """
    home = person.home
    folders = Folders(home / "cache", home / "data/xsbuild", home / "config/xsbuild")
    project = find_project(load_settings(folders=folders), person.manifest)
    chosen = project.distros.get(distro)
    base = present_base(chosen, Variant.INSTALL, project.settings)
    assert base is not None
    repository = project.results / distro
    binds = {LEFT_RUNNING: "/xsbuild/left-running", repository: str(REPOSITORY)}
    (scratch / "root").mkdir()
    with buildroot(base, scratch / "root", binds=binds) as root:
        place = Place(chosen, repository, base, root, None, True, scratch, scratch / "log")
        manager = manager_family(chosen.family).manager(place)
        manager.update()
        manager.download(names)
        manager.install(names)
        offered, there = manager.offered(), manager.installed()
        ours = {name for name, version in there.items() if version in offered.get(name, ())}
        yield Machine(root, tuple(_enabled(project, chosen, ours)))


def _enabled(project: Project, distro: Distro, packages: Collection[str]) -> Iterator[str]:
    for component in project.manifest_for(distro.family).components.values():
        for name, package in component.packages.items():
            if name in packages:
                names = (unit.name for unit in package.units if unit.enable)
                yield from (name for name in names if "@." not in name)
