# SPDX-License-Identifier: Apache-2.0
"""Indexes of archives that cannot be read, as after damage to a disk."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xsbuild.errors import XsbuildError

_DAMAGE = (OSError, EOFError, ValueError, OverflowError, zlib.error)


@contextmanager
def reading_index(file: Path, *parser_errors: type[Exception]) -> Iterator[None]:
    """Turn what reading a damaged index raises into an error that names it.

    Args:
        file: the index, as it was fetched.
        parser_errors: exceptions of its parser, besides those of Python's own.

    Raises:
        XsbuildError: it is damaged.
    """
    damage: tuple[type[Exception], ...] = (*_DAMAGE, *parser_errors)
    try:
        yield
    except damage as error:
        reason = " ".join(str(error).split())
        raise XsbuildError(
            f"the archive's index {file} is damaged: {reason}",
            hint="remove it, and run the command again without --offline to fetch it",
            code="XSB-DISTRO-DAMAGED",
        ) from error
