# SPDX-License-Identifier: Apache-2.0
"""Get the base chroot of a distro."""

import os
from collections.abc import Callable
from pathlib import Path

from xsbuild.buildroots.base_chroots import Base, BaseCache, Variant
from xsbuild.buildroots.family import buildroots_of
from xsbuild.distros.model import Distro
from xsbuild.host.files import storage
from xsbuild.settings import Settings

__all__ = ["Base", "Variant", "ensure_base", "present_base"]


def ensure_base(
    distro: Distro,
    variant: Variant,
    settings: Settings,
    *,
    step: Callable[[str], None],
    log: Path,
) -> Base:
    """Return the base of a distro, created or refreshed first if needed.

    It is refreshed when its definition or one of its archives has changed. If that fails or the
    archive is unreachable, the old one is kept and `step` is called.

    Args:
        distro: the distro.
        variant: its purpose: building or installing packages.
        settings: the cache, mirrors, and whether to stay offline.
        step: called with each step.
        log: the log of its creation.

    Raises:
        XsbuildError: there is none, and creating one failed.
        InputError: the distro has no name for this machine's architecture.
    """
    return _cache(distro, variant, settings, step, log).ensure()


def present_base(distro: Distro, variant: Variant, settings: Settings) -> Base | None:
    """Return the existing base of a distro, or None.

    Takes no lock, uses no network and deletes nothing.

    Raises:
        InputError: the distro has no name for this machine's architecture.
    """
    cache = _cache(distro, variant, settings, lambda _text: None, Path(os.devnull))
    with storage(cache.folder):
        return cache.present()


def _cache(
    distro: Distro, variant: Variant, settings: Settings, step: Callable[[str], None], log: Path
) -> BaseCache:
    builder = buildroots_of(distro.family).base_builder(distro, variant, settings)
    owner = "user" if os.geteuid() else "root"
    folder = settings.folders.bases / f"{distro.name}-{variant}-{builder.architecture}-{owner}"
    return BaseCache(distro, folder, builder, settings.offline, step, log)
