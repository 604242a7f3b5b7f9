# SPDX-License-Identifier: Apache-2.0
"""The sources of a component, with its name and version filled in, and their pins."""

from pathlib import Path

from xsbuild.manifest.model import Component
from xsbuild.manifest.places import expand
from xsbuild.manifest.source import Source
from xsbuild.sources.kinds.model import Kind, Wanted
from xsbuild.sources.kinds.table import kind_of


def wanted_of(name: str, component: Component) -> list[Wanted]:
    """List the sources of a component.

    Raises:
        InputError: an address has an unknown name in braces.
    """
    date = component.changelog[0].date if component.changelog else None
    version = component.version
    return [
        Wanted(name, filled_in(source, name, version), version, date)
        for source in component.sources
    ]


def wanted_patches(name: str, component: Component) -> list[Wanted]:
    """List the patches by reference of a component, each under its file name."""
    patches = (
        patch.model_copy(update={"name": patch.file_name}) for patch in component.patch_references
    )
    return [Wanted(name, patch, component.version, None) for patch in patches]


def unpinned(name: str, component: Component) -> list[Kind]:
    """List the sources of a component whose content is not determined.

    Raises:
        InputError: an address has an unknown name in braces.
    """
    kinds = (kind_of(filled_in(item, name, component.version)) for item in component.sources)
    return [kind for kind in kinds if not kind.is_pinned]


def pinned_digests(component: Component, root: Path) -> dict[str, str]:
    """Return the digests of a component's sources, from the manifest and local files alone.

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
        digests |= kind_of(source).key_inputs(root)
    return digests


def filled_in(source: Source, name: str, version: str) -> Source:
    """Return a source with its component's name and version put in its addresses.

    Raises:
        InputError: an address has another name in braces.
    """
    values = {"name": name, "version": version}
    texts = source.model_dump(include=set(source.placeholders), exclude_none=True)
    changed = {field: expand(text, values) for field, text in texts.items()}
    return source.model_copy(update=changed)
