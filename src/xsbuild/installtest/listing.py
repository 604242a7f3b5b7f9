# SPDX-License-Identifier: Apache-2.0
"""Snapshots of a chroot's files, and their differences."""

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xsbuild.buildroots.buildroot import Buildroot

_FIELDS = ("%y", "%u", "%g", "%p", "%l")
# Not the chroot's: mounts, and what is gone after a reboot.
_NOT_LISTED = ("/proc", "/dev", "/sys", "/run", "/tmp", "/xsbuild")  # noqa: S108 - the chroot's
_MOST_LINKS = 40  # as the kernel follows (path_resolution(7))


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or directory.

    Attributes:
        kind: as find(1) says: f, d, l …
        owner: the user's name, or a number that no user has.
        group: the group's name, or a number that no group has.
        target: where a symbolic link points; else empty.
    """

    kind: str
    owner: str
    group: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a chroot.

    Attributes:
        entries: absolute path, without links among its directories → what is there.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """Return the path with links among its directories followed, as ``/lib`` → ``/usr/lib``."""
        folder, name = posixpath.split(posixpath.normpath(f"/{path.lstrip('/')}"))
        return posixpath.join(self._folder(folder, _MOST_LINKS), name)

    def _folder(self, path: str, links: int) -> str:
        if path == "/" or not links:
            return path
        parent, name = posixpath.split(path)
        here = posixpath.join(self._folder(parent, links), name)
        entry = self.entries.get(here)
        if entry is None or entry.kind != "l":
            return here
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), entry.target))
        return self._folder(target, links - 1)

    def find(self, path: str) -> Entry | None:
        """Return the entry at a path, or None."""
        return self.entries.get(self.place(path))


def list_files(root: Buildroot) -> Listing:
    """List a chroot's own files."""
    prune = ["(", *_alternatives(_NOT_LISTED), ")", "-prune"]
    fields = "\\t".join(_FIELDS) + "\\0"
    output = root.run(["find", "/", "-xdev", *prune, "-o", "-printf", fields]).output
    return parse_listing(output)


def _alternatives(paths: Collection[str]) -> list[str]:
    words = [word for path in paths for word in ("-o", "-path", path)]
    return words[1:]


def parse_listing(output: str) -> Listing:
    """Read records that end in NUL, of kind, owner, group, path and link target between tabs."""
    entries = {}
    for record in output.split("\0"):
        match record.split("\t"):
            case [kind, owner, group, path, target]:
                entries[path] = Entry(kind, owner, group, target)
    return Listing(entries)


def appeared(before: Listing, after: Listing, excused: Collection[str]) -> dict[str, int]:
    """Return paths that are new in the second of two listings.

    Args:
        before: the earlier one.
        after: the later one.
        excused: paths that, with all below them, do not matter.

    Returns:
        Path → how many files and directories below it are new, too. What is below a new directory
        is not listed by itself.
    """
    found: dict[str, int] = {}
    top = None
    for path in sorted(after.entries.keys() - before.entries.keys(), key=lambda p: p.split("/")):
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in excused):
            continue
        if top is not None and path.startswith(f"{top}/"):
            found[top] += 1
        else:
            top = path
            found[path] = 0
    return found
