# SPDX-License-Identifier: Apache-2.0
"""Check a machine's prerequisites besides programs: disk space, kernel features, network, time."""

import os
import pwd
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from xsbuild.distros.mirrors import host_mirrors
from xsbuild.settings import Settings

_GIGABYTE = 10**9
_SPACE = 10 * _GIGABYTE  # base chroots, layers and one large build
_IDS = 65536  # in a chroot: those of its users and of `nobody`
_SECONDS = 5
_SKEW = 600  # seconds; signatures and Release files are dated
_USER_NAMESPACES = {
    "/proc/sys/user/max_user_namespaces": "0",
    "/proc/sys/kernel/unprivileged_userns_clone": "0",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
}


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """The result of one check.

    Attributes:
        name: what was looked at.
        good: builds can rely on it.
        result: what was found.
        hint: what to do; empty where it is good.
    """

    name: str
    good: bool
    result: str
    hint: str = ""


def check_machine(settings: Settings) -> Iterator[MachineCheck]:
    """Check this machine for this user."""
    cache = settings.folders.cache
    yield disk_space(cache, shutil.disk_usage(_existing(cache)).free)
    yield overlayfs(Path("/proc/filesystems").read_text())
    root = os.geteuid() == 0
    yield user_namespaces({name: _text(Path(name)) for name in _USER_NAMESPACES}, root=root)
    user = pwd.getpwuid(os.getuid()).pw_name
    for file in ("/etc/subuid", "/etc/subgid"):
        yield subordinate_ids(file, _text(Path(file)), (user, str(os.getuid())), root=root)
    own = (address for mirrors in settings.archives.values() for address in mirrors)
    dates = _ask(sorted({*own, *host_mirrors()})) if not settings.offline else {}
    yield from (mirror(address, date) for address, date in dates.items())
    yield clock(time.time(), [date for date in dates.values() if date])


def disk_space(folder: Path, free: int) -> MachineCheck:
    """Check the space for the caches, in bytes."""
    result = f"{free / _GIGABYTE:.1f} GB free for {folder}"
    hint = f"free {_SPACE // _GIGABYTE} GB, or set XSBUILD_CACHE to a folder on another disk"
    return _check("disk space", result, hint, good=free >= _SPACE)


def overlayfs(filesystems: str) -> MachineCheck:
    """Check for the overlay file system, by the text of /proc/filesystems."""
    good = "overlay" in filesystems.split()
    return _check(
        "overlayfs",
        "available" if good else "not available",
        "load the kernel module with `modprobe overlay`",
        good=good,
    )


def user_namespaces(values: Mapping[str, str], *, root: bool) -> MachineCheck:
    """Check whether this user may make user namespaces.

    Args:
        values: a file of /proc/sys → its text, empty where there is none.
        root: who needs no user namespace.
    """
    if root:
        return MachineCheck("user namespaces", True, "not needed as root")
    forbidding = [name for name, off in _USER_NAMESPACES.items() if values.get(name) == off]
    result = f"forbidden by {', '.join(forbidding)}" if forbidding else "allowed"
    keys = (name.removeprefix("/proc/sys/").replace("/", ".") for name in forbidding)
    hint = f"allow them with sysctl: {', '.join(keys)}"
    return _check("user namespaces", result, hint, good=not forbidding)


def subordinate_ids(file: str, text: str, owners: Sequence[str], *, root: bool) -> MachineCheck:
    """Check for a range of subordinate ids, by the text of subuid(5) or subgid(5).

    Args:
        file: its name.
        text: its content.
        owners: this user's name and number.
        root: who needs none.
    """
    name = Path(file).name
    if root:
        return MachineCheck(name, True, "not needed as root")
    lines = (line.split(":") for line in text.splitlines())
    counts = [int(x[2]) for x in lines if len(x) == 3 and x[0] in owners and x[2].isdecimal()]  # noqa: PLR2004
    count = max(counts, default=0)
    option = f"--add-{name}s"
    return _check(
        name,
        f"{count} ids for {owners[0]} in {file}",
        f"as root, `usermod {option} 100000-{100000 + _IDS - 1} {owners[0]}`",
        good=count >= _IDS,
    )


def mirror(address: str, date: float | None) -> MachineCheck:
    """Check whether a mirror answered; see `clock` for the date."""
    result = f"{address} {'answers' if date is not None else 'does not answer'}"
    hint = "check network and proxy, or set another one under `archives` in config.yaml"
    return _check("mirror", result, hint, good=date is not None)


def clock(now: float, dates: Sequence[float]) -> MachineCheck:
    """Compare the clock with the dates of servers' answers; all in seconds since the epoch."""
    if not dates:
        return MachineCheck("clock", True, "not compared: no server answered with a date")
    skew = min((now - date for date in dates), key=abs)
    good = abs(skew) < _SKEW
    result = "right" if good else f"{abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    return _check("clock", result, "set it, as with `timedatectl set-ntp true`", good=good)


def _check(name: str, result: str, hint: str, *, good: bool) -> MachineCheck:
    return MachineCheck(name, good, result, "" if good else hint)


def _ask(addresses: Sequence[str]) -> dict[str, float | None]:
    """Return address → the date of its response; 0 if it has none, None without a response."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(addresses, pool.map(_date_of, addresses), strict=True))


def _date_of(address: str) -> float | None:
    import httpx  # noqa: PLC0415 - slow to import

    if address.startswith("file:"):
        return 0 if Path(httpx.URL(address).path).is_dir() else None
    try:
        answer = httpx.head(address, timeout=_SECONDS)
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    except (KeyError, ValueError):
        return 0


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
