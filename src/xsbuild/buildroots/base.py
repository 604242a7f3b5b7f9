# SPDX-License-Identifier: Apache-2.0
"""Base chroots: made once per distro and purpose, never changed, shared by all builds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from xsbuild.distros.model import Distro
from xsbuild.settings import Settings


class Variant(StrEnum):
    """What a base is for."""

    BUILD = "build"
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Base:
    """A base chroot, read-only for everyone.

    Attributes:
        path: the unpacked root directory.
        identity: sha256 over its packages with their versions and its archives.
        packages: ``name_architecture=version`` lines, sorted: the readable part of `identity`.
    """

    path: Path
    identity: str
    packages: Path


def ensure_base(
    distro: Distro,
    variant: Variant,
    settings: Settings,
    *,
    step: Callable[[str], None],
    log: Path,
) -> Base:
    """Returns the base of a distro, made or refreshed first where needed."""
    raise NotImplementedError
