# SPDX-License-Identifier: Apache-2.0
"""Reasons for a rebuild, from the inputs of the last result."""

from pathlib import Path

import pytest

from xsbuild.store.history import NEVER, History
from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import Store

PBUILDER: dict[str, Json] = {"name": "pbuilder", **{f"option{n}": n for n in range(8)}}


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"builder": {"name": "sbuild", "x": 1}}, ["another builder: sbuild, before pbuilder"]),
        ({"builder": {**PBUILDER, "option1": 5}}, ["builder: option1 changed from 1 to 5"]),
        (
            {"builder": {"name": "sbuild"}, "version": "2"},
            ["another builder: sbuild, before pbuilder", "version changed from 1 to 2"],
        ),
    ],
)
def test_another_builder_is_one_reason(
    changed: dict[str, Json], reasons: list[str], tmp_path: Path
) -> None:
    inputs: dict[str, Json] = {"version": "1", "builder": PBUILDER}
    store = Store(tmp_path)
    with store.begin(key_of(inputs)) as entry:
        result = entry.commit(inputs=inputs, packages={}, seconds={}, builder="pbuilder")
    history = History(store)
    history.remember("a@b", result.key)
    assert list(history.why("a@b", {**inputs, **changed})) == reasons
    assert history.why("other@b", inputs) == NEVER
