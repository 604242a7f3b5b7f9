# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of patches: files of the project, and files that are fetched."""

import datetime
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from xsbuild.manifest.source import Commit, GitAddress, Sha256, Sha512
from xsbuild.strict import Documented, Like
from xsbuild.texts import SHORT, Line, Paragraphs, RelativePath, Url

# debian/patches/series separates a patch's name from its options by spaces.
_PATCH_NAME = r"(?!series$)[A-Za-z0-9][A-Za-z0-9._+~/-]*"
PatchPath = Annotated[
    RelativePath,
    Like(
        _PATCH_NAME,
        "a file name of letters, digits and ._+~-, as series files have no others; not `series`",
        "relative path",
    ),
]
PatchName = Annotated[
    str,
    Like(_PATCH_NAME.replace("/", ""), "a file name of letters, digits and ._+~-", "name"),
    SHORT,
]


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    raise ValueError("expected a date such as 2026-11-22")


Date = Annotated[datetime.date, BeforeValidator(_date)]
_Status = Annotated[
    str, Like(r"no|not-needed|https?://[!-~]+", "no, not-needed or a URL", "no, not-needed or uri")
]


class _Reference(Documented, ABC):
    name: PatchName | None = None
    """file name in source packages; default: the name of the file"""
    description: Paragraphs
    """what it changes, and why; the first line is its summary"""
    origin: Line
    """its origin: `upstream`, `backport`, `vendor` or `other`, and an address"""
    forwarded: _Status
    """`no`, `not-needed`, or the address to which it was forwarded"""
    applied_upstream: Line | None = None
    """the upstream version or commit that contains it"""
    author: Line | None = None
    """its author, as `Name <address>`"""
    last_update: Date
    """date of the last review of these facts"""

    @property
    def submodules(self) -> None:
        """As of a source: nothing is known of any."""

    @property
    @abstractmethod
    def location(self) -> str:
        """The path or URL whose last part is the file's name."""

    @property
    def file_name(self) -> str:
        """Its file name in source packages."""
        return self.name or unquote(urlsplit(self.location).path.rpartition("/")[2])

    @model_validator(mode="after")
    def _plain_name(self) -> Self:
        if not re.fullmatch(_PATCH_NAME.replace("/", ""), self.file_name):
            raise ValueError(f"{self.file_name!r} is no plain file name: give `name`")
        return self


class GitPatch(_Reference):
    """A patch that is a file of a commit of a git repository."""

    git: GitAddress
    """the repository's URL"""
    commit: Commit
    """the commit"""
    path: RelativePath
    """the file in the commit"""

    @property
    def location(self) -> str:
        """See `_Reference`."""
        return self.path


class UrlPatch(_Reference):
    """A patch at a URL."""

    url: Url
    """its URL"""
    sha256: Sha256 | None = None
    """sha256 of the file"""
    sha512: Sha512 | None = None
    """sha512 of the file, instead of `sha256`"""

    @property
    def location(self) -> str:
        """See `_Reference`."""
        return self.url

    @model_validator(mode="after")
    def _one_checksum(self) -> Self:
        if (self.sha256 is None) == (self.sha512 is None):
            raise ValueError("give either sha256 or sha512")
        return self


PatchReference = GitPatch | UrlPatch
_KINDS = ("git", "url")


def _kind(value: object) -> str | None:
    if isinstance(value, str):
        return "file"
    if isinstance(value, GitPatch | UrlPatch):  # as it is written out
        return "git" if isinstance(value, GitPatch) else "url"
    kinds = [kind for kind in _KINDS if isinstance(value, Mapping) and kind in value]
    return kinds[0] if len(kinds) == 1 else None


Patch = Annotated[
    Annotated[PatchPath, Tag("file")]
    | Annotated[GitPatch, Tag("git")]
    | Annotated[UrlPatch, Tag("url")],
    Discriminator(
        _kind,
        custom_error_type="patch",
        custom_error_message="a patch is a file name, or has exactly one of git, url",
    ),
]


def patch_path(patch: str | PatchReference) -> str:
    """Return the path of a patch below the folder of patches, as in a series file."""
    return patch if isinstance(patch, str) else patch.file_name
