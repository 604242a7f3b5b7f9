# SPDX-License-Identifier: Apache-2.0
"""Scripts of both families for what an upgrade changes beside replacing files.

Debian: dpkg-maintscript-helper(1), by way of dh_installdeb(1). RPM: Fedora's guideline "Directory
Replacement", and triggers of a package on earlier versions of itself.
"""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from xsbuild.distros.model import Family
from xsbuild.manifest.model import Component, Package
from xsbuild.manifest.places import expand, family_places
from xsbuild.manifest.upgrades import DirToSymlink, MvConffile, RmConffile, SymlinkToDir, Upgrade

Expand = Callable[[str], str]
_STATIC = "/usr/"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that an upgrade makes.

    Attributes:
        kind: dpkg-maintscript-helper's name of it.
        path: the path before it.
        to: the path after it, or the link's target; empty for `rm_conffile`.
        since: the first version with it; empty for one that every upgrade makes if it is due.
    """

    kind: Literal["rm_conffile", "mv_conffile", "dir_to_symlink", "symlink_to_dir"]
    path: str
    to: str
    since: str


def changes_of(package: Package, component: Component) -> tuple[Change, ...]:
    """Return the changes of a package: those stated, and links that may have been directories.

    A link to a directory of the component may replace one of an earlier version. Below /usr that
    holds no data of the machine, so that it is always replaced.
    """
    stated = tuple(map(_stated, package.upgrades))
    known = {change.path for change in stated}
    links = (
        Change("dir_to_symlink", link, target, "")
        for link, target in package.links.items()
        if link not in known and _leads_to_directory(link, target, component)
    )
    return (*stated, *links)


def _stated(upgrade: Upgrade) -> Change:
    match upgrade:
        case RmConffile():
            return Change("rm_conffile", upgrade.rm_conffile, "", upgrade.since)
        case MvConffile():
            return Change("mv_conffile", upgrade.mv_conffile, upgrade.to, upgrade.since)
        case DirToSymlink():
            return Change("dir_to_symlink", upgrade.dir_to_symlink, upgrade.to, upgrade.since)
        case SymlinkToDir():
            return Change("symlink_to_dir", upgrade.symlink_to_dir, upgrade.to, upgrade.since)


def _leads_to_directory(link: str, target: str, component: Component) -> bool:
    place = _plain(link)
    there = posixpath.normpath(posixpath.join(posixpath.dirname(place), _plain(target)))
    return place.startswith(_STATIC) and there in _directories(component)


def _directories(component: Component) -> frozenset[str]:
    """Return the directories that the files of a component are in, with Debian's places."""
    found: set[str] = set()
    for package in component.packages.values():
        folders = [item.path for item in package.directories]
        folders += [item.to for item in package.install]
        inner = [f"{folder}/x" for folder in folders]
        for path in (*package.files, *package.config, *inner):
            # a path that ends in a slash is a directory
            found.update(map(str, PurePosixPath(f"{_plain(path)}x").parents))
    return frozenset(found)


def _plain(text: str) -> str:
    return expand(text, family_places(Family.DEB))


def maintscript(changes: Sequence[Change], place: Expand) -> Iterator[str]:
    """Yield the lines of a package's ``.maintscript`` file.

    Args:
        changes: what upgrades change.
        place: replaces names in braces by paths.
    """
    for change in changes:
        words = [change.kind, place(change.path)]
        if change.kind == "mv_conffile":
            words.append(place(change.to))
        elif change.to:
            words.append(link_target(place(change.path), place(change.to)))
        # `~`: also for this version as rebuilt for another suite (dpkg-maintscript-helper(1))
        yield " ".join([*words, *([f"{change.since}~"] if change.since else [])])


def link_target(link: str, target: str) -> str:
    """Return a link's target as dh_link(1) writes it: relative within a top directory."""
    folder = posixpath.dirname(link)
    there = posixpath.normpath(posixpath.join(folder, target))
    if there.split("/")[1] != link.split("/")[1]:
        return there
    return posixpath.relpath(there, folder)


_SET_ASIDE = """\
do
  local path, number = "{path}", 0
  local stat, aside = posix.stat(path), path .. ".rpmmoved"
  if stat and stat.type == "directory" then
    while posix.stat(aside) do
      number = number + 1
      aside = path .. ".rpmmoved." .. number
    end
    os.rename(path, aside)
  end
end"""
_UNLINK = """\
do
  local path = "{path}"
  local stat = posix.stat(path)
  if stat and stat.type == "link" and posix.readlink(path) == "{to}" then
    os.remove(path)
  end
end"""


def before_transaction(changes: Sequence[Change], place: Expand) -> Iterator[str]:
    """Yield the parts of a %pretrans scriptlet in Lua: what rpm itself cannot replace."""
    texts = {"dir_to_symlink": _SET_ASIDE, "symlink_to_dir": _UNLINK}
    for change in changes:
        if change.kind in texts:
            yield texts[change.kind].format(path=place(change.path), to=place(change.to))


_STALE = """\
if [ -e {old}.rpmsave ]; then
    mv -f {old}.rpmsave {old}.rpmsave.old
fi"""
_MOVE = """\
if [ -e {old}.rpmsave ]; then
    # It was edited.
    mv -f {new} {new}.rpmnew || :
    mv -f {old}.rpmsave {new}
fi"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Scripts around the removal of an earlier version of a package.

    Attributes:
        since: versions before it are meant.
        before: run before it is removed.
        after: run when it has been removed, and rpm has kept edited configuration aside.
    """

    since: str
    before: str
    after: str


def triggers(changes: Sequence[Change], place: Expand) -> Iterator[Trigger]:
    """Yield the triggers that move edited configuration files, one for each version."""
    moved: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind == "mv_conffile":
            moved.setdefault(change.since, []).append(change)
    for since, group in moved.items():
        paths = [{"old": place(change.path), "new": place(change.to)} for change in group]
        before = "\n".join(_STALE.format_map(pair) for pair in paths)
        after = "\n".join(_MOVE.format_map(pair) for pair in paths)
        yield Trigger(since, before, after)
