# SPDX-License-Identifier: Apache-2.0
"""SPDX licence expressions, checked against SPDX's lists (https://spdx.org/licenses/)."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from xsbuild.errors import Nearest
from xsbuild.strict import Documented, Like
from xsbuild.texts import CONTROL, Line

if TYPE_CHECKING:
    from license_expression import Licensing  # type: ignore[import-untyped]


@cache
def _licensing() -> "Licensing":
    # Reading the lists takes 50 ms.
    from license_expression import get_spdx_licensing  # noqa: PLC0415

    return get_spdx_licensing()


@cache
def check_license(text: str) -> str:
    """Check an SPDX expression.

    Returns:
        The expression.

    Raises:
        ValueError: it is no expression, has an identifier that SPDX does not list, or is not
            spelled as SPDX does.
    """
    from license_expression import ExpressionError  # noqa: PLC0415

    licensing = _licensing()
    try:
        parsed = licensing.parse(text, strict=True)
    except (ExpressionError, IndexError, AssertionError):  # the last two: unbalanced parentheses
        parsed = None
    if parsed is None:
        raise ValueError(f"expected an SPDX expression, as `MIT AND ISC`, not {text!r}")
    for key in licensing.unknown_license_keys(parsed):
        if not key.startswith("LicenseRef-"):
            hint = Nearest(key, list(licensing.known_symbols))
            raise ValueError(f"SPDX lists no licence {key!r}; {hint}".removesuffix("; "))
    spelled = parsed.render()
    if spelled != text:
        raise ValueError(f"expected {spelled!r}, not {text!r}")
    return text


SpdxExpression = Annotated[
    str,
    Like(r"[A-Za-z0-9.+() -]+", "an SPDX expression, as `MIT AND ISC`"),
    AfterValidator(check_license),
    Field(json_schema_extra={"format": "spdx"}),
]


class LicensedFiles(Documented):
    """Files of the source under another licence than the rest."""

    files: Annotated[
        tuple[
            Annotated[
                str,
                Like(
                    rf"(?!/)(?:[^\s\\{CONTROL}]|\\[*?\\])+",
                    "a relative path without spaces, where * and ? match anything",
                    "pattern",
                ),
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    """paths in the source tree; `*` and `?` match anything, slashes too"""
    license: SpdxExpression
    """SPDX expression"""
    copyright: Annotated[tuple[Line, ...], Field(min_length=1)]
    """copyright holders, with years"""
