# SPDX-License-Identifier: Apache-2.0
"""The system that is written: its file system mounted, and programs run in it."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from xenserver_installer.machine import Region
from xenserver_installer.run import run

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@contextmanager
def mounted(region: Region, place: Path, *options: str) -> Iterator[None]:
    """Mount the file system of a partition.

    Args:
        region: the partition.
        place: where; created if it is missing.
        options: further mount options.
    """
    place.mkdir(parents=True, exist_ok=True)
    path, offset = region.place
    words = list(options)
    if region.node is None:
        # the loop device goes with the mount
        words += ["loop", f"offset={offset}", f"sizelimit={region.size}"]
    run(["mount", *(["-o", ",".join(words)] if words else []), path, place])
    try:
        yield
    finally:
        run(["umount", place])


def device_of(place: Path) -> Path:
    """Return the device that is mounted on a directory."""
    return Path(run(["findmnt", "--noheadings", "--output", "SOURCE", place]).strip())


@contextmanager
def entered(root: Path, region: Region, uuid: str) -> Iterator[None]:
    """Prepare a root directory for programs in a chroot, with the devices of its disk alone.

    Args:
        root: where it is mounted.
        region: its partition.
        uuid: of its file system; grub-mkconfig(8) looks for the link of that name.
    """
    device = device_of(root)
    mounts = [("tmpfs", "dev"), ("tmpfs", "run")]
    # without these grub-probe(8) does not follow a loop device to its file, which is not in there
    mounts += [("proc", "proc"), ("sysfs", "sys")] if region.node else []
    done: list[Path] = []
    try:
        for kind, folder in mounts:
            place = root / folder
            place.mkdir(exist_ok=True)
            run(["mount", "-t", kind, kind, place])
            done.append(place)
        # nor do GRUB's scripts by its name
        name = device if region.node else Path("/dev/system")
        devices = {name: device, region.disk: region.disk} if region.node else {name: device}
        _make_devices(root / "dev", devices)
        links = root / "dev/disk/by-uuid"
        links.mkdir(parents=True)
        (links / uuid).symlink_to(name)
        yield
    finally:
        for place in reversed(done):
            run(["umount", place])


def _make_devices(folder: Path, devices: Mapping[Path, Path]) -> None:
    """Make device files, by the names that they get."""
    usual = {path: path for path in (Path("/dev") / name for name in _DEVICES)}
    for name, original in {**usual, **devices}.items():
        node, about = folder / name.relative_to("/dev"), original.stat()
        node.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(node, stat.S_IFMT(about.st_mode) | 0o666, about.st_rdev)


def run_in(root: Path, command: Sequence[str | Path]) -> str:
    """Run a program in a prepared root directory; see `run`."""
    return run(["chroot", root, *command], environment={"PATH": _PATH, "HOME": "/root"})


def find(root: Path, *paths: str) -> str | None:
    """Return the first of some absolute paths that a root directory has."""
    return next((path for path in paths if (root / path.lstrip("/")).exists()), None)


def has_unit(root: Path, name: str) -> bool:
    """Return whether a root directory has a unit of systemd."""
    return find(root, f"/usr/lib/systemd/system/{name}", f"/etc/systemd/system/{name}") is not None
