# SPDX-License-Identifier: Apache-2.0
"""Keys and the differences between manifests of inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.store.keys import Json, key_changes, key_of

DIGEST = "d5e5e6a3cc7e9ea9b04ebbaa9f5965fa48ce4c256f0d4bdb2e207f82aaf5cc5f"
OTHER = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
INPUTS = st.dictionaries(st.text(), VALUES, max_size=5)


def reversed_order(value: Json) -> Json:
    """The same value with the names of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {name: reversed_order(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [reversed_order(item) for item in value]
    return value


@given(INPUTS)
def test_key_does_not_depend_on_the_order_of_names(inputs: dict[str, Json]) -> None:
    other = reversed_order(inputs)
    assert isinstance(other, dict)
    assert key_of(other) == key_of(inputs)
    assert key_changes(inputs, other) == []


@given(INPUTS, INPUTS)
def test_difference_is_empty_exactly_for_the_same_key(
    old: dict[str, Json], new: dict[str, Json]
) -> None:
    assert (key_changes(old, new) == []) == (key_of(old) == key_of(new))


def test_key_stays_what_it_was() -> None:
    assert key_of({"b": [1, "ä"], "a": None}) == (
        "3d6f860d37ce3698439a31ccd5d721f57e8889f75dc14452fbc35f95d3f3a405"
    )


def test_a_number_without_json_has_no_key() -> None:
    with pytest.raises(ValueError, match="JSON"):
        key_of({"a": float("nan")})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"format": 1}, {"format": 2}, "format changed from 1 to 2"),
        ({"n": 1}, {"n": True}, "n changed from 1 to true"),
        (
            {"sources": {"xha.tar.gz": DIGEST}},
            {"sources": {"xha.tar.gz": OTHER}},
            "sources: xha.tar.gz changed from d5e5e6a3cc7e… to b5bb9d8014a0…",
        ),
        (
            {"dependencies": {}},
            {"dependencies": {"xen": DIGEST}},
            "dependencies: xen is new: d5e5e6a3cc7e…",
        ),
        (
            {"builder": {"name": "sbuild", "jobs": 2}},
            {"builder": {"name": "sbuild"}},
            "builder: jobs is gone; it was 2",
        ),
        (
            {"requires": ["bin(gcc)", "bin(make)"]},
            {"requires": ["bin(make)", "bin(cmake)"]},
            "requires lost bin(gcc) and gained bin(cmake)",
        ),
        ({"patches": ["a", "b"]}, {"patches": ["b", "a"]}, "patches has another order"),
        (
            {"rules": "#!/usr/bin/make -f\n%:\n\tdh $@\n"},
            {"rules": "#!/usr/bin/make -f\n%:\n\tdh $@ --with x\n"},
            "rules changed, first in line 3: \tdh $@ became \tdh $@ --with x",
        ),
        (
            {"text": "a\nb"},
            {"text": "a\nb\nc"},
            "text changed, first in line 3: nothing became c",
        ),
        ({"a": "x" * 100}, {"a": ""}, f'a changed from {"x" * 59}… to ""'),
        ({"a": None}, {"a": {"b": 1}}, 'a changed from null to {"b":1}'),
    ],
)
def test_difference_in_words(old: dict[str, Json], new: dict[str, Json], words: str) -> None:
    assert key_changes(old, new) == [words]
