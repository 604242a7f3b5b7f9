# SPDX-License-Identifier: Apache-2.0
"""The input of a distro's index."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from xsbuild.distros.model import IndexStamp


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One binary package of a distro.

    Attributes:
        version: its full version.
        source: its source package.
        section: Debian's section; an rpm's group.
        essential: installed on every system, or in every build.
        depends: its dependencies, in the family's syntax.
        summary: the first line of its description.
        provides: kind, name and version of the capabilities it declares.
    """

    name: str
    version: str
    source: str
    source_version: str
    section: str = ""
    essential: bool = False
    depends: str = ""
    summary: str = ""
    provides: tuple[tuple[str, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Archives:
    """The complete, verified indexes of a distro's archives."""

    stamp: IndexStamp
    made_of: Callable[[], Iterable[Path]]
    packages: Callable[[], Iterable[PackageRecord]]
    files: Callable[[], Iterable[tuple[str, Iterable[str]]]]
