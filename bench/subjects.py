# SPDX-License-Identifier: Apache-2.0
"""The work: a small program in C of Debian's archive, and the test project's library as an RPM."""

import shutil
from pathlib import Path

from bench.contestants import ROOT, Subject

from buildroots import rpmsources
from rpmdistro.world import make_world
from xsbuild.buildroots.base import Base
from xsbuild.buildroots.buildroot import buildroot
from xsbuild.distros.model import Distro
from xsbuild.host.scratch import remove_tree

# deb822-style and one-line (sources.list(5)): source packages as well.
_ADD = "s/^Types: deb$/Types: deb deb-src/; s/^deb (.*)/deb \\1\\ndeb-src \\1/"


def debian_source(base: Base, package: str, folder: Path) -> Path:
    """Fetches a source package with the base's own apt; returns its ``.dsc``."""
    place = folder / "source"
    if not list(place.glob("*.dsc")):
        scratch = folder / "fetch"
        scratch.mkdir(parents=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        with buildroot(base, scratch) as root:
            lists = root.path / "etc/apt"
            files = root.namespace.run("find", lists, "-name", "*.sources", "-o", "-name", "*.list")
            root.namespace.run("sed", "-Ei", _ADD, *files.split())
            for words in (["update"], ["source", "--download-only", package]):
                root.run(["env", "--chdir=/srv", "apt-get", *words], network=True)
            root.namespace.run("cp", "--recursive", f"{root.path}/srv/.", place)
        remove_tree(scratch)
    return next(place.glob("*.dsc"))


def deb_subjects(distro: Distro, source: Path, folder: Path) -> dict[str, Subject]:
    """A ``.dsc``, built by root and by an ordinary user, who has a copy."""
    subjects = {}
    for name in ("root", "user"):
        home = folder / name
        shutil.copytree(source.parent, home / "source", dirs_exist_ok=True)
        subjects[name] = Subject(
            distro,
            ROOT / "distros",
            home / "source" / source.name,
            "pbuilder",
            home,
            name == "user",
        )
    return subjects


def rpm_subjects(folder: Path) -> dict[str, Subject]:
    """A library in C with autotools, built by root and by an ordinary user."""
    world = make_world(ROOT / ".pytest_cache/d/rpmdistro")
    subjects = {}
    for name in ("root", "user"):
        home = folder / name
        shutil.rmtree(home / "world", ignore_errors=True)
        shutil.rmtree(home / "libgreet", ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        mine = world.copy(home / "world")
        source = rpmsources.library(home)
        subjects[name] = Subject(mine.distro, mine.distros, source, "dnf", home, name == "user")
    return subjects
