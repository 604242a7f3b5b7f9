# SPDX-License-Identifier: Apache-2.0
"""A signing key, made once for a run of tests."""

from pathlib import Path

import pytest

from xsbuild.repos.signing import SigningKey, signing_key
from xsbuild.settings import Folders, Settings


def settings_in(folder: Path, *, key: str | None = None) -> Settings:
    """Settings whose folders are all in one."""
    folders = Folders(folder / "cache", folder / "data", folder / "config")
    return Settings(folders, signing_key=key)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key of xsbuild's own."""
    return signing_key(settings_in(tmp_path_factory.mktemp("key")), say=lambda _: None)
