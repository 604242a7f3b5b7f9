# SPDX-License-Identifier: Apache-2.0
"""Compares what the end-to-end tests of the two families built, once both have.

Each leaves word of its packages; whichever comes second compares them, and a package in which
differences are planted.
"""

import fcntl
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from xsbuild.host import process
from xsbuild.parity.check import Pair, compare_packages
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

if TYPE_CHECKING:
    from test_end_to_end import Bench

DEB, RPM = "debian-13", "testdistro-1"
_PLANTED = [
    "salutd: configuration file {sysconfdir}/logrotate.d/salutd: only in rpm",
    "salutd: file {mandir}/man8/salutd.8: only in rpm",
    "salutd: file {unitdir}/salutd.service: only in rpm",
    "salutd: mode {sbindir}/salutd: 0700 in deb, 0755 in rpm",
    "salutd: requires greet-data: only in rpm",
    'salutd: user u other - "Greeting daemon": only in deb',
    'salutd: user u salutd - "Greeting daemon" /var/lib/salutd: only in rpm',
    "salutd: unit salutd.service: only in rpm",
]
Packages = dict[str, dict[str, Path]]


def meet(bench: "Bench", folder: Path) -> None:
    """Says in a folder what was built, and compares it where the other family has been there."""
    with (folder / "parity.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        left = {"home": str(bench.home), "project": str(bench.project)}
        (folder / f"parity-{bench.distro}.json").write_text(json.dumps(left))
        files = [folder / f"parity-{name}.json" for name in (DEB, RPM)]
        if not all(file.exists() for file in files):
            return
        deb, rpm = (json.loads(file.read_text()) for file in files)
    debs = _packages(Path(deb["home"]), DEB, Path(deb["project"]))
    rpms = _packages(Path(rpm["home"]), RPM, Path(rpm["project"]))
    project = _project(Path(rpm["home"]), Path(rpm["project"]))  # it knows both distros
    found = {name: _differences(project, name, debs[name], rpms[name]) for name in rpms}
    assert found == {name: [] for name in project.manifest.components}
    debs["salutd"]["salutd"] = _plant(debs["salutd"]["salutd"], bench.home / "planted")
    assert _differences(project, "salutd", debs["salutd"], rpms["salutd"]) == sorted(_PLANTED)


def _project(home: Path, folder: Path) -> Project:
    folders = Folders(home / "cache", home / "data", home / "config")
    return Project(folder / "components.yaml", Settings(folders))


def _packages(home: Path, distro: str, folder: Path) -> Packages:
    """Component → package → its file."""
    project = _project(home, folder)
    found: Packages = {}
    for name in project.manifest.components:
        result = project.history.last(f"{name}@{distro}")
        assert result is not None
        found[name] = {
            file.package.name: result.folder / file.name for file in result.files if file.package
        }
    return found


def _differences(
    project: Project, name: str, deb: dict[str, Path], rpm: dict[str, Path]
) -> list[str]:
    pair = Pair(project.distros.get(DEB), project.distros.get(RPM))
    return sorted(map(str, compare_packages(project, name, pair, deb, rpm)))


def _plant(deb: Path, tree: Path) -> Path:
    """A copy of the daemon's package that is not as the manifest says."""
    process.run(["dpkg-deb", "--raw-extract", deb, tree])
    for path in ("usr/share/man", "usr/lib/systemd"):
        shutil.rmtree(tree / path)
    (tree / "usr/sbin/salutd").chmod(0o700)
    (tree / "usr/lib/sysusers.d/salutd.conf").write_text('u other - "Greeting daemon"\n')
    for name, old in (("control", ", greet-data"), ("conffiles", "/etc/logrotate.d/salutd\n")):
        file = tree / "DEBIAN" / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, ""))
    made = tree.parent / "salutd_planted.deb"
    process.run(["dpkg-deb", "--root-owner-group", "--build", tree, made])
    shutil.rmtree(tree)
    return made
