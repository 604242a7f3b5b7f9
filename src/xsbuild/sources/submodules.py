# SPDX-License-Identifier: Apache-2.0
"""Submodules of a commit: gitmodules(5)."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.sources.addresses import shown
from xsbuild.sources.gitcommand import git

_GITLINK = "160000"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Submodule:
    """A commit of another repository, in a directory of this one.

    Attributes:
        path: the directory.
        commit: its full id.
        url: of the other repository.
    """

    path: str
    commit: str
    url: str


def submodules_of(
    mirror: Path, commit: str, url: str, *, wanted: bool | None
) -> tuple[Submodule, ...]:
    """Return the submodules of a commit that are to be fetched.

    Args:
        mirror: a bare repository that has the commit.
        commit: its full id.
        url: of the repository, for relative addresses.
        wanted: whether to fetch submodules; None: there must be none.

    Raises:
        SourceError: there are some, and it is not known whether they are wanted; or one has no
            address of the repository's kind.
    """
    links = dict(_links(mirror, commit))
    if not links or wanted is False:
        return ()
    if wanted is None:
        raise _undecided(url, list(links))
    urls = _urls(mirror, commit)
    return tuple(
        Submodule(path, target, _address(path, urls.get(path), url))
        for path, target in links.items()
    )


def _links(mirror: Path, commit: str) -> Iterator[tuple[str, str]]:
    for line in git(mirror, ["ls-tree", "-r", "-z", "--full-tree", commit]).split("\0"):
        kind, _, path = line.partition("\t")
        if kind.startswith(_GITLINK):
            yield path, kind.split()[2]


def _urls(mirror: Path, commit: str) -> dict[str, str]:
    """Return path → URL of the submodules in .gitmodules."""
    words = ["config", "--null", "--blob", f"{commit}:.gitmodules", "--get-regexp", r"^submodule\."]
    paths: dict[str, str] = {}
    urls: dict[str, str] = {}
    for entry in git(mirror, words, ok=(0, 1, 128)).split("\0"):
        key, _, value = entry.partition("\n")
        name, _, field = key.rpartition(".")
        if field == "path":
            paths[name] = value
        elif field == "url":
            urls[name] = value
    return {path: urls[name] for name, path in paths.items() if name in urls}


def _address(path: str, url: str | None, parent: str) -> str:
    if url is None:
        raise SourceError(
            f"the submodule {path} of {shown(parent)} is not in .gitmodules",
            hint="use an archive of the release that has its content",
            code="XSB-SOURCE-INCOMPLETE",
        )
    address = _absolute(url, parent)
    scheme = address.partition("://")[0]
    # A repository on the network names no directory of this machine, and no other protocol.
    if scheme not in (parent.partition("://")[0], "https"):
        raise SourceError(
            f"the submodule {path} of {shown(parent)} is at {shown(address)}, "
            "an address of another kind",
            hint="use an archive of the release that has its content",
            code="XSB-SOURCE-INCOMPLETE",
        )
    return address


def _absolute(url: str, parent: str) -> str:
    if not url.startswith(("./", "../")):
        return url
    scheme, _, rest = parent.partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}{posixpath.normpath(posixpath.join('/', path, url))}"


def _undecided(url: str, paths: list[str]) -> SourceError:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return SourceError(
        f"{shown(url)} has submodules: {', '.join(paths[:_SHOWN])}{more}",
        hint="set `submodules: true` at the source to fetch them, "
        "or `false` to leave their directories empty",
        code="XSB-SOURCE-INCOMPLETE",
    )
