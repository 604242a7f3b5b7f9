# SPDX-License-Identifier: Apache-2.0
"""Versions as each family compares them, and versions hidden in package names."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest

from debian.debian_support import Version, version_compare

from xsbuild.distros.model import Family
from xsbuild.manifest.requirement import Constraint

_REPACKED = re.compile(r"[+~.](?:dfsg|ds|repack|debian)[0-9.]*$")
_NUMBERS = re.compile(r"[-.]?(?P<number>\d+(?:\.\d+)*)")
_RPM_PART = re.compile(r"~|\^|\d+|[A-Za-z]+")


def upstream(version: str, family: Family) -> str:
    """The upstream part of a distro's version: without epoch, revision and repacking suffix.

    ``1:1.12.0+really1.11.0+dfsg-2`` is ``1.11.0`` (Debian Developer's Reference, 5.11.2).
    """
    if family is Family.RPM:
        return version.rpartition(":")[2].partition("-")[0]
    text = Version(version).upstream_version or version
    return _REPACKED.sub("", text.rpartition("+really")[2])


def satisfies(version: str, constraints: Iterable[Constraint], family: Family) -> bool:
    """Whether a distro's version of something is within bounds that speak of upstream's."""
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


# The choice of vendored libraries compares the same few versions again and again.
@lru_cache(maxsize=4096)
def _order(version: str, bound: str, family: Family) -> int:
    compare = version_compare if family is Family.DEB else compare_rpm
    return compare(upstream(version, family), bound)


def newer(one: str, other: str, family: Family) -> bool:
    """Whether one full version (with epoch and revision) is later than another."""
    if family is Family.DEB:
        return version_compare(one, other) > 0
    return next((order > 0 for order in _compare_evr(one, other) if order), False)


def _compare_evr(one: str, other: str) -> Iterator[int]:
    for left, right in zip(_evr(one), _evr(other), strict=True):
        yield compare_rpm(left, right)


def _evr(text: str) -> tuple[str, str, str]:
    epoch, colon, rest = text.partition(":")
    version, _, release = (rest if colon else text).partition("-")
    return (epoch if colon else "0", version, release)


def compare_rpm(one: str, other: str) -> int:
    """Compare two versions (or release) as rpm does: -1, 0 or 1.

    Source: rpm's manual, "Dependencies", and `rpm.vercmp`, against which it is tested.
    """
    for left, right in zip_longest(_RPM_PART.findall(one), _RPM_PART.findall(other)):
        order = 0 if left == right else _compare_part(left, right)
        if order:
            return order
    return 0


def _compare_part(left: str | None, right: str | None) -> int:
    if "~" in (left, right):
        return -1 if left == "~" else 1
    if left is None or right is None:
        return -1 if left is None else 1
    if "^" in (left, right):
        return -1 if left == "^" else 1
    if left.isdigit() and right.isdigit():
        return (int(left) > int(right)) - (int(left) < int(right))
    if left.isdigit() or right.isdigit():
        return 1 if left.isdigit() else -1
    return (left > right) - (left < right)


def has_version(name: str, version: str) -> bool:
    """Whether a package's name has its own version in it, as ``libxen4.17`` 4.17.5 does.

    A single number (``libxml2``, ``gcc-12``) may be an interface's and does not count.
    """
    numbers = [match["number"] for match in _NUMBERS.finditer(name)]
    return any(
        re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", version)
        for number in numbers
        if "." in number
    )


def without_version(name: str) -> Iterator[str]:
    """Names that an unversioned default of a package might have, the likeliest first.

    ``libpython3.11-dev``: libpython3-dev, libpython-dev; ``gcc-12``: gcc.
    """
    for match in _NUMBERS.finditer(name):
        major = match["number"].partition(".")[0]
        before, after = name[: match.start()], name[match.end() :]
        if "." in match["number"]:
            yield f"{name[: match.start('number')]}{major}{after}"
        yield f"{before}{after}"


def differ_in_numbers_only(names: Iterable[str]) -> list[str]:
    """Names that differ only in numbers, so that each contains a version."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(re.sub(r"[\d.]+", "#", name), []).append(name)
    return [name for group in found.values() if len(group) > 1 for name in group]
