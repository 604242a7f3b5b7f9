# SPDX-License-Identifier: Apache-2.0
"""Lay out the input of a source RPM, which rpmbuild makes in the buildroot, with its macros."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import source_files
from xsbuild.recipes.tree import FileTree, write_tree
from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sourcepkgs.originals import original
from xsbuild.sources.model import Fetched


def lay_out_srpm(
    request: RecipeRequest,
    tree: FileTree,
    sources: Sequence[Fetched],
    target: Path,
    *,
    epoch: int,
    scratch: Path,
    log: Path,  # noqa: ARG001 - as the other family's
    limits: Limits = DEFAULT_LIMITS,
) -> Path:
    """Put a spec file and all of its sources in one folder.

    Args:
        request: the rendered component.
        tree: the spec file and the files rendered with it.
        sources: the component's sources, in the manifest's order.
        target: an existing directory for them.
        epoch: the time of every file, in seconds since 1970.
        scratch: an empty directory on any file system, removed by the caller.
        log: not used.
        limits: of unpacking; see `xsbuild.sources.unpack`.

    Returns:
        `target`.

    Raises:
        SourceError: an archive is damaged or malicious.
    """
    write_tree(tree, target, epoch=epoch)
    named = source_files(request.name, request.component)
    for source, file in zip(sources, named, strict=True):
        part = f"-{file.directory}" if file.directory else ""
        folder = scratch / f"{request.name}-{request.component.version}{part}"
        found = original(source, folder, request.component.changelog[0].date, limits)
        place = target / file.file_name
        shutil.copyfile(found.archive, place)
        shutil.rmtree(folder)
        os.utime(place, (epoch, epoch))
    return target
