# SPDX-License-Identifier: Apache-2.0
"""What a hundred capabilities are called in four suites: on samples of the archives, and live."""

import pytest
import yaml

from capabilities.conftest import DATA, SUITES, distro
from xsbuild.capabilities.fetch_index import open_index
from xsbuild.capabilities.index import Index
from xsbuild.capabilities.resolver import Resolved, resolve
from xsbuild.distros.mirrors import mirrors_of
from xsbuild.manifest.requirement import parse_capability
from xsbuild.settings import load_settings

TABLE: dict[str, list[str | None]] = yaml.safe_load(
    (DATA / "table.yaml").read_text(encoding="utf-8")
)


def answer(capability: str, index: Index, suite: str) -> str | None:
    result = resolve(parse_capability(capability), index, distro(suite))
    return result.package if isinstance(result, Resolved) else None


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("capability", TABLE)
def test_sample(samples: dict[str, Index], capability: str, suite: str) -> None:
    expected = TABLE[capability][SUITES.index(suite)]
    assert answer(capability, samples[suite], suite) == expected


@pytest.mark.live
@pytest.mark.parametrize("suite", ["debian-12", "debian-13"])
def test_live(suite: str) -> None:
    """Released suites only: in the others the archive moves on, and the table is no fact."""
    settings = load_settings()
    wanted = distro(suite)
    if len(mirrors_of(wanted.archives, settings)) < len(wanted.archives):
        pytest.skip(f"no mirror of {suite} is known")
    with open_index(wanted, settings, lambda _text: None) as index:
        found = {capability: answer(capability, index, suite) for capability in TABLE}
    expected = {capability: row[SUITES.index(suite)] for capability, row in TABLE.items()}
    assert found == expected
