# SPDX-License-Identifier: Apache-2.0
"""Yum repositories: one made here of a few packages, and the test distro's, fetched by dnf."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import createrepo_c  # type: ignore[import-untyped]
import pytest

from capabilities.conftest import STAMP, distro
from rpmdistro.world import World
from xsbuild.capabilities.fetch_index import open_index
from xsbuild.capabilities.index import Index, write_index
from xsbuild.capabilities.patterns import Patterns
from xsbuild.capabilities.resolver import Resolved, Unresolved, resolve
from xsbuild.capabilities.rpmindex import read_rpm_files, read_rpm_packages
from xsbuild.distros.model import Family
from xsbuild.errors import InputError
from xsbuild.manifest.requirement import parse_capability
from xsbuild.settings import Folders, Settings


def add(
    writer: createrepo_c.RepositoryWriter,
    nevra: str,
    files: str,
    *,
    provides: str = "",
    requires: str = "",
    source: str = "",
) -> None:
    """Adds a package: ``NAME EPOCH VERSION RELEASE ARCH``, its files, ``NAME VERSION`` provided."""
    package = createrepo_c.Package()
    package.name, package.epoch, package.version, package.release, package.arch = nevra.split()
    package.pkgId = hashlib.sha256(nevra.encode()).hexdigest()
    package.checksum_type = "sha256"
    package.summary = package.description = f"The {package.name}"
    package.location_href = f"{package.name}.rpm"
    package.rpm_sourcerpm = source or f"{package.name}-{package.version}-1.src.rpm"
    package.files = [("", f"/{Path(path).parent}/", Path(path).name) for path in files.split()]
    package.provides = [
        (name, "EQ", "0", version, None, False)
        for name, version in (item.split() for item in provides.split(",") if item)
    ]
    package.requires = [(name, None, None, None, None, False) for name in requires.split()]
    writer.add_pkg(package)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("repository")
    writer = createrepo_c.RepositoryWriter(str(folder), changelog_limit=0)
    writer.set_num_of_pkgs(12)
    zlib = "usr/lib64/pkgconfig/zlib.pc usr/include/zlib.h usr/lib64/libz.so"
    add(writer, "zlib-devel 0 1.3 1 x86_64", zlib, provides="pkgconfig(zlib) 1.3.0.1")
    add(writer, "zlib-devel 0 1.3 1 i686", "usr/lib/pkgconfig/zlib.pc usr/include/zconf32.h")
    add(writer, "iproute 0 6.0 1 x86_64", "usr/sbin/ip")
    add(writer, "iproute 0 6.10 1 x86_64", "usr/sbin/ip")
    add(
        writer,
        "python3-pyyaml 0 6.0 1 noarch",
        "usr/lib/python3.13/site-packages/yaml/__init__.py",
        provides="python3dist(pyyaml) 6.0",
    )
    add(writer, "gcc14 0 14.2 1 x86_64", "usr/bin/gcc", source="gcc-14.2-1.src.rpm")
    add(writer, "gcc 0 14.2 1 x86_64", "", requires="gcc14 make", source="gcc-14.2-1.src.rpm")
    add(writer, "perl-JSON 0 4 1 noarch", "usr/share/perl5/vendor_perl/JSON.pm")
    add(writer, "ocaml-lwt-devel 0 5 1 x86_64", "usr/lib64/ocaml/lwt/META")
    add(writer, "hwdata 0 1 1 noarch", "usr/share/hwdata/pci.ids usr/share/doc/hwdata/README")
    add(writer, "zlib-debuginfo 0 1.3 1 x86_64", "usr/sbin/ip usr/bin/zdebug")
    add(writer, "kernel 0 6.12 1 x86_64", "boot/config")
    writer.finish()
    repodata = [folder / "repodata"]
    write_index(
        folder / "index.sqlite",
        made_of=(),
        stamp=STAMP,
        family=Family.RPM,
        patterns=Patterns("x86_64"),
        packages=read_rpm_packages(repodata, "x86_64"),
        files=read_rpm_files(repodata, "x86_64"),
    )
    with closing(Index(folder / "index.sqlite")) as made:
        yield made


@pytest.mark.parametrize(
    ("capability", "package", "version"),
    [
        ("pkgconfig(zlib)", "zlib-devel", "1.3.0.1"),  # its own version, not the package's
        ("header(zlib.h)", "zlib-devel", "1.3-1"),
        ("lib(z)", "zlib-devel", "1.3-1"),
        ("bin(ip)", "iproute", "6.10-1"),
        ("bin(gcc)", "gcc", "14.2-1"),
        ("python3(yaml)", "python3-pyyaml", "6.0-1"),
        ("python3dist(PyYAML)", "python3-pyyaml", "6.0"),
        ("perl(JSON)", "perl-JSON", "4-1"),
        ("ocamlfind(lwt)", "ocaml-lwt-devel", "5-1"),
        ("file(/usr/share/hwdata/pci.ids)", "hwdata", "1-1"),
        ("package(deb: x, rpm: /usr/sbin/ip)", "iproute", "6.10-1"),
        ("kernel(dom0)", "kernel", "6.12-1"),
        ("header(zconf32.h)", None, None),  # for another architecture
        ("bin(zdebug)", None, None),
        ("bin(xl)", None, None),
    ],
)
def test_resolve(index: Index, capability: str, package: str | None, version: str | None) -> None:
    result = resolve(parse_capability(capability), index, distro("fedora-44"))
    if isinstance(result, Unresolved):
        assert (package, result.candidates) == (None, ())
    else:
        assert (result.package, result.version) == (package, version)


@pytest.mark.chroot
def test_the_test_distribution_resolves_through_the_same_code(
    rpm_world: World, tmp_path: Path
) -> None:
    settings = Settings(Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config"))
    offline = Settings(settings.folders, offline=True)
    target = rpm_world.distro
    with (
        pytest.raises(InputError, match="nothing is known of its archives"),
        open_index(target, offline, lambda _text: None),
    ):
        pass
    wanted = {
        "bin(gcc)": "gcc",
        "pkgconfig(zlib)": "zlib-devel",
        "header(stdio.h)": "glibc-devel",
        "lib(z)": "zlib-devel",
        "python3dist(setuptools)": "python3-setuptools",
        "file(/etc/passwd)": "setup",
        "bin(nothing)": None,
    }
    for chosen in (settings, offline):
        with open_index(target, chosen, lambda _text: None) as index:
            found = {text: resolve(parse_capability(text), index, target) for text in wanted}
        packages = {
            text: result.package if isinstance(result, Resolved) else None
            for text, result in found.items()
        }
        assert packages == wanted


@pytest.mark.chroot
def test_several_at_once_index_once(rpm_world: World, tmp_path: Path) -> None:
    settings = Settings(Folders(tmp_path / "cache", tmp_path / "data", tmp_path / "config"))
    said: list[str] = []

    def ask(_number: int) -> bool:
        with open_index(rpm_world.distro, settings, said.append) as index:
            return bool(index.offering("bin", "gcc"))

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(ask, range(3))) == [True] * 3
    assert len([text for text in said if "indexing" in text]) == 1
