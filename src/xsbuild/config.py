# SPDX-License-Identifier: Apache-2.0
"""The model of ``config.yaml``; imported only where a user has that file."""

from typing import Annotated

from pydantic import Field

from xsbuild.strict import Duration, Size, Strict, amount_of
from xsbuild.texts import Line, Url, Urls


class Keep(Strict):
    """Limits of the caches; see `xsbuild.settings.Keep`."""

    days: Annotated[int, Field(ge=0)] = 30
    gigabytes: Annotated[int, Field(ge=0)] = 30


class LimitsConfig(Strict):
    """Limits of single operations; see `xsbuild.settings.Limits`."""

    build_time: Duration | None = None
    build_silence: Duration | None = None
    download_size: Size | None = None
    download_speed: Size | None = None
    document_size: Size | None = None
    unpacked_size: Size | None = None
    repository_age: Duration | None = None
    unpacked_files: Annotated[int, Field(gt=0)] | None = None

    def amounts(self) -> dict[str, int]:
        """Return the limits that are set, in seconds and bytes."""
        given: dict[str, str | int] = self.model_dump(exclude_none=True)
        return {
            name: value if isinstance(value, int) else amount_of(value)
            for name, value in given.items()
        }


class Config(Strict):
    """All keys of ``config.yaml``; see `xsbuild.settings.Settings`."""

    archives: dict[str, Annotated[Urls, Field(min_length=1)]] = {}
    rewrite: dict[Line, Url] = {}
    signing_key: str | None = None
    keep: Keep = Keep()
    distro: str | None = None
    limits: LimitsConfig = LimitsConfig()
