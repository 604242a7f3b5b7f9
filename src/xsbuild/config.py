# SPDX-License-Identifier: Apache-2.0
"""The model of ``config.yaml``; imported only where a user has that file."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from xsbuild.strict import Strict


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Keep(Strict):
    """Limits of the caches; see `xsbuild.settings.Limits`."""

    days: Annotated[int, Field(ge=0)] = 30
    gigabytes: Annotated[int, Field(ge=0)] = 30


class Config(Strict):
    """All keys of ``config.yaml``; see `xsbuild.settings.Settings`."""

    archives: dict[str, Annotated[tuple[str, ...], BeforeValidator(_listed)]] = {}
    rewrite: dict[str, str] = {}
    signing_key: str | None = None
    keep: Keep = Keep()
    distro: str | None = None
