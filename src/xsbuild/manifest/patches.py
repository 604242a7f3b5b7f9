# SPDX-License-Identifier: Apache-2.0
"""Carried patches and their DEP-3 headers (https://dep-team.pages.debian.net/deps/dep3/)."""

import datetime
import io
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from debian.deb822 import Deb822

from xsbuild.errors import InputError
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.patch import GitPatch, PatchReference
from xsbuild.plainfile import read_bytes
from xsbuild.yamlfile import nearest

REQUIRED = ("Origin", "Forwarded", "Last-Update")


@dataclass(frozen=True, slots=True)
class PatchHeader:
    """DEP-3 header of a carried patch.

    Attributes:
        description: its first line.
        origin: its origin.
        forwarded: ``no``, ``not-needed``, or the address it was forwarded to.
        applied_upstream: the upstream version or commit that contains it, if any.
        last_update: the date of the header's last review.
    """

    description: str
    origin: str
    forwarded: str
    applied_upstream: str | None
    last_update: datetime.date

    @property
    def state(self) -> str:
        """Upstream status: applied, forwarded, not needed, or not forwarded."""
        if self.applied_upstream:
            return "applied"
        return {"no": "not forwarded", "not-needed": "not needed"}.get(self.forwarded, "forwarded")

    @property
    def upstream(self) -> str | None:
        """The upstream version or commit that contains it, else the address it was forwarded to."""
        return self.applied_upstream or (self.forwarded if self.state == "forwarded" else None)


@dataclass(frozen=True, slots=True)
class CarriedPatch:
    """A patch of a component.

    Attributes:
        component: the component.
        name: its path below ``patches/COMPONENT/``, or its file name in source packages.
        header: its facts.
        reference: the address and pin of a patch that is fetched; None for a file of the project.
    """

    component: str
    name: str
    header: PatchHeader
    reference: str | None


def carried_patches(
    manifest: Manifest, root: Path, names: Collection[str] = ()
) -> list[CarriedPatch]:
    """List the patches of components, in the manifest's order.

    Args:
        manifest: a checked manifest: every patch exists and has a header.
        root: the project's folder.
        names: names of components; empty: all.

    Raises:
        InputError: there is no such component.
    """
    for name in names:
        if name not in manifest.components:
            hint = nearest(name, list(manifest.components))
            raise InputError(
                f"unknown component {name!r}", hint=hint, code="XSB-USAGE-UNKNOWN-NAME"
            )
    return [
        _carried(name, patch, root)
        for name, component in manifest.components.items()
        if not names or name in names
        for patch in component.patches
    ]


def _carried(component: str, patch: str | PatchReference, root: Path) -> CarriedPatch:
    if isinstance(patch, str):
        header = read_header(root / "patches" / component / patch, root)
        return CarriedPatch(component, patch, header, None)
    return CarriedPatch(component, patch.file_name, header_of(patch), where(patch))


def header_of(patch: PatchReference) -> PatchHeader:
    """Return the facts of a patch by reference, which the manifest has."""
    return PatchHeader(
        patch.description.strip().splitlines()[0],
        patch.origin,
        patch.forwarded,
        patch.applied_upstream,
        patch.last_update,
    )


def where(patch: PatchReference) -> str:
    """Return the address of a patch by reference, with its pin."""
    if isinstance(patch, GitPatch):
        return f"{patch.path} of {patch.git} at {patch.commit}"
    pin = f"sha256 {patch.sha256}" if patch.sha256 else f"sha512 {patch.sha512}"
    return f"{patch.url} ({pin})"


def header_text(patch: PatchReference) -> str:
    """Return the DEP-3 header of a patch by reference."""
    first, *more = patch.description.strip().splitlines()
    fields = {
        "Origin": patch.origin,
        "Author": patch.author,
        "Forwarded": patch.forwarded,
        "Applied-Upstream": patch.applied_upstream,
        "Last-Update": patch.last_update.isoformat(),
    }
    lines = [f"Description: {first}", *(f" {line.strip() or '.'}" for line in more)]
    lines += [f"{name}: {text}" for name, text in fields.items() if text]
    return "".join(f"{line}\n" for line in lines)


def read_header(file: Path, within: Path | None = None) -> PatchHeader:
    """Read the header of a patch.

    Args:
        file: the patch.
        within: the folder that it must be in; see `plainfile.read_bytes`.

    Raises:
        ValueError: a field is missing or a date is invalid; the text lists all problems.
        InputError: the file cannot be read.
    """
    head = []
    text = read_bytes(file, within).decode("utf-8", errors="replace")
    for line in io.StringIO(text, newline=None):
        if line.startswith(("---", "diff ", "Index: ")):
            break
        head.append(line)
    fields = Deb822(head)
    missing = [name for name in REQUIRED if name not in fields]
    description = fields.get("Description") or fields.get("Subject")
    if not description:
        missing.insert(0, "Description")
    if missing or not description:
        raise ValueError(f"DEP-3 header lacks {', '.join(missing)}")
    try:
        date = datetime.date.fromisoformat(fields["Last-Update"])
    except ValueError:
        raise ValueError(f"Last-Update is not a date: {fields['Last-Update']}") from None
    return PatchHeader(
        description.splitlines()[0],
        fields["Origin"],
        fields["Forwarded"],
        fields.get("Applied-Upstream"),
        date,
    )


def check_patch(file: Path, within: Path | None = None) -> Iterator[str]:
    """Check a patch file; yield its problem, if any."""
    if not os.path.lexists(file):
        yield f"file {file} does not exist"
        return
    try:
        read_header(file, within)
        if any(line.startswith(b"GIT binary patch") for line in read_bytes(file).splitlines()):
            yield (
                "changes a binary file (GIT binary patch), which patch(1) cannot apply; "
                "add the file as a `local` source instead"
            )
    except (ValueError, InputError) as error:
        yield str(error)
