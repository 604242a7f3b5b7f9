# SPDX-License-Identifier: Apache-2.0
"""Results, progress and failures of fetching."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source that matches its pin.

    Attributes:
        name: the source's name in the manifest; None for a component's main source. Of a patch, its
            file name.
        path: an archive in the cache, not to be changed.
        file_name: what upstream calls it, with its extension.
        digest: sha256 (hexadecimal) of its content: of the file; for git of the uncompressed tar,
            as compressors differ; for a local folder of its tree, as dates differ.
        empty_submodules: whether the manifest accepts empty directories of submodules.
    """

    name: str | None
    path: Path
    file_name: str
    digest: str
    empty_submodules: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Download progress of one source.

    Attributes:
        source: what is fetched, for people.
        done: bytes received; equal to `total` once it is all there.
        total: bytes in all; None while that is not known.
    """

    source: str
    done: int
    total: int | None


Say = Callable[[Progress], None]
# Takes bytes done and bytes in all of one source.
Report = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be fetched.

    Attributes:
        source: its address.
        needed_by: the components that have it.
        reason: why, for people.
        code: the error's.
        hint: what to do.
    """

    source: str
    needed_by: tuple[str, ...]
    reason: str
    code: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The outcome of fetching for several components.

    Attributes:
        fetched: component → its sources in the manifest's order, then its patches by reference, for
            those that have all of them.
        failures: every source that is missing, and who needs it.
    """

    fetched: Mapping[str, tuple[Fetched, ...]]
    failures: tuple[Failure, ...]

    def raise_if_incomplete(self) -> None:
        """Raise SourceError, with every failure in it, where a source is missing."""
        if not self.failures:
            return
        if len(self.failures) == 1:
            failure = self.failures[0]
            raise SourceError(failure.reason, hint=failure.hint, code=failure.code)
        lines = [
            f"  {item.reason} (needed by {', '.join(item.needed_by)})" for item in self.failures
        ]
        hints = dict.fromkeys(item.hint for item in self.failures if item.hint)
        raise SourceError(
            "\n".join([f"{len(lines)} sources cannot be fetched", *lines]),
            hint="\n".join(hints) or None,
            code="XSB-SOURCE-FAILED",
        )
