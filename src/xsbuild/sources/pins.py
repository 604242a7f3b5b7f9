# SPDX-License-Identifier: Apache-2.0
"""Pins: what a source's content must be, known without fetching it."""

from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.libraries import Bundle
from xsbuild.manifest.model import (
    Component,
    DebianPoolSource,
    GitSource,
    LocalSource,
    PypiSource,
    Source,
    UrlSource,
)
from xsbuild.manifest.places import expand
from xsbuild.manifest.source import VendoredSource
from xsbuild.sources.addresses import shown
from xsbuild.sources.archive import tree_digest
from xsbuild.sources.bundle import bundle_digests

# The fields in which name and version may stand in braces.
WITH_PLACEHOLDERS = ("url", "signature", "git", "tag", "debian_pool")


def pin_of(source: Source) -> str | None:
    """The sha256 or commit that a source is pinned to; None where it has none."""
    if isinstance(source, GitSource):
        return source.commit
    return None if isinstance(source, LocalSource | VendoredSource) else source.sha256


def pin_key(source: Source) -> str:
    """What the key of a source's pin is called in the manifest."""
    return "commit" if isinstance(source, GitSource) else "sha256"


def unpinned(component: Component) -> list[int]:
    """The positions of a component's sources that say nothing of their content."""
    return [index for index, source in enumerate(component.sources) if not _is_pinned(source)]


def _is_pinned(source: Source) -> bool:
    if isinstance(source, Bundle):
        return not source.unpinned
    return isinstance(source, LocalSource | VendoredSource) or pin_of(source) is not None


def require_pin(source: Source) -> str:
    """Returns the pin of a source of any kind but local and vendored.

    Raises:
        SourceError: it has none.
    """
    pin = pin_of(source)
    if pin is None:
        raise SourceError(
            f"{address_of(source)}: not pinned: no sha256 or commit is recorded",
            hint="pin it with `xsbuild bump COMPONENT VERSION`",
            code="XSB-SOURCE-UNPINNED",
        )
    return pin


def pins_it(source: Source, component: str, version: str) -> str:
    """Says which command writes down what a source must be."""
    if isinstance(source, VendoredSource):
        return f"`xsbuild vendor {component}` pins them"
    return f"`xsbuild bump {component} {version}` pins it"


def require_pins(bundle: Bundle) -> None:
    """Makes sure that it is known what each vendored archive must be.

    Raises:
        SourceError: it is not.
    """
    if bundle.unpinned:
        raise SourceError(
            f"{address_of(bundle)}: not pinned: no sha256 is recorded for some archives",
            hint="pin them with `xsbuild vendor COMPONENT`",
            code="XSB-SOURCE-UNPINNED",
        )


def pinned_digests(component: Component, root: Path) -> dict[str, str]:
    """Says what identifies a component's sources, from the manifest and local files alone.

    Args:
        component: a checked component.
        root: the project's folder.

    Returns:
        Name of the source (``.`` for the main one) → ``sha256:…``, ``commit:…`` or ``tree:…``; of
        vendored libraries one for each.

    Raises:
        SourceError: a source is not pinned, or a local folder cannot be packed.
    """
    digests: dict[str, str] = {}
    for source in component.sources:
        if isinstance(source, Bundle):
            require_pins(source)
            digests |= {f"{source.name}/{name}": pin for name, pin in bundle_digests(source)}
            continue
        if isinstance(source, LocalSource):
            pin = f"tree:{tree_digest(root / source.local)}"
        else:
            pin = f"{pin_key(source)}:{require_pin(source)}"
        digests[source.name or "."] = pin
    return digests


def filled_in(source: Source, name: str, version: str) -> Source:
    """Returns a source with its component's name and version put in its addresses.

    Raises:
        InputError: an address has another name in braces.
    """
    values = {"name": name, "version": version}
    texts = {field: getattr(source, field, None) for field in WITH_PLACEHOLDERS}
    changed = {field: expand(text, values) for field, text in texts.items() if text}
    return source.model_copy(update=changed)


def address_of(source: Source) -> str:
    """Where a source comes from, for people; of vendored ones, which are not pinned."""
    match source:
        case UrlSource():
            address = shown(source.url)
        case GitSource():
            address = f"{shown(source.git)} {source.tag or source.commit or ''}".rstrip()
        case PypiSource():
            address = f"the sdist of {source.pypi}"
        case DebianPoolSource():
            address = source.debian_pool
        case LocalSource():
            address = source.local
        case Bundle(unpinned=[_, *_]):
            names = ", ".join(item.folder for item in source.unpinned)
            address = f"{source.vendored}: {names}"
        case _:
            address = source.vendored
    return address
