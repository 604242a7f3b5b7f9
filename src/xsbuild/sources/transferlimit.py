# SPDX-License-Identifier: Apache-2.0
"""Limits of the size and speed of a transfer."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xsbuild.errors import SourceError

_SPEED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class TransferLimit:
    """Limits of one transfer.

    Attributes:
        setting: the name of the limit of its size in config.yaml.
        size: greatest size in bytes.
        speed: least bytes per second, measured over half a minute.
    """

    setting: str
    size: int
    speed: int

    def checked(self, chunks: Iterable[bytes], done: int = 0) -> Iterator[bytes]:
        """Pass on what arrives.

        Args:
            chunks: parts of the document.
            done: bytes that were transferred earlier.

        Raises:
            SourceError: it is too large or too slow.
        """
        since, received = time.monotonic(), 0
        for chunk in chunks:
            done += len(chunk)
            received += len(chunk)
            if done > self.size:
                raise too_large(self.setting, self.size)
            seconds = time.monotonic() - since
            if seconds > _SPEED_SECONDS:
                self._check_speed(received / seconds)
                since, received = time.monotonic(), 0
            yield chunk

    def _check_speed(self, speed: float) -> None:
        if speed < self.speed:
            raise SourceError(
                f"the server sends only {speed:.0f} bytes per second",
                hint="use a mirror (`rewrite` in config.yaml), or lower `download-speed` under "
                "`limits` in config.yaml",
                code="XSB-SOURCE-LIMIT",
            )


def too_large(setting: str, size: int, unit: str = "bytes") -> SourceError:
    """Return the error for what exceeds a limit of config.yaml."""
    return SourceError(
        f"more than {size} {unit}",
        hint=f"if this is right, raise `{setting}` under `limits` in config.yaml",
        code="XSB-SOURCE-LIMIT",
    )
