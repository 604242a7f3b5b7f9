# SPDX-License-Identifier: Apache-2.0
"""A project: the folder with components.yaml, and the search paths of its files."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xsbuild.errors import InputError
from xsbuild.plainfile import is_file
from xsbuild.settings import Settings
from xsbuild.shipped import shipped

if TYPE_CHECKING:
    from xsbuild.distros.load import Distros
    from xsbuild.distros.model import Family
    from xsbuild.manifest.model import Manifest
    from xsbuild.manifest.systems import Systems
    from xsbuild.store.history import History

MANIFEST = "components.yaml"


@dataclass(frozen=True)
class Project:
    """The project of one run of xsbuild.

    Attributes:
        file: the manifest; every path in it is relative to its folder.
        settings: the user's.
    """

    file: Path
    settings: Settings

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.file.parent

    @cached_property
    def manifest(self) -> "Manifest":
        """The manifest, read on first use."""
        # A no-op build needs no model, which takes most of a second to import.
        from xsbuild.manifest.load import load_manifest  # noqa: PLC0415

        return load_manifest(self.file)

    def manifest_for(self, family: "Family") -> "Manifest":
        """Return the manifest with the names that its packages have in a family."""
        from xsbuild.manifest.family_names import named_for  # noqa: PLC0415 - as above

        return named_for(self.manifest, family)

    @cached_property
    def distros(self) -> "Distros":
        """Shipped definitions, overridden by the project's, overridden by the user's."""
        from xsbuild.distros.load import find_distros  # noqa: PLC0415 - as above

        folders = [self.root / "distros", self.settings.folders.config / "distros"]
        return find_distros([shipped("distros"), *folders])

    @cached_property
    def systems(self) -> "Systems":
        """Shipped build systems, overridden by the project's."""
        from xsbuild.manifest.systems import find_systems  # noqa: PLC0415 - as above

        return find_systems(self.root)

    @cached_property
    def history(self) -> "History":
        """The results in the store, and the newest one of each task."""
        from xsbuild.store.history import History  # noqa: PLC0415 - as above
        from xsbuild.store.store import Store  # noqa: PLC0415

        return History(Store(self.settings.folders.store))

    def recipe_folders(self, family_folder: str) -> list[Path]:
        """Return template folders in order of precedence: the project's, then the shipped ones.

        Args:
            family_folder: ``debian`` or ``specs``.
        """
        return [self.root / family_folder, shipped(family_folder)]

    @property
    def locks(self) -> Path:
        """The folder of the project's locks."""
        return self.root / "locks"

    @property
    def label(self) -> str:
        """Its name in the cache, which several checkouts of a project may share."""
        return f"{self.root.name}-{sha256(str(self.root).encode()).hexdigest()[:8]}"

    @property
    def cached_locks(self) -> Path:
        """The folder of locks of distros for which the project has none."""
        return self.settings.folders.locks / self.label

    @property
    def results(self) -> Path:
        """Folder of published repositories."""
        return self.root / "dist"


def find_project(settings: Settings, file: Path | None = None) -> Project:
    """Find the manifest: the one named, else in this folder or one above it.

    Raises:
        InputError: there is none.
    """
    if file is not None:
        if not is_file(file):
            raise InputError(f"manifest {file} does not exist", code="XSB-MANIFEST-NOT-FOUND")
        return Project(file.resolve(), settings)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / MANIFEST).is_file():
            return Project(folder / MANIFEST, settings)
    raise InputError(
        f"no {MANIFEST} in {here} or its parent folders",
        hint="change to a project folder, or use --manifest FILE",
        code="XSB-MANIFEST-NOT-FOUND",
    )
