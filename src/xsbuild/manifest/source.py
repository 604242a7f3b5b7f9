# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of sources."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Discriminator, Tag, model_validator

from xsbuild.strict import Documented, Like
from xsbuild.texts import Line, RelativePath, Url, fitting_path, parsed_url

Sha256 = Annotated[str, Like(r"[0-9a-f]{64}", "a sha256 of 64 hexadecimal digits", "sha256")]
Sha512 = Annotated[str, Like(r"[0-9a-f]{128}", "a sha512 of 128 hexadecimal digits", "sha512")]
Commit = Annotated[
    str, Like(r"[0-9a-f]{40}", "a full commit id of 40 hexadecimal digits", "commit id")
]
PoolPath = Annotated[
    str,
    Like(
        r"pool/(?!.*\.\.)[A-Za-z0-9/._+~{}-]+",
        "a path such as pool/main/h/hello/x.tar.gz",
        "relative path",
    ),
    AfterValidator(fitting_path),
]
# Programs take an argument that begins with a hyphen for an option.
GitAddress = Annotated[
    Line, Like(r"[^-].*", "the address of a git repository", "uri"), AfterValidator(parsed_url)
]
GitTag = Annotated[str, Like(r"(?!-)[!-~]+", "a tag such as v{version}")]
PypiName = Annotated[
    str, Like(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", "a project's name on PyPI", "name")
]
ProjectPaths = Mapping[str, Literal["file", "folder"]]


class _Source(Documented):
    name: (
        Annotated[str, Like(r"[a-z0-9-]+", "a name such as formats or extra-units", "name")] | None
    ) = None
    """directory below the source tree; every source but the first needs one"""
    submodules: bool | None = None
    """git submodules: `true` fetches them (git only), `false` leaves their directories empty;
    without it, a source with submodules is an error"""

    has_submodules: ClassVar[bool] = False
    # Fields with `{name}` and `{version}`.
    placeholders: ClassVar[frozenset[str]] = frozenset()
    # Fields that name a file or a folder of the project.
    project_paths: ClassVar[ProjectPaths] = {}

    @model_validator(mode="after")
    def _can_have_submodules(self) -> Self:
        if self.submodules and not self.has_submodules:
            raise ValueError(
                "only a git source has submodules to fetch; `false` accepts empty ones"
            )
        return self


class _FileSource(_Source):
    @model_validator(mode="after")
    def _one_checksum(self) -> Self:
        if {"sha256", "sha512"} <= self.model_fields_set:
            raise ValueError("give either sha256 or sha512, not both")
        return self


class UrlSource(_FileSource):
    """An archive at a URL."""

    url: Url
    """its URL; may contain `{version}` and `{name}`"""
    sha256: Sha256 | None = None
    """sha256 of the file; a source without a checksum is unpinned and not built"""
    sha512: Sha512 | None = None
    """sha512 of the file, instead of `sha256`"""
    signature: Url | None = None
    """URL of a detached signature"""
    key: RelativePath | None = None
    """file of the project with the signing key"""

    placeholders: ClassVar[frozenset[str]] = frozenset({"url", "signature"})
    project_paths: ClassVar[ProjectPaths] = {"key": "file"}


class GitSource(_Source):
    """A commit of a git repository."""

    git: GitAddress
    """the repository's URL"""
    tag: GitTag | None = None
    """the release's tag, with `{version}`; only used to find the commit"""
    commit: Commit | None = None
    """the commit; a source without it is unpinned and not built"""

    has_submodules: ClassVar[bool] = True
    placeholders: ClassVar[frozenset[str]] = frozenset({"git", "tag"})


class PypiSource(_FileSource):
    """A source distribution on PyPI, found through pip's configured index."""

    pypi: PypiName
    """the project's name on PyPI"""
    sha256: Sha256 | None = None
    """sha256 of the file; a source without a checksum is unpinned and not built"""
    sha512: Sha512 | None = None
    """sha512 of the file, instead of `sha256`"""


class DebianPoolSource(_FileSource):
    """A file of Debian's archive."""

    debian_pool: PoolPath
    """its path below the mirror's root"""
    sha256: Sha256 | None = None
    """sha256 of the file; a source without a checksum is unpinned and not built"""
    sha512: Sha512 | None = None
    """sha512 of the file, instead of `sha256`"""

    placeholders: ClassVar[frozenset[str]] = frozenset({"debian_pool"})


class LocalSource(_Source):
    """A folder of the project, packed into an archive."""

    local: RelativePath
    """the folder"""

    project_paths: ClassVar[ProjectPaths] = {"local": "folder"}


class VendoredSource(_Source):
    """OCaml libraries missing from a distro, built together with the component."""

    vendored: RelativePath
    """the lock file of libraries, written by `xsbuild vendor`"""


FileSource = UrlSource | PypiSource | DebianPoolSource
_KINDS = ("url", "git", "pypi", "debian-pool", "local", "vendored")


def _kind(value: object) -> str | None:
    kinds = [kind for kind in _KINDS if isinstance(value, dict) and kind in value]
    return kinds[0] if len(kinds) == 1 else None


Source = Annotated[
    Annotated[UrlSource, Tag("url")]
    | Annotated[GitSource, Tag("git")]
    | Annotated[PypiSource, Tag("pypi")]
    | Annotated[DebianPoolSource, Tag("debian-pool")]
    | Annotated[LocalSource, Tag("local")]
    | Annotated[VendoredSource, Tag("vendored")],
    Discriminator(
        _kind,
        custom_error_type="source",
        custom_error_message=f"a source has exactly one of {', '.join(_KINDS)}",
    ),
]
