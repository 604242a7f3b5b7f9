# SPDX-License-Identifier: Apache-2.0
"""Settings that touch nothing of this user."""

from pathlib import Path

from xsbuild.settings import Folders, Settings


def settings_in(folder: Path, *, key: str | None = None) -> Settings:
    """Settings whose folders are all in one."""
    folders = Folders(folder / "cache", folder / "data", folder / "config")
    return Settings(folders, signing_key=key)
