# SPDX-License-Identifier: Apache-2.0
"""A signing key, made once for a run of tests."""

import pytest

from own_settings import settings_in
from xsbuild.repos.signing import SigningKey, signing_key


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key of xsbuild's own."""
    return signing_key(settings_in(tmp_path_factory.mktemp("key")), say=lambda _: None)
