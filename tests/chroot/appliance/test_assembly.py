# SPDX-License-Identifier: Apache-2.0
"""A medium of a miniature product, in both families; stand-ins take the place of all that boots."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from own_settings import settings_in
from rpmdistro.payload import Payload
from rpmdistro.world import World
from xsbuild.appliance.make import make_appliance
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro, Family
from xsbuild.errors import InputError
from xsbuild.families.family import family_of
from xsbuild.host import process
from xsbuild.project import Project
from xsbuild.repos.signing import SigningKey, signing_key
from xsbuild.shipped import shipped

pytestmark = [pytest.mark.chroot]
_DRACUT = '#!/bin/sh\necho initrd > "$4"\n'
_MKIMAGE = '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\nhead -c 8192 /dev/zero > "$2"\n'
_CONTROL = """\
Package: greeting
Version: 1.0-1
Architecture: all
Maintainer: Test <test@example.org>
Description: everything that starts
"""
_VALID = Path(__file__).parents[2] / "unit/invalid/valid"
Made = tuple[Project, Distro]


def fill(payload: Payload) -> None:
    """Puts all into a package that a root needs to be started."""
    payload.add_file("/usr/bin/dracut", _DRACUT, 0o755)
    for prefix in ("grub", "grub2"):
        payload.add_file(f"/usr/bin/{prefix}-mkimage", _MKIMAGE, 0o755)
    payload.add_file("/usr/lib/grub/i386-pc/boot_hybrid.img", "\0" * 512)
    payload.add_file("/boot/vmlinuz-6.9.1", "linux\n")
    payload.add_file("/boot/vmlinuz-6.12.1", "newer linux\n")
    payload.add_file("/boot/xen-4.20.gz", "xen\n")
    for version in ("6.9.1", "6.12.1"):
        payload.add_file(f"/lib/modules/{version}/modules.dep", "")


def package(family: Family, folder: Path) -> Path:
    work = folder / "work"
    work.mkdir()
    payload = Payload("greeting", "1.0", "1", work, noarch=True)
    fill(payload)
    if family is Family.RPM:
        return payload.build(folder)
    for line in payload.entries:
        mode, path = line.split("%attr(")[1].split(",")[0], line.split()[-1].strip('"')
        (payload.root / path[1:]).chmod(int(mode, 8))
    control = payload.root / "DEBIAN/control"
    control.parent.mkdir()
    control.write_text(_CONTROL)
    file = folder / "greeting_1.0-1_all.deb"
    process.run(["dpkg-deb", "--root-owner-group", "--build", payload.root, file])
    return file


def publish(project: Project, distro: Distro, key: SigningKey, packages: list[Path]) -> None:
    folder = project.results / distro.name
    folder.mkdir(parents=True)
    family_of(distro).write_repository(
        folder,
        packages,
        suite="greeting",
        title="Greeting",
        architectures=list(distro.architectures.values()),
        key=key,
        epoch=int(time.time()),
        location=folder.as_uri(),
    )


@pytest.fixture(params=["debian-13", pytest.param("testdistro-1", marks=pytest.mark.slow)])
def made(request: pytest.FixtureRequest, tmp_path: Path, bases: Path, run_folder: Path) -> Made:
    """A project with a published package, and its distro."""
    settings = settings_in(tmp_path / "home")
    settings.folders.cache.mkdir(parents=True)
    folders = [shipped("distros")]
    if request.param == "testdistro-1":
        world: World = request.getfixturevalue("rpm_world")
        folders.append(world.distros)
        bases = run_folder / "rpm-bases-of-appliances"
        bases.mkdir(exist_ok=True)
    settings.folders.bases.symlink_to(bases)
    folder = shutil.copytree(_VALID, tmp_path / "project")
    manifest = yaml.safe_load((folder / "components.yaml").read_text())
    manifest["appliances"] = {"hello": {"title": "Hello", "packages": ["greeting"]}}
    (folder / "components.yaml").write_text(yaml.safe_dump(manifest))
    (folder / "distros").mkdir()
    for other in folders[1:]:
        shutil.copytree(other, folder / "distros", dirs_exist_ok=True)
    project = Project(folder / "components.yaml", settings)
    distro = find_distros(folders).get(request.param)
    key = signing_key(settings, say=lambda _text: None)
    publish(project, distro, key, [package(distro.family, tmp_path)])
    return project, distro


def make(made: Made, steps: list[str]) -> Path:
    project, distro = made
    return make_appliance(project, distro, "hello", None, steps.append)


def unpacked(image: Path, folder: Path) -> Path:
    process.run(["xorriso", "-osirrox", "on", "-indev", image, "-extract", "/", folder])
    process.run(["chmod", "--recursive", "u+w", folder])
    return folder


def test_a_medium_is_signed_and_bound_to_no_machine(made: Made, tmp_path: Path) -> None:
    steps: list[str] = []
    image = make(made, steps).rename(tmp_path / "first.iso")
    if made[1].family is Family.DEB:  # rpm's database has the times of installations
        assert make(made, steps).read_bytes() == image.read_bytes()
    medium = unpacked(image, tmp_path / "medium")
    is_signed(medium, tmp_path)
    about = json.loads((medium / "appliance.json").read_text())
    assert about["distro"] == made[1].name
    assert about["payload"]["size"] == (medium / "LiveOS/squashfs.img").stat().st_size
    assert (medium / "boot/vmlinuz").read_text() == "newer linux\n"
    assert (medium / "boot/initrd.img").read_text() == "initrd\n"
    root = tmp_path / "root"
    process.run(["unsquashfs", "-dest", root, medium / "LiveOS/squashfs.img"])
    nothing_binds_it_to_a_machine(root)
    its_repository_is_the_mediums(root, made[1].family)


def is_signed(medium: Path, folder: Path) -> None:
    keyring = folder / "keyring.gpg"
    key = (medium / "repository/key.asc").read_bytes()
    process.run(["gpg", "--dearmor", "--output", keyring], stdin=key, env={"HOME": str(folder)})
    process.run(["gpgv", "--keyring", keyring, medium / "SHA256SUMS.asc", medium / "SHA256SUMS"])
    process.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=medium)
    sums = (medium / "SHA256SUMS").read_text().splitlines()
    listed = {line.partition("  ")[2] for line in sums}
    files = {str(path.relative_to(medium)) for path in medium.rglob("*") if path.is_file()}
    # xorriso makes the one and writes into the other
    loader = {"boot/grub/boot.cat", "boot/grub/i386-pc/eltorito.img"}
    assert files - listed == {*loader, "SHA256SUMS", "SHA256SUMS.asc"}


def nothing_binds_it_to_a_machine(root: Path) -> None:
    assert (root / "etc/machine-id").read_bytes() == b""
    assert (root / "etc/hostname").read_text() == "xenserver\n"
    assert not (root / "xsbuild").exists()
    assert list((root / "etc/ssh").glob("ssh_host_*")) == []
    assert list((root / "tmp").iterdir()) == []
    assert not (root / "usr/sbin/policy-rc.d").exists()
    key = root / "usr/share/xenserver-installer/key.asc"
    assert "PUBLIC KEY" in key.read_text()
    for name in ("passwd", "shadow"):
        lines = (
            (root / "etc" / name).read_text().splitlines() if (root / "etc" / name).exists() else []
        )
        assert {line.split(":")[1] for line in lines} <= {"x", "*", "!", "!*", "!!"}


def its_repository_is_the_mediums(root: Path, family: Family) -> None:
    place, off = {
        Family.DEB: ("etc/apt/sources.list.d/xsbuild.sources", "Enabled: no"),
        Family.RPM: ("etc/yum.repos.d/xsbuild.repo", "enabled = 0"),
    }[family]
    text = (root / place).read_text()
    assert "file:" in text
    assert "/media/xenserver/repository" in text
    assert off in text


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda project, distro: (project.results / distro.name / "key.asc").write_text("x"),
         "another key"),
        (lambda project, distro: shutil.rmtree(project.results / distro.name),
         "nothing is published"),
    ],
    ids=["key", "nothing"],
)  # fmt: skip
def test_what_is_not_published_by_this_key_is_refused(
    made: Made, break_it: Callable[[Project, Distro], object], message: str
) -> None:
    break_it(*made)
    with pytest.raises(InputError, match=message):
        make(made, [])
