# SPDX-License-Identifier: Apache-2.0
"""The kinds of errors by code, as errors.yaml explains them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xsbuild.yamlreader import read_text

_FILE = Path(__file__).with_name("errors.yaml")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error.

    Attributes:
        title: a short description.
        meaning: explanation and likely causes.
        action: the remedy.
    """

    title: str
    meaning: str
    action: str


@cache
def catalogue() -> dict[str, Kind]:
    """Return every kind of error by code, as ``XSB-SOURCE-CHECKSUM``, ordered by area."""
    data = read_text(_FILE.read_text(encoding="utf-8")).data
    assert isinstance(data, dict)
    return {code: Kind(**texts) for code, texts in data.items()}
