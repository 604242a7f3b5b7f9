# SPDX-License-Identifier: Apache-2.0
"""Versions, names and archives of the deb family; see `family.CapabilityFamily`."""

import re
from collections.abc import Callable
from pathlib import Path

from debian.debian_support import Version, version_compare

from xsbuild.capabilities.records import Archives
from xsbuild.distros.model import Distro
from xsbuild.manifest.requirement import Requirement
from xsbuild.settings import Settings

_REPACKED = re.compile(r"[+~.](?:dfsg|ds|repack|debian)[0-9.]*$")

compare = version_compare


def upstream(version: str) -> str:
    """Return the upstream part of a version.

    ``1:1.12.0+really1.11.0+dfsg-2`` is ``1.11.0`` (Debian Developer's Reference, 5.11.2).
    """
    text = Version(version).upstream_version or version
    return _REPACKED.sub("", text.rpartition("+really")[2])


def newer(one: str, other: str) -> bool:
    """Return whether one full version is later than another."""
    return version_compare(one, other) > 0


def path_of(_requirement: Requirement, _distro: Distro) -> None:
    """Return None: packages do not depend on files."""


def native_name(_requirement: Requirement, *, locked: bool) -> None:
    """Return None: packages do not provide capabilities under the manifest's names."""


def fetch(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> Archives | None:
    """Fetch Packages and Contents files."""
    # Imported late: every build looks up names, few fetch indexes.
    from xsbuild.capabilities.debindex import fetch_deb  # noqa: PLC0415

    return fetch_deb(distro, settings, folder, step)
