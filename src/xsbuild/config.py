# SPDX-License-Identifier: Apache-2.0
"""The model of ``config.yaml``; imported only where a user has that file."""

from typing import Annotated

from pydantic import Field

from xsbuild.strict import Strict
from xsbuild.texts import Line, Url, Urls


class Keep(Strict):
    """Limits of the caches; see `xsbuild.settings.Keep`."""

    days: Annotated[int, Field(ge=0)] = 30
    gigabytes: Annotated[int, Field(ge=0)] = 30


class Config(Strict):
    """All keys of ``config.yaml``; see `xsbuild.settings.Settings`."""

    archives: dict[str, Annotated[Urls, Field(min_length=1)]] = {}
    rewrite: dict[Line, Url] = {}
    signing_key: str | None = None
    keep: Keep = Keep()
    distro: str | None = None
