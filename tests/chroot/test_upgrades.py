# SPDX-License-Identifier: Apache-2.0
"""Upgrades on a machine: two versions are built by the command, and the second follows the first.

An administrator edits configuration files in between.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_end_to_end import Bench
from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.distros.dnf import host_dnf
from xsbuild.distros.model import Distro, Family
from xsbuild.host.scratch import remove_tree
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings

pytestmark = [pytest.mark.chroot, pytest.mark.slow]
HEAD = """\
product: {name: shelf, title: Shelf, homepage: "https://example.org", license: MIT, version: "1",
  maintainer: Nobody <nobody@example.org>, date: 2026-11-22}
components:
  shelf:
    summary: Shelf of things
    description: Holds things.
    homepage: https://example.org
    license: MIT
    build: {system: none}
    sources: [{local: data}]
"""
FIRST = (
    HEAD
    + """\
    version: "1.0"
    packages:
      shelf:
        architecture: all
        install:
          - {source: guide.txt, to: "{datadir}/shelf/docs"}
          - {source: guide.txt, to: "{datadir}/shelf/pages"}
          - {source: moved.txt, to: "{datadir}/shelf"}
          - {source: old.conf, to: "{sysconfdir}/shelf"}
          - {source: calm.conf, to: "{sysconfdir}/shelf"}
          - {source: gone.conf, to: "{sysconfdir}/shelf"}
          - {source: lost.conf, to: "{sysconfdir}/shelf"}
        config:
          - "{sysconfdir}/shelf/old.conf"
          - "{sysconfdir}/shelf/calm.conf"
          - "{sysconfdir}/shelf/gone.conf"
          - "{sysconfdir}/shelf/lost.conf"
        links: {"{datadir}/shelf/manual": docs}
      shelf-extra: {architecture: all, install: [{source: guide.txt, to: "{datadir}/extra"}]}
      plank: {architecture: all, install: [{source: guide.txt, to: "{datadir}/plank"}]}
    changelog: [{version: 1.0-1, date: 2026-11-22, changes: [First package]}]
"""
)
SECOND = (
    HEAD
    + """\
    version: "2.0"
    packages:
      shelf:
        architecture: all
        install:
          - {source: guide.txt, to: "{datadir}/shelf/new"}
          - {source: guide.txt, to: "{datadir}/shelf/manual"}
          - {source: new.conf, to: "{sysconfdir}/shelf"}
          - {source: quiet.conf, to: "{sysconfdir}/shelf"}
        config: ["{sysconfdir}/shelf/new.conf", "{sysconfdir}/shelf/quiet.conf"]
        links:
          "{datadir}/shelf/docs": new
          # It needs no `upgrades`, as what it leads to is a directory of this package.
          "{datadir}/shelf/pages": new
        upgrades:
          - {dir-to-symlink: "{datadir}/shelf/docs", to: new, since: 2.0-1}
          - {symlink-to-dir: "{datadir}/shelf/manual", to: docs, since: 2.0-1}
          - {mv-conffile: "{sysconfdir}/shelf/old.conf", to: "{sysconfdir}/shelf/new.conf",
             since: 2.0-1}
          - {mv-conffile: "{sysconfdir}/shelf/calm.conf", to: "{sysconfdir}/shelf/quiet.conf",
             since: 2.0-1}
          - {rm-conffile: "{sysconfdir}/shelf/gone.conf", since: 2.0-1}
          - {rm-conffile: "{sysconfdir}/shelf/lost.conf", since: 2.0-1}
      shelf-extra:
        architecture: all
        install:
          - {source: guide.txt, to: "{datadir}/extra"}
          - {source: moved.txt, to: "{datadir}/shelf"}
        replaces: [shelf < 2.0]
      board:
        architecture: all
        install: [{source: guide.txt, to: "{datadir}/plank"}]
        replaces: [plank]
    changelog: [{version: 2.0-1, date: 2026-11-23, changes: [Second package]}]
"""
)
LOCK = 'distro: {}\nindex: {{date: 2026-11-22, hash: "{:0>64}"}}\n'
VERSIONS = {"1.0": FIRST, "2.0": SECOND}
PACKAGES = {"1.0": ("shelf", "shelf-extra", "plank"), "2.0": ("shelf", "shelf-extra", "board")}
DATA = ("guide.txt", "moved.txt", *(f"{name}.conf" for name in (
    "old", "calm", "gone", "lost", "new", "quiet",
)))  # fmt: skip
EDITED = ("old.conf", "lost.conf")
# what is left after the upgrade: path → its kind, and a link's target
EXPECTED = {
    "/etc/shelf/new.conf": "f",
    "/etc/shelf/quiet.conf": "f",
    "/usr/share/extra/guide.txt": "f",
    "/usr/share/plank/guide.txt": "f",
    "/usr/share/shelf/docs": "l new",
    "/usr/share/shelf/manual": "d",
    "/usr/share/shelf/manual/guide.txt": "f",
    "/usr/share/shelf/moved.txt": "f",
    "/usr/share/shelf/new": "d",
    "/usr/share/shelf/new/guide.txt": "f",
    "/usr/share/shelf/pages": "l new",
}
# configuration that was edited, and what the packages have in its place
KEPT = {
    Family.DEB: {"/etc/shelf/lost.conf.dpkg-bak": "f", "/etc/shelf/new.conf.dpkg-new": "f"},
    Family.RPM: {"/etc/shelf/lost.conf.rpmsave": "f", "/etc/shelf/new.conf.rpmnew": "f"},
}
FOLDERS = ("/etc/shelf", "/usr/share/shelf", "/usr/share/extra", "/usr/share/plank")


def build(bench: Bench, version: str, packages: Path) -> None:
    """Builds a version and copies its packages."""
    bench.manifest.write_text(VERSIONS[version])
    done = bench.build()
    assert done.returncode == 0, done.stdout + done.stderr
    target = packages / version
    target.mkdir()
    starts = tuple(f"{name}{mark}{version}" for name in PACKAGES[version] for mark in "_-")
    for path in (bench.project / "dist" / bench.distro).resolve().rglob("*"):
        if path.name.startswith(starts):
            shutil.copy(path, target)


@dataclass(frozen=True)
class Machine:
    """A machine on which packages are installed.

    Attributes:
        root: its files.
        distro: its distro.
        packages: has a folder of packages for each version.
        dnf: a directory for the settings of the host's rpm; made when they are needed.
    """

    root: Buildroot
    distro: Distro
    packages: Path
    dnf: Path

    def install(self, version: str) -> None:
        files = sorted((self.packages / version).iterdir())
        assert len(files) == len(PACKAGES[version]), files
        if self.distro.family is Family.RPM:
            home = self.dnf / version
            rpm = host_dnf(self.distro, self.root.path, home, self.root.namespace, {}).rpm
            rpm("--upgrade", "--nosignature", *map(str, files))
        else:
            paths = [f"/packages/{version}/{file.name}" for file in files]
            options = ("--auto-deconfigure", "--force-confold")
            self.root.run(["dpkg", *options, "--install", *paths])

    def files(self) -> dict[str, str]:
        """Return path → its kind, and a link's target."""
        words = ["find", *FOLDERS, "-mindepth", "1", "-printf", "%p\\t%y %l\\n"]
        lines = self.root.run(words).output.splitlines()
        return {path: kind.strip() for path, kind in (line.split("\t") for line in lines)}

    def text(self, path: str) -> str:
        return self.root.run(["cat", path]).output


@contextmanager
def machine(bench: Bench, packages: Path) -> Iterator[Machine]:
    """A fresh machine with the packages of both versions in a folder."""
    home = bench.home
    settings = Settings(Folders(home / "cache", home / "data", home / "config"))
    distro = Project(bench.manifest, settings).distros.get(bench.distro)
    base = ensure_base(distro, Variant.INSTALL, settings, step=print, log=home / "base.log")
    scratch = home / "scratch"
    scratch.mkdir()
    try:
        with buildroot(base, scratch, binds={packages: "/packages"}) as root:
            yield Machine(root, distro, packages, home / "dnf")
    finally:
        remove_tree(scratch)


@pytest.mark.parametrize("family", Family)
def test_an_upgrade_keeps_what_was_edited_and_replaces_what_changed_its_kind(
    family: Family, tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path, bases: Path
) -> None:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for name in DATA:
        (project / "data" / name).write_text(f"{name}\n")
    (project / "locks").mkdir()
    # It requires nothing, so that no archive has to be read.
    distro = {Family.DEB: "debian-13", Family.RPM: NAME}[family]
    (project / "locks" / f"{distro}.yaml").write_text(LOCK.format(distro, 0))
    (tmp_path / "cache").mkdir()
    if family is Family.RPM:
        (project / "distros").symlink_to(rpm_world_with_ocaml.distros)
        (tmp_path / "cache/bases").symlink_to(rpm_bases)
        bench = Bench(tmp_path, project / "components.yaml", distro, "dnf")
    else:
        (tmp_path / "cache/bases").symlink_to(bases)
        bench = Bench(tmp_path, project / "components.yaml", distro, "pbuilder")
    packages = tmp_path / "packages"
    packages.mkdir()
    build(bench, "1.0", packages)
    build(bench, "2.0", packages)
    with machine(bench, packages) as made:
        made.install("1.0")
        for name in EDITED:
            made.root.run(["sed", "-i", "s/$/ edited/", f"/etc/shelf/{name}"])
        made.install("2.0")
        left = {path: kind for path, kind in made.files().items() if ".rpmmoved" not in path}
        assert left == {**EXPECTED, **KEPT[family]}
        assert made.text("/etc/shelf/new.conf") == "old.conf edited\n"
        assert made.text("/etc/shelf/quiet.conf") == "quiet.conf\n"
