# SPDX-License-Identifier: Apache-2.0
"""Bounds of versions, and versions in package names."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from xsbuild.capabilities.family import capabilities_of
from xsbuild.distros.model import Family
from xsbuild.manifest.requirement import Constraint

_NUMBERS = re.compile(r"[-.]?(?P<number>\d+(?:\.\d+)*)")


def satisfies(version: str, constraints: Iterable[Constraint], family: Family) -> bool:
    """Return whether a distro's package version is within bounds on the upstream version."""
    meets = {
        "<": lambda order: order < 0,
        "<=": lambda order: order <= 0,
        "=": lambda order: order == 0,
        ">=": lambda order: order >= 0,
        ">": lambda order: order > 0,
    }
    return all(
        meets[bound.operator](_order(version, bound.version, family)) for bound in constraints
    )


# Cached: choosing vendored libraries compares the same few versions many times.
@lru_cache(maxsize=4096)
def _order(version: str, bound: str, family: Family) -> int:
    known = capabilities_of(family)
    return known.compare(known.upstream(version), bound)


def has_version(name: str, version: str) -> bool:
    """Return whether a package's name contains its version, as ``libxen4.17`` 4.17.5 does.

    A single number (``libxml2``, ``gcc-12``) may be an interface version and does not count.
    """
    numbers = [match["number"] for match in _NUMBERS.finditer(name)]
    return any(
        re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", version)
        for number in numbers
        if "." in number
    )


def without_version(name: str) -> Iterator[str]:
    """Yield possible names of a package's unversioned default, the likeliest first.

    ``libpython3.11-dev``: libpython3-dev, libpython-dev; ``gcc-12``: gcc.
    """
    for match in _NUMBERS.finditer(name):
        major = match["number"].partition(".")[0]
        before, after = name[: match.start()], name[match.end() :]
        if "." in match["number"]:
            yield f"{name[: match.start('number')]}{major}{after}"
        yield f"{before}{after}"


def differ_in_numbers_only(names: Iterable[str]) -> list[str]:
    """Return names that differ only in numbers, so that each contains a version."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(re.sub(r"[\d.]+", "#", name), []).append(name)
    return [name for group in found.values() if len(group) > 1 for name in group]
