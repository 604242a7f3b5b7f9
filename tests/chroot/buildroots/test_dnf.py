# SPDX-License-Identifier: Apache-2.0
"""Builds RPMs for real in the test distribution, as root and as an ordinary user."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from buildroots import rpmsources
from ordinary_user import as_ordinary_user
from rpmdistro.world import World
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.dnf import Dnf
from xsbuild.errors import BuildError
from xsbuild.host import process
from xsbuild.host.scratch import remove_tree
from xsbuild.host.timelimit import TimeLimit
from xsbuild.repos.signing import signing_key
from xsbuild.repos.yum import write_yum_repository
from xsbuild.settings import Folders, Settings

EPOCH = 1_767_225_600  # 2026-01-01
# What a build may see; run by the package's own %check.
CLOSED = r"""
%check
set -x
test "$(id -un)" = mockbuild
test "$SOURCE_DATE_EPOCH" = 1767225600
test "$TZ" = UTC
test "$HOME" = /builddir
test "$(hostname)" = localhost
test -z "${HOST_SECRET:-}"
test "$(wc -l < /proc/net/dev)" = 3  # two lines of heading, and the loopback interface
test "$(echo %{?_smp_mflags})" = -j2
test ! -e /dev/sda -a -c /dev/null
! ls /work
%files
"""


class Workshop:
    """Makes and builds packages in a folder."""

    def __init__(self, folder: Path, world: World, cache: Path) -> None:
        self.folder = folder
        self.distro = world.distro
        self.settings = Settings(Folders(cache, folder / "data", folder / "config"))
        self.steps: list[str] = []
        self.installed: list[str] = []
        self.proceed = True
        self.time_limit: tuple[int, int] | None = None
        self.base: Base = ensure_base(
            self.distro, Variant.BUILD, self.settings, step=print, log=folder / "base.log"
        )

    def build(
        self, source: Path, use: Path | None = None, name: str = "", *, elsewhere: bool = False
    ) -> Path:
        """Builds a source package and returns the folder of its packages."""
        name = name or source.name
        results, scratch = (self.folder / f"{name}.{kind}" for kind in ("results", "scratch"))
        results.mkdir()
        scratch.mkdir()
        log = self.folder / f"{name}.log"
        layers = self.folder / "layers"
        request = BuildRequest(
            name, self.distro, source, use, 2, EPOCH, results, scratch, log, layers
        )
        limit = self.time_limit and TimeLimit.starting_now(*self.time_limit)
        request = replace(request, elsewhere=elsewhere, proceed=self._proceed, time_limit=limit)
        try:
            Dnf().build(request, self.base, self.steps.append)
        finally:
            remove_tree(scratch)
        return results

    def _proceed(self, installed: Sequence[str]) -> bool:
        self.installed += installed
        return self.proceed

    def repository(self, *results: Path) -> Path:
        """A repository of what was built."""
        place = self.folder / "repository"
        place.mkdir()
        packages = [file for folder in results for file in folder.glob("*.rpm")]
        key = signing_key(self.settings, say=lambda _text: None)
        location = place.as_uri()
        write_yum_repository(place, packages, title="Ours", key=key, epoch=EPOCH, location=location)
        return place

    def build_all(self) -> dict[str, list[str]]:
        """A library, and the daemon that needs it, twice; returns names of files and steps."""
        library = self.build(rpmsources.library(self.folder))
        repository = self.repository(library)
        source = rpmsources.daemon(self.folder)
        first = self.build(source, repository, "first")
        second = self.build(source, repository, "second", elsewhere=True)
        (source_package,) = first.glob("*.src.rpm")
        third = self.build(source_package, repository, "third")
        files = sorted(path.name for path in (*library.iterdir(), *first.iterdir()))
        same = [f.name for f in first.iterdir() if _same(f, second) and _same(f, third)]
        return {"files": files, "same": sorted(same), "steps": self.steps}


def _same(file: Path, folder: Path) -> bool:
    return file.read_bytes() == (folder / file.name).read_bytes()


def check(found: dict[str, list[str]]) -> None:
    """What `Workshop.build_all` must have found."""
    daemon = [
        "salutd-0.9-1.test1.src.rpm",
        "salutd-0.9-1.test1.x86_64.rpm",
        "salutd-debuginfo-0.9-1.test1.x86_64.rpm",
        "salutd-debugsource-0.9-1.test1.x86_64.rpm",
    ]
    library = [
        "libgreet-1.2.0-1.test1.src.rpm",
        "libgreet-1.2.0-1.test1.x86_64.rpm",
        "libgreet-debuginfo-1.2.0-1.test1.x86_64.rpm",
        "libgreet-debugsource-1.2.0-1.test1.x86_64.rpm",
        "libgreet-devel-1.2.0-1.test1.x86_64.rpm",
    ]
    assert found["files"] == library + daemon
    assert found["same"] == daemon
    steps = ["unpack", "install build dependencies", "unpack", "build", "make packages", "test"]
    assert found["steps"][:6] == steps


def relations(folder: Path, name: str, kind: str) -> list[str]:
    """What a package that was built provides or requires."""
    (package,) = (file for file in folder.glob(f"{name}-[0-9]*.rpm") if ".src." not in file.name)
    printed = process.run(["rpm", "--query", "--package", f"--{kind}", package]).output
    return printed.splitlines()


@pytest.fixture
def workshop(tmp_path: Path, rpm_world: World, run_folder: Path) -> Workshop:
    """All workers of a run share the base."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's builds have a test of their own")
    return Workshop(tmp_path, rpm_world, run_folder / "rpm-bases")


@pytest.mark.chroot
def test_root_builds_reproducibly_from_folders_and_source_packages(workshop: Workshop) -> None:
    check(workshop.build_all())
    library, daemon = (workshop.folder / f"{name}.results" for name in ("libgreet", "first"))
    assert "libgreet.so.1()(64bit)" in relations(library, "libgreet", "provides")
    assert "pkgconfig(greet) = 1.2.0" in relations(library, "libgreet-devel", "provides")
    required = relations(daemon, "salutd", "requires")
    assert "libgreet.so.1()(64bit)" in required
    assert "/bin/sh" in required


@pytest.mark.chroot
def test_an_ordinary_user_builds_the_same(
    tmp_path: Path, rpm_world: World, workshop: Workshop
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    world = rpm_world.copy(home / "world")
    code = (
        f"import sys, json; sys.path[:0] = {sys.path!r}\n"
        "from pathlib import Path; from rpmdistro.world import World\n"
        "from buildroots import test_dnf\n"
        f"home = Path({str(home)!r})\n"
        f"shop = test_dnf.Workshop(home, World(Path({str(world.folder)!r})), home / 'cache')\n"
        "Path('found.json').write_text(json.dumps(shop.build_all()))\n"
        "test_dnf.remove_tree(Path('cache'))\n"
    )
    as_ordinary_user([sys.executable, "-c", code], home, ok=(0,))
    check(json.loads((home / "found.json").read_text()))
    library = workshop.build(rpmsources.library(workshop.folder))
    same = [file.name for file in library.iterdir() if _same(file, home / "libgreet.results")]
    assert len(same) == 5


@pytest.mark.chroot
def test_a_build_sees_nothing_of_the_host(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "seen")
    results = workshop.build(rpmsources.broken(workshop.folder, "closed", CLOSED))
    assert len(list(results.iterdir())) == 2


@pytest.mark.chroot
def test_generated_build_dependencies_are_installed_until_nothing_is_missing(
    workshop: Workshop,
) -> None:
    project = rpmsources.python(workshop.folder)
    results = workshop.build(project)
    assert "python3dist(greet) = 2.0.1" in relations(results, "python3-greet", "provides")
    (source,) = results.glob("*.src.rpm")
    printed = process.run(["rpm", "--query", "--package", "--requires", source]).output
    assert "python3dist(setuptools) >= 61" in printed.splitlines()
    # asked once, with all that is there in the end
    assert workshop.installed == sorted(set(workshop.installed))
    names = {package.partition("=")[0] for package in workshop.installed}
    assert {"bash", "python3", "python3-setuptools"} <= names
    assert {"noarch", "x86_64"} <= {package.rpartition(".")[2] for package in workshop.installed}
    workshop.proceed = False
    assert list(workshop.build(project, name="again").iterdir()) == []


@pytest.mark.chroot
@pytest.mark.parametrize(
    ("name", "tags", "body", "step", "message"),
    [
        ("needs", "BuildRequires: gcc, pkgconfig(nonsuch) >= 2", "%files",
         "install build dependencies", "dependencies do not exist: pkgconfig(nonsuch) >= 2"),
        ("unpacks", "", "%prep\necho oh dear\nfalse\n%files", "unpack", "%prep fails"),
        ("builds", "", "%build\necho oh dear\nfalse\n%files", "build", "oh dear"),
        ("tests", "", "%check\necho oh dear\nfalse\n%files", "test", "its tests fail"),
        ("installs", "", "%install\ntouch %{buildroot}/left\n%files", "make packages",
         "no package takes these files: /left"),
        ("names", "", "%files\n/usr/bin/absent", "make packages",
         "packages name files that the build did not make: /usr/bin/absent"),
        ("misspelt", "Licence: MIT", "%files", "unpack", "the spec file is wrong: line 8"),
        ("fills", "", "%build\ndd if=/dev/zero of=/dev/full count=1\n%files", "build",
         "the disk is full"),
    ],
)  # fmt: skip
def test_a_failure_is_explained(
    workshop: Workshop, name: str, tags: str, body: str, step: str, message: str
) -> None:
    with pytest.raises(BuildError) as caught:
        workshop.build(rpmsources.broken(workshop.folder, name, body + "\n", tags))
    assert message in caught.value.message
    assert caught.value.step == step
    assert caught.value.log is not None
    assert caught.value.log.stat().st_size > 0


@pytest.mark.chroot
@pytest.mark.parametrize(
    ("limit", "message"), [((600, 10), "no output for 10 s"), ((20, 600), "took more than 20 s")]
)
def test_a_build_that_takes_too_long_is_ended(
    workshop: Workshop, limit: tuple[int, int], message: str
) -> None:
    workshop.time_limit = limit
    source = rpmsources.broken(workshop.folder, "hangs", "%check\nsleep 987655\n%files\n", "")
    with pytest.raises(BuildError, match=f"{message} .*sleep 987655") as caught:
        workshop.build(source)
    assert (caught.value.code, caught.value.step) == ("XSB-BUILD-TIMEOUT", "test")
    assert "sleep 987655" not in list(process.running(1))


@pytest.mark.chroot
def test_a_package_signed_with_another_key_is_refused(workshop: Workshop) -> None:
    data = workshop.build(rpmsources.broken(workshop.folder, "other", "%files\n"))
    repository = workshop.repository(data)
    stranger = Settings(
        Folders(workshop.folder, workshop.folder / "stranger", workshop.folder / "config")
    )
    key = signing_key(stranger, say=lambda _text: None)
    (repository / "key.asc").write_bytes(key.public)
    user = rpmsources.broken(workshop.folder, "user", "%files\n", "BuildRequires: other")
    with pytest.raises(BuildError, match="the repository cannot be read"):
        workshop.build(user, repository)


@pytest.mark.chroot
def test_a_damaged_database_is_named(workshop: Workshop) -> None:
    copy = workshop.folder / "damaged"
    process.run(["cp", "--archive", workshop.base.path.parent, copy])
    database = copy / "root/var/lib/rpm/rpmdb.sqlite"
    database.write_bytes(b"nonsense" * 4096)
    workshop.base = Base(copy / "root", "", copy / "packages.txt")
    user = rpmsources.broken(workshop.folder, "user", "%files\n", "BuildRequires: m4")
    with pytest.raises(BuildError, match="rpm database cannot be used"):
        workshop.build(user)
