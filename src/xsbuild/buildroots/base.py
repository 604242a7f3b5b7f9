# SPDX-License-Identifier: Apache-2.0
"""The base chroot of a distro: the one to ask."""

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
    """Return the base of a distro, made or refreshed first where needed.

    It is refreshed when its definition or one of its archives has changed; where that fails or
    the archive cannot be reached, the old one is kept and `step` is called.

    Args:
        distro: for which distro.
        variant: for building packages in or for installing them in.
        settings: where bases are kept, where archives are reached, whether to stay offline.
        step: called with each step.
        log: takes the output of what makes it.

    Raises:
        XsbuildError: there is none, and it cannot be made.
        InputError: the distro has no name for this machine's architecture.
    """
    return _cache(distro, variant, settings, step, log).ensure()


def present_base(distro: Distro, variant: Variant, settings: Settings) -> Base | None:
    """Return the base of a distro as it is; None where there is none.

    It takes no lock, uses no network and deletes nothing.

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
