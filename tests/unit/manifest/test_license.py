# SPDX-License-Identifier: Apache-2.0
"""Licences are SPDX expressions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.manifest.license import check_license


@pytest.mark.parametrize(
    "text",
    [
        "MIT",
        "LGPL-2.1-only WITH OCaml-LGPL-linking-exception AND ISC",
        "MIT OR (ISC AND BSD-2-Clause)",
        "LicenseRef-public-domain",
    ],
)
def test_accepts_spdx_expressions(text: str) -> None:
    assert check_license(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MTI", "SPDX lists no licence 'MTI'; did you mean `MIT`?"),
        ("frobnicated-1234", "SPDX lists no licence 'frobnicated-1234'"),
        ("GPL-2.0", "expected 'GPL-2.0-only', not 'GPL-2.0'"),
        ("mit and isc", "expected 'MIT AND ISC', not 'mit and isc'"),
        *(
            (text, f"expected an SPDX expression, as `MIT AND ISC`, not {text!r}")
            for text in (
                "", "MIT AND", "MIT, ISC", "MIT WITH ISC", "Linux-syscall-note",
                "( or (ISC)", "+ and () ", "MIT\nEvil: yes",
            )
        ),
    ],
)  # fmt: skip
def test_refuses_other_text(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared
        check_license(text)
    assert str(caught.value) == message


PARTS = [*"()+:/ \n\0é", "MIT", " AND ", " or ", " WITH ", "x"]


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_raises_nothing_else(text: str) -> None:
    with suppress(ValueError):
        assert check_license(text) == text
