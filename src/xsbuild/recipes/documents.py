# SPDX-License-Identifier: Apache-2.0
"""Documentation of packages: files and directories of the source tree."""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from xsbuild.manifest.model import Package

_WILDCARD = re.compile(r"[*?\[]")


def documents(package: Package) -> Iterator[tuple[str, str]]:
    """Yield documents, each with its directory below the package's directory of documents.

    Documents of one name would replace each other, so those keep the directory they have upstream.
    The directory is empty for all others.
    """
    paths = list(dict.fromkeys(package.docs))
    for path in paths:
        others = [other for other in paths if other != path]
        unique = not any(_meet(base_name(path), base_name(other)) for other in others)
        yield path, "" if unique else posixpath.dirname(path.rstrip("/"))


def base_name(path: str) -> str:
    """Return the name of a file or directory, of which the path may end in a slash."""
    return posixpath.basename(path.rstrip("/"))


def _meet(one: str, other: str) -> bool:
    """Return whether two patterns of names may match the same name."""
    if not (_WILDCARD.search(one) and _WILDCARD.search(other)):
        return fnmatchcase(one, other) or fnmatchcase(other, one)
    first, second = _WILDCARD.split(one), _WILDCARD.split(other)
    begins = first[0].startswith(second[0]) or second[0].startswith(first[0])
    return begins and (first[-1].endswith(second[-1]) or second[-1].endswith(first[-1]))
