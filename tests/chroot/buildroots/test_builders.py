# SPDX-License-Identifier: Apache-2.0
"""Builds for real, as root with pbuilder and as an ordinary user with both builders."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ordinary_user import as_ordinary_user
from sample import EPOCH, c_source, data_source, repository
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildroot import buildroot
from xsbuild.buildroots.family import builder_named
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro
from xsbuild.engine.package_diff import package_differences
from xsbuild.errors import BuildError, InputError, XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace
from xsbuild.host.scratch import remove_tree
from xsbuild.host.timelimit import TimeLimit
from xsbuild.settings import Folders, Settings

ROOT = Path(__file__).parents[3]
# For interpreters of other users and namespaces, which import this file too.
PATH = [str(Path(__file__).parent), *sys.path]
# Run by the package's own tests: what a build may see.
CHECKS = """\
#!/bin/sh
set -eux
test "$(id -u)" != 0
test "$SOURCE_DATE_EPOCH" = 1700000000
test "$TZ" = UTC
test "$HOME" != /root
test "$(hostname)" != "$(cat hostname)"
test -z "${HOST_SECRET:-}${http_proxy:-}${https_proxy:-}"
test "$(cat /usr/share/sample-data/data.txt)" = data
test "$(wc -l < /proc/net/dev)" = 3  # two lines of heading, and the loopback interface
case "$DEB_BUILD_OPTIONS" in *parallel=2*) ;; *) exit 1;; esac
case "$(pwd)" in /build/* | /elsewhere/build/*) ;; *) exit 1;; esac
test ! -e /dev/sda -a -c /dev/null
! ls /work
"""

# A package that is not reproducible.
TELLS = """\
#!/usr/bin/make -f
%:
\tdh $@
execute_after_dh_auto_install:
\tinstall -d debian/sample/usr/share/sample
\techo "$$(hostname):$$(pwd)" > debian/sample/usr/share/sample/place
"""


def distro(name: str) -> Distro:
    return find_distros([ROOT / "distros"]).get(name)


class Workshop:
    """Makes and builds sample packages in a folder."""

    def __init__(self, folder: Path, cache: Path, distro_name: str, builder: str) -> None:
        self.folder = folder
        self.settings = Settings(Folders(cache, folder / "data", folder / "config"))
        self.distro = distro(distro_name)
        self.builder = builder_named(builder, self.distro)
        self.steps: list[str] = []
        self.time_limit: tuple[int, int] | None = None
        self.installed: Sequence[str] = ()
        self.base: Base = ensure_base(
            self.distro, Variant.BUILD, self.settings, step=print, log=folder / "base.log"
        )

    def build(
        self, source: Path, use: Path | None = None, name: str = "", *, elsewhere: bool = False
    ) -> Path:
        """Builds a source package and returns the folder of its packages."""
        name = name or source.stem
        results, scratch = (self.folder / f"{name}.{kind}" for kind in ("results", "scratch"))
        results.mkdir()
        scratch.mkdir()
        log = self.folder / f"{name}.log"
        layers = self.settings.folders.layers
        request = BuildRequest(
            name, self.distro, source, use, 2, EPOCH, results, scratch, log, layers
        )
        limit = self.time_limit and TimeLimit.starting_now(*self.time_limit)
        request = replace(request, elsewhere=elsewhere, proceed=self._proceed, time_limit=limit)
        try:
            self.builder.build(request, self.base, self.steps.append)
        finally:
            remove_tree(scratch)
        return results

    def _proceed(self, installed: Sequence[str]) -> bool:
        self.installed = installed
        return True

    def look_around(self) -> str:
        """Who one is in a buildroot, as root and after changing the user."""
        scratch = self.folder / "look"
        scratch.mkdir()
        with buildroot(self.base, scratch) as root:
            users = [root.run(["id", "-un"], user=user).output for user in (None, "www-data")]
        remove_tree(scratch)
        return " ".join("".join(users).split())

    def build_both(self) -> dict[str, list[str]]:
        """A data package, and a program that needs it, twice; returns step and file names."""
        data = self.build(data_source(self.folder))
        private = repository(self.folder / "repository", data, self.settings)
        extra = {"check.sh": CHECKS, "hostname": os.uname().nodename + "\n"}
        source = c_source(self.folder, depends=", sample-data", test="sh check.sh", extra=extra)
        first = self.build(source, private, "first")
        second = self.build(source, private, "second", elsewhere=True)
        same = [f.name for f in first.glob("*.deb") if same_bytes(f, second / f.name)]
        names = [path.name for folder in (data, first) for path in folder.iterdir()]
        return {
            "names": sorted(names),
            "same": sorted(same),
            "steps": self.steps,
            "installed": list(self.installed),
        }


def same_bytes(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


# Run in an interpreter of the user's own, in its home.
AS_USER = "import test_builders; test_builders.build_in_home()"

ON_SMALL_DISK = "import test_builders; test_builders.build_on_small_disk(*sys.argv[1:])"


def build_in_home() -> None:
    """Builds with each builder in the current directory, and leaves there what was found."""
    cache = Path("cache").resolve()
    for builder in ("sbuild", "pbuilder"):
        folder = Path(builder).resolve()
        folder.mkdir()
        shop = Workshop(folder, cache, "debian-13", builder)
        (folder / "found.json").write_text(json.dumps(shop.build_both()))
        (folder / "seen").write_text(shop.look_around())
    remove_tree(cache)


def build_on_small_disk(folder: str, cache: str) -> None:
    """Prints why a build in a folder fails."""
    place = Workshop(Path(folder), Path(cache), "debian-13", "pbuilder")
    try:
        place.build(c_source(place.folder, test="head -c 16M /dev/zero > big"))
    except XsbuildError as error:
        sys.stdout.write(f"failed: {error} {error.hint}\n")


def check(found: dict[str, list[str]], builder: str) -> None:
    """What `Workshop.build_both` must have found."""
    assert found["names"] == [
        "sample-data_1.0-1_all.deb",
        "sample-data_1.0-1_amd64.buildinfo",
        "sample-data_1.0-1_amd64.changes",
        "sample-dbgsym_1.0-1_amd64.deb",
        "sample_1.0-1_amd64.buildinfo",
        "sample_1.0-1_amd64.changes",
        "sample_1.0-1_amd64.deb",
    ]
    assert found["same"] == ["sample-dbgsym_1.0-1_amd64.deb", "sample_1.0-1_amd64.deb"]
    rest = ["build", "test", "make packages"]
    if builder == "pbuilder":  # which has them in a layer when it builds the second time
        steps = ["unpack", "install build dependencies", "unpack", *rest, "unpack", *rest]
        assert found["steps"][-len(steps) :] == steps
        assert "sample-data=1.0-1" in found["installed"]
        names = {package.partition("=")[0] for package in found["installed"]}
        assert {"debhelper", "libc6:amd64", "sample-data"} <= names
    else:
        assert found["steps"][-5:] == ["unpack", "install build dependencies", *rest]


Open = Callable[[str], Workshop]


@pytest.fixture
def workshop(tmp_path: Path, bases: Path) -> Open:
    """Opens a workshop with pbuilder."""
    if os.geteuid() != 0:
        pytest.skip("pbuilder needs root: run the tests with sudo")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/bases").symlink_to(bases)
    return lambda name: Workshop(tmp_path, tmp_path / "cache", name, "pbuilder")


@pytest.mark.chroot
@pytest.mark.parametrize("name", ["debian-12", "debian-13"])
def test_pbuilder_builds_reproducibly_in_a_closed_place(
    workshop: Open, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "seen")
    monkeypatch.setenv("no_proxy", "localhost")
    check(workshop(name).build_both(), "pbuilder")


@pytest.mark.chroot
@pytest.mark.slow
def test_what_a_build_tells_of_its_place_is_found(workshop: Open) -> None:
    place = workshop("debian-13")
    source = c_source(place.folder, extra={"debian/rules": TELLS})
    first = place.build(source, name="first")
    second = place.build(source, name="second", elsewhere=True)
    compared = place.folder / "compared"
    compared.mkdir()
    one, other = (sorted(folder.glob("sample_*.deb")) for folder in (first, second))
    [difference] = package_differences(one, other, compared)
    assert "usr/share/sample/place" in difference
    assert "localhost:/build" in difference
    assert "elsewhere:/elsewhere/build" in difference


@pytest.mark.chroot
@pytest.mark.parametrize(
    ("name", "depends", "test", "step", "message"),
    [
        (
            "needs", ", nonsuch-dev", "true", "install build dependencies",
            "needs_1.0-1 does not build on Debian 13 (trixie): install build dependencies: "
            "build dependencies cannot be installed: nonsuch-dev",
        ),
        ("fails", "", "echo oh dear; false", "test", "oh dear"),
        ("calls", "", "perl -MIO::Socket -e 'IO::Socket::INET->new(\"192.0.2.1:80\") or die $$!'",
         "test", "it wants the network"),
    ],
)  # fmt: skip
def test_a_failure_is_explained(
    workshop: Open, name: str, depends: str, test: str, step: str, message: str
) -> None:
    place = workshop("debian-13")
    with pytest.raises(BuildError) as caught:
        place.build(c_source(place.folder, name, depends=depends, test=test))
    assert message in caught.value.message
    assert caught.value.step == step
    assert caught.value.log is not None
    assert caught.value.log.stat().st_size > 0


@pytest.mark.chroot
def test_a_build_that_falls_silent_is_ended(workshop: Open) -> None:
    place = workshop("debian-13")
    place.time_limit = (600, 20)
    with pytest.raises(BuildError, match=r"no output for 20 s .*sleep 987654") as caught:
        place.build(c_source(place.folder, "hangs", test="sleep 987654"))
    assert (caught.value.code, caught.value.step) == ("XSB-BUILD-TIMEOUT", "test")
    assert "sleep 987654" not in list(process.running(1))


@pytest.mark.chroot
def test_a_full_disk_is_named(workshop: Open, tmp_path: Path) -> None:
    cache = workshop("debian-13").settings.folders.cache
    small = tmp_path / "small"
    small.mkdir()
    code = f"import sys; sys.path[:0] = {PATH!r}; {ON_SMALL_DISK}"
    with private_namespace() as namespace:
        namespace.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small)
        output = namespace.run(sys.executable, "-c", code, small, cache)
    assert "failed: " in output
    assert "disk is full" in output
    assert "xsbuild clean" in output


@pytest.mark.chroot
def test_an_ordinary_user_builds_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)  # adduser's default: a build's other ids may not enter it
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {PATH!r}; {AS_USER}"]
    as_ordinary_user(command, home, env={"HOST_SECRET": "seen"}, ok=(0,))
    for builder in ("sbuild", "pbuilder"):
        check(json.loads((home / builder / "found.json").read_text()), builder)
        assert (home / builder / "seen").read_text() == "root www-data"
    assert sorted(path.name for path in home.iterdir()) == ["pbuilder", "sbuild"]


def test_an_unknown_builder_is_an_error_that_names_the_known() -> None:
    with pytest.raises(InputError, match="cowbuilder: not a builder") as caught:
        builder_named("cowbuilder", distro("debian-13"))
    assert "pbuilder, sbuild" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["pbuilder", "sbuild"])
def test_options_say_what_can_change_a_result(name: str) -> None:
    builder = builder_named(name, distro("debian-13"))
    assert builder.name == name
    assert "/build" in builder.options().values()
