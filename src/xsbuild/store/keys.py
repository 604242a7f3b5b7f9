# SPDX-License-Identifier: Apache-2.0
"""The key of a task, and the differences between two keys, in words."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

_DIGEST = re.compile(r"[0-9a-f]{40,}")
_DIGEST_SHOWN = 12
_TEXT_SHOWN = 60


def key_of(inputs: Mapping[str, Json]) -> str:
    """Return the sha256, in hexadecimal, of a readable manifest of inputs, in any order.

    Raises:
        ValueError: a number is not finite, which JSON cannot express.
    """
    return sha256(_canonical(inputs).encode()).hexdigest()


def key_changes(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """List the changes between two input manifests, one sentence each.

    The list is empty if and only if both have the same key.
    """
    return list(_changes("", old, new))


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=dict)


def _changes(place: str, old: Json, new: Json) -> Iterator[str]:
    if _canonical(old) == _canonical(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _changes_in_mapping(place, old, new)
    elif isinstance(old, str) and isinstance(new, str):
        yield _changed_text(place, old, new)
    elif _is_list(old) and _is_list(new):
        yield _changed_list(place, old, new)
    else:
        yield f"{place} changed from {_shown(old)} to {_shown(new)}"


def _changes_in_mapping(
    place: str, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[str]:
    for name in sorted({*old, *new}):
        inner = f"{place}: {name}" if place else name
        if name not in old:
            yield f"{inner} is new: {_shown(new[name])}"
        elif name not in new:
            yield f"{inner} is gone; it was {_shown(old[name])}"
        else:
            yield from _changes(inner, old[name], new[name])


def _changed_text(place: str, old: str, new: str) -> str:
    before, after = old.split("\n"), new.split("\n")
    if len(before) == len(after) == 1:
        return f"{place} changed from {_shown(old)} to {_shown(new)}"
    pairs = zip(before, after, strict=False)
    same = next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(before), len(after)))
    lines = (_shown(text[same]) if same < len(text) else "nothing" for text in (before, after))
    return f"{place} changed, first in line {same + 1}: {' became '.join(lines)}"


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _changed_list(place: str, old: Json, new: Json) -> str:
    assert isinstance(old, Sequence)
    assert isinstance(new, Sequence)
    before, after = (Counter(map(_canonical, items)) for items in (old, new))
    words = [
        f"{verb} {', '.join(_shown(json.loads(text)) for text in items.elements())}"
        for verb, items in (("lost", before - after), ("gained", after - before))
        if items
    ]
    return f"{place} {' and '.join(words) or 'has another order'}"


def _shown(value: Json) -> str:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return f"{value[:_DIGEST_SHOWN]}…"
    text = value if isinstance(value, str) and value else _canonical(value)
    return text if len(text) <= _TEXT_SHOWN else f"{text[: _TEXT_SHOWN - 1]}…"
