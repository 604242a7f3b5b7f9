# SPDX-License-Identifier: Apache-2.0
"""The checks of an install test, in order; independent of the family."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.host import process
from xsbuild.installtest.listing import Listing, appeared, list_files
from xsbuild.installtest.model import Failure, PackageManager

_UNIT = re.compile(
    r"/systemd/system/(?P<name>[^/]+\.(?:service|socket|timer|path|target|mount|slice))$"
)
_CHANGE = b"# changed by the administrator\n"


@dataclass(slots=True)
class Trial:
    """Packages under test in a chroot, and the findings so far.

    Attributes:
        root: the chroot.
        manager: its package manager.
        targets: the packages that a user would name.
        users: package → the users it has to make.
        ours: installed packages of the repository under test, by name.
        files: package of ours → its paths, without links among their directories.
        config: package of ours → its configuration files, likewise.
        before: the chroot without packages of ours, but with all else that they need.
        after: the chroot with them.
        left_running: command lines of processes that installing packages of ours left.
        base: packages of the base chroot, by name.
        notes: check → what else to know of its outcome.
    """

    root: Buildroot
    manager: PackageManager
    targets: Sequence[str]
    users: Mapping[str, Sequence[str]]
    ours: tuple[str, ...] = ()
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    config: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: Listing = field(default_factory=Listing)
    after: Listing = field(default_factory=Listing)
    left_running: list[str] = field(default_factory=list)
    base: frozenset[str] = frozenset()
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def removable(self) -> list[str]:
        """Those of ours that the base chroot does without."""
        return [name for name in self.ours if name not in self.base]

    @property
    def kept(self) -> list[str]:
        """Those of ours that replaced a package of the base chroot, which may depend on it."""
        return [name for name in self.ours if name in self.base]


def repository(trial: Trial) -> list[Failure]:
    """Check that the package manager accepts the repository's signature and index."""
    trial.manager.update()
    return []


def dependencies(trial: Trial) -> list[Failure]:
    """Check that all dependencies exist and that those of the distro can be installed.

    They are installed first, so that later changes can be attributed to our packages.
    """
    trial.base = frozenset(trial.manager.installed())
    offered = trial.manager.offered()
    plan = trial.manager.plan(trial.targets)
    trial.manager.download(trial.targets)
    others = [name for name in plan if name not in offered]
    if others:
        trial.manager.install(others)
    trial.before = list_files(trial.root)
    return []


def install(trial: Trial) -> list[Failure]:
    """Check that packages install, scripts succeed, and ours take precedence over the distro's."""
    trial.left_running += trial.manager.install(trial.targets)
    trial.after = list_files(trial.root)
    offered = trial.manager.offered()
    installed = trial.manager.installed()
    known = {name: version for name, version in installed.items() if name in offered}
    trial.ours = tuple(sorted(name for name in known if known[name] in offered[name]))
    for name in trial.ours:
        trial.files[name] = tuple(map(trial.after.place, trial.manager.files(name)))
        trial.config[name] = tuple(map(trial.after.place, trial.manager.config_files(name)))
    return [
        Failure(
            name,
            known[name],
            f"the distro's package takes precedence over ours ({', '.join(offered[name])})",
        )
        for name in sorted(known.keys() - set(trial.ours))
    ]


def files(trial: Trial) -> list[Failure]:
    """Check that every file is installed as packaged, and owned by existing users."""
    failures = []
    for name in trial.ours:
        altered = set(map(trial.after.place, trial.manager.altered(name)))
        for path in trial.files[name]:
            wrong = _what_is_wrong(trial.after, path, altered)
            if wrong:
                failures.append(Failure(name, path, wrong))
    return failures


def _what_is_wrong(listing: Listing, path: str, altered: set[str]) -> str | None:
    entry = listing.find(path)
    if entry is None:
        return "is in the package, but not there"
    if path in altered:
        return "has another content than in the package"
    for kind, name in (("user", entry.owner), ("group", entry.group)):
        if name.isdigit():
            return f"belongs to {kind} {name}, which does not exist"
    return None


def users(trial: Trial) -> list[Failure]:
    """Check that the users of a package's manifest entry exist."""
    return [
        Failure(name, user, "is a user of the manifest, but was not made")
        for name in trial.ours
        for user in trial.users.get(name, ())
        if trial.root.run(["getent", "passwd", user], ok=(0, 2)).status != 0
    ]


def daemons(trial: Trial) -> list[Failure]:
    """No daemon was started: a chroot's policy forbids it, and scripts have to obey."""
    return [
        Failure("", command, "was started by a script against the policy of the chroot")
        for command in dict.fromkeys(trial.left_running)
    ]


def configuration(trial: Trial) -> list[Failure]:
    """Check that local changes to configuration files survive a reinstallation."""
    owners = {path: name for name, paths in trial.config.items() for path in paths}
    if owners:
        within = trial.root.words()
        process.run(["tee", "--append", "--", *owners], within=within, stdin=_CHANGE)
    changed = _checksums(trial.root, owners)
    trial.left_running += trial.manager.reinstall(trial.ours)
    kept = _checksums(trial.root, owners)
    return [
        Failure(name, path, "local change lost on reinstall")
        for path, name in owners.items()
        if kept.get(path) != changed.get(path)
    ]


def _checksums(root: Buildroot, paths: Mapping[str, str]) -> dict[str, str]:
    if not paths:
        return {}
    output = root.run(["sha256sum", "--", *paths], ok=(0, 1)).output
    lines = (line.split(maxsplit=1) for line in output.splitlines())
    return {path: checksum for checksum, path in lines if path in paths}


def remove(trial: Trial) -> list[Failure]:
    """Check that removal deletes every file but configuration.

    A package that replaced one of the base chroot stays.
    """
    if trial.kept:
        trial.notes["remove"] = f"not removed, as the base has them: {', '.join(trial.kept)}"
    if trial.removable:
        trial.manager.remove(trial.removable)
    listing = list_files(trial.root)
    failures = []
    for name in trial.removable:
        for path in set(trial.files[name]) - set(trial.config[name]):
            entry = listing.find(path)
            # directories stay as long as something is in them
            if entry and entry.kind != "d" and not trial.before.find(path):
                failures.append(Failure(name, path, "is still there after removal"))
    return sorted(failures, key=str)


def purge(trial: Trial) -> list[Failure]:
    """Purging leaves nothing behind; users may stay."""
    if trial.removable:
        trial.manager.purge(trial.removable)
    kept = (path for name in trial.kept for path in trial.files[name])
    excused = [*trial.manager.state, *(path for path in kept if not trial.before.find(path))]
    left = appeared(trial.before, list_files(trial.root), excused)
    return [
        Failure(_owner(trial, path), path, f"{_with(below)} left behind after purge")
        for path, below in left.items()
    ]


def _with(below: int) -> str:
    return f"and {below} below it are" if below else "is"


def _owner(trial: Trial, path: str) -> str:
    """Return the package of ours that has a path or, alone, a directory above it; else none."""
    while path != "/":
        owners = [name for name, paths in trial.files.items() if path in paths]
        if owners:
            return owners[0] if len(owners) == 1 else ""
        path = posixpath.dirname(path)
    return ""


def units(trial: Trial) -> list[Failure]:
    """Check that systemd accepts our units: known directives, existing programs.

    It comes last because systemd, which the packages may do without, is installed for it.
    """
    found = {
        match["name"]: (name, path)
        for name, paths in trial.files.items()
        for path in paths
        if (match := _UNIT.search(path))
    }
    if not found:
        return []
    names = [*trial.targets, "systemd"]
    trial.manager.download(names)
    trial.manager.install(names)
    paths = [path for _name, path in found.values()]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *paths]
    output = trial.root.run(command, ok=range(256)).output
    return complaints(output, {unit: name for unit, (name, _path) in found.items()})


def complaints(output: str, owners: Mapping[str, str]) -> list[Failure]:
    """Return the complaints of systemd-analyze(1) about units.

    Args:
        output: of ``systemd-analyze verify``.
        owners: unit → its package; what is said of others does not matter.
    """
    failures = []
    for line in dict.fromkeys(output.splitlines()):
        for unit, package in owners.items():
            instance = re.escape(unit).replace("@", "@[^.]*")
            # ``unit: message``, ``/path/unit:line: message`` or ``Unit unit has …``
            match = re.match(rf"(?:\S*/|Unit )?{instance}(?::(?P<line>\d+))?:? (?P<text>.+)", line)
            if match:
                place = f"line {match['line']}: " if match["line"] else ""
                failures.append(Failure(package, unit, place + match["text"]))
    return failures


Check = Callable[[Trial], list[Failure]]

# What the others cannot do without comes first.
NEEDED: tuple[Check, ...] = (repository, dependencies, install)
CHECKS: tuple[Check, ...] = (
    *NEEDED, files, users, configuration, daemons, remove, purge, units,
)  # fmt: skip
