# SPDX-License-Identifier: Apache-2.0
"""Make a Debian source package, format 3.0 (quilt), reproducibly (dpkg-source(1))."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from xsbuild.errors import BuildError
from xsbuild.host import process
from xsbuild.host.confined import run_confined
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree, write_tree
from xsbuild.settings import DEFAULT_LIMITS, Limits
from xsbuild.sourcepkgs.originals import original, packed_again
from xsbuild.sources.model import Fetched

STEP = "make the source package"

# Its output is partly buffered, so an error may follow the text of another line.
_PATCH = re.compile(r"dpkg-source: error: .*debian/patches/([^\s']+)")
_REJECTED = re.compile(
    r"^patching file (.+)\n(?:(?!patching file ).*\n)*?Hunk #\d+ FAILED"
    r"|^\|\+\+\+ [^/\s]+/(\S+).*\n(?:.*\n)?-*\nNo file to patch",
    re.MULTILINE,
)


def build_dsc(
    request: RecipeRequest,
    tree: FileTree,
    sources: Sequence[Fetched],
    target: Path,
    *,
    epoch: int,
    scratch: Path,
    log: Path,
    limits: Limits = DEFAULT_LIMITS,
) -> Path:
    """Make a source package.

    Args:
        request: the rendered component.
        tree: the debian directory.
        sources: the component's sources, the main one first; may be empty.
        target: an existing directory for the ``.dsc`` and its files.
        epoch: the latest time of any file, in seconds since 1970.
        scratch: an empty directory on any file system, removed by the caller.
        log: a file to which the output of dpkg-source is appended.
        limits: of unpacking; see `xsbuild.sources.unpack`.

    Returns:
        The ``.dsc``.

    Raises:
        BuildError: a patch does not apply, or dpkg-source fails otherwise.
        SourceError: an archive is damaged or malicious.
    """
    package = scratch / "package"
    package.mkdir()
    top = _source_tree(request, sources, package, limits)
    _remove(top / "debian")
    write_tree(tree, top / "debian", epoch=epoch)
    _dpkg_source(request, top, epoch, log)
    for file in package.iterdir():
        if file.is_file():
            shutil.move(file, target / file.name)
    return next(target.glob(f"{request.name}_*.dsc"))


def _source_tree(
    request: RecipeRequest, sources: Sequence[Fetched], package: Path, limits: Limits
) -> Path:
    """Unpack the sources, and name the archives as dpkg-source expects."""
    top = package / f"{request.name}-{request.component.version}"
    main = next((source for source in sources if source.name is None), None)
    _add(request, main, top, package, limits)
    for part in sources:
        if part.name is not None:
            folder = top / part.name
            _remove(folder)  # as dpkg-source does
            _add(request, part, folder, package, limits)
    return top


def _add(
    request: RecipeRequest, source: Fetched | None, folder: Path, package: Path, limits: Limits
) -> None:
    date = request.component.changelog[0].date
    work = package.parent / f"original-{source.name if source and source.name else 'main'}"
    work.mkdir()
    tree = work / folder.name
    if source is None:  # dpkg-source requires an archive, even an empty one
        tree.mkdir()
        found = packed_again(tree, date)
    else:
        found = original(source, tree, date, limits)
    part = f"-{source.name}" if source and source.name else ""
    name = f"{request.name}_{request.component.version}.orig{part}.tar.{found.compression}"
    shutil.copyfile(found.archive, package / name)
    tree.rename(folder)


def _remove(path: Path) -> None:
    """Remove what upstream has here; through a link, ours would be written elsewhere."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _dpkg_source(request: RecipeRequest, top: Path, epoch: int, log: Path) -> None:
    command = ("dpkg-source", "--compression=xz", "--build", top.name)
    try:
        run_confined(command, folder=top.parent, env={"SOURCE_DATE_EPOCH": str(epoch)}, log=log)
    except process.CommandFailedError as error:
        message, hint = _cause(error.output)
        raise BuildError(
            f"{request.name}: {message or error.message}",
            component=request.name,
            step=STEP,
            log=log,
            hint=hint,
            code="XSB-BUILD-PREPARE",
        ) from error


def _cause(output: str) -> tuple[str | None, str | None]:
    patch = _PATCH.search(output)
    if patch is None:
        return None, None
    rejected = _REJECTED.search(output)
    of = f" to {rejected[1] or rejected[2]}" if rejected else ""
    hint = "refresh it against this version, or drop it if upstream has it; fuzz is not accepted"
    return f"the patch {patch[1]} does not apply{of}", hint
