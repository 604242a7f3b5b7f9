# SPDX-License-Identifier: Apache-2.0
"""Chooses disks and network cards by the filters of the answers. Pure functions."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from xenserver_installer.answers import DiskFilter, NicFilter, size_of
from xenserver_installer.errors import InstallError
from xenserver_installer.machine import Disk, Nic


def _matches(pattern: str | None, value: str) -> bool:
    # only * is special, and a serial number may contain brackets
    escaped = pattern and pattern.lower().replace("[", "[[]").replace("?", "[?]")
    return escaped is None or fnmatchcase(value.lower(), escaped)


def disk_matches(wanted: DiskFilter, disk: Disk) -> bool:
    """Return whether all conditions hold for a disk."""
    texts = {"serial", "vendor", "model", "wwn", "transport"}
    paths = {str(disk.path), *map(str, disk.links)}
    return (
        all(_matches(getattr(wanted, name), getattr(disk, name)) for name in texts)
        and any(_matches(wanted.path, path) for path in paths)
        and (wanted.min_size is None or disk.size >= size_of(wanted.min_size))
        and (wanted.max_size is None or disk.size <= size_of(wanted.max_size))
    )


def choose_disk(wanted: DiskFilter, disks: Sequence[Disk]) -> Disk:
    """Return the one disk that matches.

    Args:
        wanted: the conditions.
        disks: the disks of the machine.

    Raises:
        InstallError: none or several match.
    """
    found = [disk for disk in disks if disk_matches(wanted, disk)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InstallError(f"no disk matches `disk`; {_listed('there are', map(str, disks))}")
    raise InstallError(
        f"{len(found)} disks match `disk`, which must name one: {_listed('', map(str, found))}"
    )


def choose_nic(wanted: NicFilter, nics: Sequence[Nic]) -> Nic:
    """Return the one network card that matches; without conditions the only one with a link.

    Raises:
        InstallError: none or several match.
    """
    found = [
        nic
        for nic in nics
        if _matches(wanted.name, nic.name)
        and _matches(wanted.mac, nic.mac)
        and _matches(wanted.driver, nic.driver)
        and _matches(wanted.vendor, nic.vendor)
    ]
    linked = [nic for nic in found if nic.has_link]
    for candidates in (found, linked if wanted == NicFilter() else []):
        if len(candidates) == 1:
            return candidates[0]
    names = [str(nic) for nic in found or nics]
    if not found:
        raise InstallError(f"no network card matches `network.nic`; {_listed('there are', names)}")
    raise InstallError(
        f"{len(found)} network cards match `network.nic`, which must name one: {_listed('', names)}"
    )


def _listed(prefix: str, items: Iterable[str]) -> str:
    text = "; ".join(items)
    return f"{prefix} {text}".strip() if text else "there is none"
