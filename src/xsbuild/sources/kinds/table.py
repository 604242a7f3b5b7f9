# SPDX-License-Identifier: Apache-2.0
"""The table of all kinds of sources."""

from xsbuild.manifest.libraries import Bundle
from xsbuild.manifest.patch import GitPatch, PatchReference, UrlPatch
from xsbuild.manifest.source import (
    DebianPoolSource,
    GitSource,
    LocalSource,
    PypiSource,
    Source,
    UrlSource,
    VendoredSource,
)
from xsbuild.sources.kinds.debian_pool import DebianPoolKind
from xsbuild.sources.kinds.git import GitKind
from xsbuild.sources.kinds.local import LocalKind
from xsbuild.sources.kinds.model import Kind
from xsbuild.sources.kinds.patch import GitPatchKind, UrlPatchKind
from xsbuild.sources.kinds.pypi import PypiKind
from xsbuild.sources.kinds.url import UrlKind
from xsbuild.sources.kinds.vendored import BundleKind, VendoredKind


def kind_of(source: Source | PatchReference) -> Kind:  # noqa: PLR0911 - one for each kind
    """Return the behaviour of a source; the type checker finds a kind that is missing here."""
    match source:
        case UrlSource():
            return UrlKind(source)
        case GitSource():
            return GitKind(source)
        case PypiSource():
            return PypiKind(source)
        case DebianPoolSource():
            return DebianPoolKind(source)
        case LocalSource():
            return LocalKind(source)
        case Bundle():
            return BundleKind(source)
        case VendoredSource():
            return VendoredKind(source)
        case GitPatch():
            return GitPatchKind(source)
        case UrlPatch():
            return UrlPatchKind(source)
