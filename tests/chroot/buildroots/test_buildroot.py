# SPDX-License-Identifier: Apache-2.0
"""What a command in a buildroot sees of the host: as little as it can."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from own_settings import settings_in
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.distros.load import find_distros
from xsbuild.host.process import CommandFailedError
from xsbuild.host.scratch import remove_tree

DISTROS = find_distros([Path(__file__).parents[3] / "distros"])
pytestmark = pytest.mark.chroot


@pytest.fixture
def base(tmp_path: Path, bases: Path) -> Base:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/bases").symlink_to(bases)
    settings, log = settings_in(tmp_path), tmp_path / "log"
    distro = DISTROS.get("debian-13")
    return ensure_base(distro, Variant.INSTALL, settings, step=print, log=log)


@pytest.fixture
def root(tmp_path: Path, base: Base) -> Iterator[Buildroot]:
    shared, scratch = tmp_path / "shared", tmp_path / "scratch"
    shared.mkdir()
    scratch.mkdir()
    (shared / "file").write_text("from the host")
    with buildroot(base, scratch, binds={shared: "/xsbuild/shared"}) as root:
        yield root
    remove_tree(scratch)


def test_a_base_for_installing_has_no_compiler(root: Buildroot) -> None:
    assert root.run(["apt-get", "--version"]).output.startswith("apt ")
    for tool in ("cc", "make", "dpkg-buildpackage", "dh"):
        assert root.run(["sh", "-c", f"command -v {tool}"], ok=range(128)).status != 0


def test_only_the_loopback_interface_is_there_unless_asked(root: Buildroot) -> None:
    def interfaces(*, network: bool) -> int:
        devices = root.run(["cat", "/proc/net/dev"], network=network).output
        return len(devices.splitlines()) - 2

    assert interfaces(network=False) == 1
    assert interfaces(network=True) == len(list(Path("/sys/class/net").iterdir()))


def test_only_its_own_processes_are_seen(root: Buildroot) -> None:
    seen = root.run(["sh", "-c", "echo /proc/[0-9]*"]).output.split()
    assert len(seen) <= 2


def test_a_bind_is_read_only(root: Buildroot) -> None:
    assert root.run(["cat", "/xsbuild/shared/file"]).output == "from the host"
    with pytest.raises(CommandFailedError):
        root.run(["touch", "/xsbuild/shared/other"])


def test_what_one_command_writes_the_next_one_reads(root: Buildroot, base: Base) -> None:
    root.run(["cp", "/etc/hostname", "/etc/copy"])
    assert root.run(["cat", "/etc/copy"], user="www-data").output == "localhost\n"
    assert root.run(["id", "-un"], user="www-data").output == "www-data\n"
    assert not (base.path / "etc/copy").exists()


def test_nothing_names_the_host(root: Buildroot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_SECRET", "seen")
    assert root.run(["hostname"]).output == "localhost\n"
    assert "seen" not in root.run(["env"]).output
    assert root.run(["ls", str(Path(__file__).parent)], ok=range(3)).status == 2


@pytest.mark.parametrize(
    "test",
    [
        '[ "$(stat -c %a /dev/shm)" = 1777 ] && echo 1 > /dev/shm/semaphore',
        '[ "$(echo 1 | cat /dev/fd/0)" = 1 ] && [ -e /dev/stdin ] && [ -e /dev/full ]',
        "[ -c /dev/ptmx ] && [ -d /dev/pts ]",
        "[ -d /sys/class/net/lo ] && [ ! -w /sys/class/net ]",
        '[ "$(ulimit -n)" -ge 1024 ]',
        'echo 1 > "$(mktemp)"',
    ],
)
def test_tests_of_upstreams_have_what_they_use(root: Buildroot, test: str) -> None:
    root.run(["sh", "-c", test], user="www-data")
