# SPDX-License-Identifier: Apache-2.0
"""Upstreams that try to publish, read or write what is not theirs while they are built."""

import shutil
from pathlib import Path

import pytest

from rpmdistro.world import NAME, World
from test_failures import Bench

pytestmark = [pytest.mark.chroot]
HEAD = """\
product:
  {name: sample, title: Sample, homepage: "https://example.org", license: MIT, version: "1",
   maintainer: Nobody <nobody@example.org>, date: 2026-11-22}
components:
"""
COMPONENT = """\
  {name}:
    summary: Sample
    description: Sample
    homepage: https://example.org
    license: MIT
    copyright: [2026 Nobody]
    version: "1.0"
    sources: [{{local: {name}}}]
    build: {{system: make, check: false}}
    packages:
      {name}: {{architecture: all, files: ["{{bindir}}/{name}"]}}
    changelog: [{{version: 1.0-1, date: 2026-11-22, changes: [First package]}}]
"""
MAKEFILE = """\
all:
	echo '#!/bin/sh' > {name}
{all}
install:
	install -D {name} $(DESTDIR)/usr/bin/{name}
{install}
"""
DEB = """\
	mkdir -p evil/DEBIAN
	printf 'Package: {package}\\nVersion: {version}\\nArchitecture: all\\nSource: {source}\\n\
Maintainer: x <x@x>\\nDescription: x\\n' > evil/DEBIAN/control
	dpkg-deb --build evil ../evil.deb
"""
LISTED = "\techo '{} misc optional' >> debian/files\n"


def debian_upstreams(secret: Path) -> dict[str, tuple[str, str, str]]:
    """Component → what its `make all` and `make install` add, and what the error must say."""

    def other(name: str, package: str, version: str, source: str) -> tuple[str, str]:
        return (
            DEB.format(package=package, version=version, source=source)
            + f"\tmv ../evil.deb ../{name}.deb\n",
            LISTED.format(f"{name}.deb"),
        )

    # what dpkg looks at inside the chroot is a file, too
    link = f"\tmkdir -p {secret.parent} && echo x > {secret}\n\tln -sf {secret} ../{{}}\n"
    return {
        "foreign": (*other("openssl_99_all", "openssl", "99", "foreign"), "no package openssl is"),
        "traversal": (
            *other("traversal_1_all", "traversal", "1.0-1~deb13", "../../../../tmp/x"),
            "Source is '../../../../tmp/x'",
        ),
        "othersource": (
            *other("othersource-dbgsym_1_all", "othersource-dbgsym", "1.0-1~deb13", "glibc"),
            "its source is glibc, not othersource",
        ),
        "otherversion": (
            *other("otherversion-dbgsym_2_all", "otherversion-dbgsym", "99:1", "otherversion"),
            "its version is 99:1, not 1.0-1",
        ),
        "linked": (
            link.format("leak_1_all.txt"),
            LISTED.format("leak_1_all.txt"),
            "leak_1_all.txt: listed in debian/files, but no package",
        ),
    }


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that only the host's root may read."""
    file = tmp_path / "secret"
    file.write_text("TOPSECRET of the host\n")
    file.chmod(0o600)
    return file


def _project(home: Path, upstreams: dict[str, tuple[str, str, str]]) -> Bench:
    project = home / "project"
    project.mkdir(parents=True)
    text = HEAD
    for name, (all_, install, _said) in upstreams.items():
        folder = project / name
        folder.mkdir()
        makefile = MAKEFILE.format(name=name, all=all_, install=install)
        (folder / "Makefile").write_text(makefile)
        text += COMPONENT.format(name=name)
    (project / "components.yaml").write_text(text)
    return Bench(home, project / "components.yaml")


def _nothing_of(text: str, *folders: Path) -> bool:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    return all(text.encode() not in path.read_bytes() for path in files)


@pytest.mark.parametrize("builder", ["pbuilder", pytest.param("sbuild", marks=pytest.mark.slow)])
def test_debs_that_the_manifest_does_not_expect_are_refused(
    builder: str, tmp_path: Path, bases: Path, secret: Path
) -> None:
    upstreams = debian_upstreams(secret)
    bench = _project(tmp_path / "home", {**upstreams, "good": ("", "", "")})
    (bench.home / "cache").mkdir(exist_ok=True)
    (bench.home / "cache/bases").symlink_to(bases)
    before = secret.stat()
    status, wrapped = bench.run("build", "-d", "debian-13", "--builder", builder)
    output = " ".join(wrapped.split())
    assert status == 1
    for said in ("no package openssl is declared", "leak_1_all.txt: listed in debian/files"):
        assert said in output
    if builder == "pbuilder":  # sbuild takes only files that the .changes file lists
        for _all, _install, said in upstreams.values():
            assert said in output
    dist = bench.home / "project/dist"
    published = sorted(path.name for path in dist.resolve().rglob("*.deb"))
    names = {name.partition("_")[0] for name in published}
    assert names == {"good"} if builder == "pbuilder" else "good" in names
    assert "openssl" not in "".join(published)
    assert _nothing_of("TOPSECRET", bench.home / "cache/store", dist.resolve())
    after = secret.stat()
    assert (after.st_uid, after.st_mode) == (before.st_uid, before.st_mode)


def test_rpms_that_the_manifest_does_not_expect_are_refused(
    tmp_path: Path, rpm_world_with_ocaml: World, rpm_bases: Path, secret: Path
) -> None:
    outside = secret.parent / "RPMS/noarch"
    outside.mkdir(parents=True)
    (outside / "secret.rpm").write_text(secret.read_text())
    rpms = "/builddir/build/RPMS"
    upstreams = {
        "copied": (
            "",
            f"\tmkdir -p {rpms}/noarch && echo x > {rpms}/noarch/openssl-99-1.noarch.rpm\n",
            "openssl-99-1.noarch.rpm",
        ),
        "linked": ("", f"\tmkdir -p {rpms} && ln -s {secret} {rpms}/linked-9-1.noarch.rpm\n", ""),
        # rpmbuild writes into a directory of that name if there is one, so this one fails
        "moved": ("", f"\trm -rf {rpms} && ln -s {outside.parent} {rpms}\n", None),
    }
    bench = _project(
        tmp_path / "home", {name: (a, i, s or "") for name, (a, i, s) in upstreams.items()}
    )
    shutil.copytree(rpm_world_with_ocaml.distros, bench.home / "project/distros")
    (bench.home / "cache").mkdir(exist_ok=True)
    (bench.home / "cache/bases").symlink_to(rpm_bases)
    status, output = bench.run("build", "-d", NAME, "--builder", "dnf")
    assert status == 1
    assert "openssl-99-1.noarch.rpm" in output, output
    assert _nothing_of("TOPSECRET", bench.home / "cache/store")
