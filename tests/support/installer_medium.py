# SPDX-License-Identifier: Apache-2.0
"""A medium of the installer as a directory: the system of it is Debian with the installer, no more.

The hypervisor and the kernel in it are empty files: what it installs is looked at, not started.
"""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rendered import ROOT
from xsbuild.buildroots.base import Variant, ensure_base
from xsbuild.distros.load import find_distros
from xsbuild.host import process
from xsbuild.host.locks import file_lock
from xsbuild.host.namespace import private_namespace
from xsbuild.host.scratch import remove_tree
from xsbuild.repos.signing import SigningKey, detached
from xsbuild.settings import Settings

_PACKAGES = (
    "python3-pydantic", "python3-yaml", "python3-newt", "systemd-repart", "squashfs-tools", "gpgv",
    "fdisk", "e2fsprogs", "dosfstools", "mtools", "curl", "grub2-common", "grub-pc-bin",
    "grub-efi-amd64-bin", "mount", "openssl", "openssh-server", "tzdata",
)  # fmt: skip
_MODULES = "usr/lib/python3/dist-packages"
_DATA = "usr/share/xenserver-installer"
# Only the installer itself needs these, and each installation copies what is in the payload.
_LEFT_OUT = (
    "tmp", "proc", "dev", "run", "usr/lib/grub", "usr/share/doc", "usr/share/locale",
    "usr/share/man", "usr/lib/x86_64-linux-gnu/gconv",
    "var/cache", "var/lib/apt", "var/lib/dpkg", f"{_MODULES}/pydantic", f"{_MODULES}/pydantic_core",
)  # fmt: skip
_EMPTY = ("usr/sbin/xl", "boot/vmlinuz-6.12-test", "boot/initrd.img-6.12-test", "boot/xen-4.20.gz")
_PROGRAM = "#!/usr/bin/python3\nimport sys\nfrom {module}.cli import main\nsys.exit(main())\n"


@dataclass(frozen=True)
class Medium:
    """A started medium.

    Attributes:
        live: the root directory of the running system.
        folder: the medium's files.
        work: a directory of the host that the system sees as /work.
    """

    live: Path
    folder: Path
    work: Path

    @contextmanager
    def started(self) -> Iterator[list[str]]:
        """Yield the command prefix for programs of the running system.

        All mounts end with the block, as at the end of a machine.
        """
        with private_namespace() as namespace:
            mounts: list[tuple[str, str | Path, Path]] = [
                ("--bind", self.live, self.live),
                ("--types=proc", "proc", self.live / "proc"),
                ("--types=sysfs", "sysfs", self.live / "sys"),
                ("--rbind", Path("/dev"), self.live / "dev"),
                ("--types=tmpfs", "tmpfs", self.live / "run"),
                ("--bind", self.folder, self.live / "medium"),
                ("--bind", self.work, self.live / "work"),
            ]
            for option, source, target in mounts:
                namespace.run("mount", option, source, target)
            yield [*namespace.enter, "chroot", str(self.live)]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the installer to its end; its output has both streams."""
        with self.started() as prefix:
            return subprocess.run(
                [*prefix, *installer(*words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, check=False,
            )  # fmt: skip

    def kill_at(self, line: str, *words: str) -> None:
        """Run the installer until it prints a line that contains a text, and kill it."""
        with self.started() as prefix:
            command = [*prefix, *installer(*words)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout is not None
                found = any(line in text for text in running.stdout)
                running.kill()
        assert found, line


def installer(*words: str) -> list[str]:
    """The installer's command line."""
    places = ["--medium", "/medium"] if words[0] in ("install", "verify") else []
    return ["xenserver-installer", words[0], *places, *words[1:]]


def make_medium(cache: Path, scratch: Path, settings: Settings, key: SigningKey) -> Medium:
    """Make a medium signed by a key; its system is kept in the cache.

    Args:
        cache: an existing directory that outlives the tests.
        scratch: an existing directory.
        settings: where base chroots are.
        key: the key.
    """
    live = scratch / "live"
    process.run(["cp", "--archive", "--reflink=auto", _installed(cache, scratch, settings), live])
    for name in ("medium", "work"):
        (scratch / name).mkdir()
        (live / name).mkdir()
    _add_programs(live)
    (live / _DATA / "key.asc").write_bytes(key.public)
    payload = scratch / "medium/LiveOS/squashfs.img"
    payload.parent.mkdir()
    quick = ["-noI", "-noD", "-noF", "-noX", "-no-xattrs", "-quiet", "-no-progress"]
    # with the system's own tools, as a host needs none for tests
    with Medium(live, scratch / "medium", scratch / "work").started() as prefix:
        left_out = [
            "-wildcards",
            "-e",
            *(f"{name}/*" for name in _LEFT_OUT),
            "medium",
            "work",
            "sys/*",
        ]
        command = ["mksquashfs", "/", "/medium/LiveOS/squashfs.img", *quick, *left_out]
        process.run([*prefix, *command])
    sign(scratch / "medium", key, size=payload.stat().st_size)
    return Medium(live, scratch / "medium", scratch / "work")


def _installed(cache: Path, scratch: Path, settings: Settings) -> Path:
    """Debian with the packages that the installer needs, made once."""
    distro = find_distros([ROOT / "distros"]).get("debian-13")
    base = ensure_base(distro, Variant.INSTALL, settings, step=print, log=scratch / "base.log")
    wanted = hashlib.sha256(f"{base.identity}{_PACKAGES}".encode()).hexdigest()
    place = cache / wanted
    with file_lock(cache / "lock"):
        if not place.exists():
            for old in cache.iterdir():
                if old.is_dir():
                    remove_tree(old)
            process.run(["cp", "--archive", base.path, cache / "new"])
            shutil.copy("/etc/resolv.conf", cache / "new/etc/resolv.conf")
            with private_namespace() as namespace:
                namespace.run("mount", "--types=proc", "proc", cache / "new/proc")
                namespace.run("mount", "--rbind", "/dev", cache / "new/dev")
                apt = [*namespace.enter, "chroot", str(cache / "new"), "apt-get", "-qq"]
                process.run([*apt, "update"])
                process.run([*apt, "install", "--yes", "--no-install-recommends", *_PACKAGES])
            (cache / "new").rename(place)
    return place


def _add_programs(live: Path) -> None:
    """Put the programs of this source tree into a system, as their packages would."""
    for name in ("xenserver-installer", "xenserver-core-setup"):
        module = name.replace("-", "_")
        source = ROOT / "files" / name
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source / "src" / module, live / _MODULES / module, ignore=without)
        program = live / "usr/bin" / name
        program.write_text(_PROGRAM.format(module=module))
        program.chmod(0o755)
    data = ROOT / "files/xenserver-installer/data"
    shutil.copytree(data, live / _DATA)
    for unit in [*data.glob("*.service"), *data.glob("*.target")]:
        shutil.copy(unit, live / "usr/lib/systemd/system")
    for name in _EMPTY:
        (live / name).touch(mode=0o755)
    (live / "boot/config-6.12-test").write_text("CONFIG_XEN_DOM0=y\n")


def sign(folder: Path, key: SigningKey, *, size: int, version: str = "1") -> None:
    """Describe and sign a medium's files.

    Args:
        folder: the medium's files.
        key: the key.
        size: of the unpacked system in bytes.
        version: of the system.
    """
    payload = {"path": "/LiveOS/squashfs.img", "unpacked": size}
    about = {"name": "test", "title": "XenServer", "version": version, "payload": payload}
    (folder / "appliance.json").write_text(json.dumps(about))
    names = ["LiveOS/squashfs.img", "appliance.json"]
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text(sums)
    (folder / "SHA256SUMS.asc").write_bytes(detached(key, sums.encode()))


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
