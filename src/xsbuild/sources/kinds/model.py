# SPDX-License-Identifier: Apache-2.0
"""The interface of a kind of source, and its means of fetching."""

import datetime
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.patch import PatchReference
from xsbuild.manifest.source import Source
from xsbuild.project import Project
from xsbuild.sources.cache import Cache
from xsbuild.sources.model import Fetched, Report
from xsbuild.sources.transport import Transport


@dataclass(frozen=True, slots=True)
class Wanted:
    """One source or patch of one component.

    Attributes:
        component: the component's name.
        source: with name and version filled in.
        version: the component's.
        date: of its newest changelog entry.
    """

    component: str
    source: Source | PatchReference
    version: str
    date: datetime.date | None

    @property
    def label(self) -> str:
        """The name of the source in progress reports."""
        return f"{self.component}/{self.source.name}" if self.source.name else self.component

    @property
    def top(self) -> str:
        """The top directory of an archive that is made here."""
        name = f"-{self.source.name}" if self.source.name else ""
        return f"{self.component}-{self.version}{name}"


@dataclass(frozen=True, slots=True)
class Access:
    """Access to upstreams and to the cache.

    Attributes:
        project: whose sources they are.
        transport: how files are reached.
    """

    project: Project
    transport: Transport

    @property
    def cache(self) -> Cache:
        """The cache of sources."""
        return Cache(self.project.settings.folders.sources)


@dataclass(frozen=True, slots=True)
class Origin:
    """Statement of a source in a source package.

    Attributes:
        address: a URL, or the file's name.
        file_name: of the archive in the source package.
        comment: where the archive comes from, if the address does not say.
    """

    address: str
    file_name: str
    comment: str = ""


class Kind(ABC):
    """One source, with everything that its kind decides.

    Attributes:
        source: the source, of the manifest.
        made_here: whether the archive is packed by xsbuild and so named after the component.
        on_mirrors: whether a mirror of a distro or of PyPI, or the project itself, has it.
        pin_key: the key of its pin in the manifest; None where `xsbuild bump` does not pin it.
    """

    source: Source | PatchReference
    made_here: bool = False
    on_mirrors: bool = False

    @property
    def pin_key(self) -> str | None:
        """See the class."""
        return None

    @property
    @abstractmethod
    def address(self) -> str:
        """Its address, for output."""

    @property
    def pin(self) -> str | None:
        """The checksum or commit that it is pinned to, or None."""
        return None

    @property
    def is_pinned(self) -> bool:
        """Whether the manifest or the project's files determine its content."""
        return self.pin is not None

    def require_pin(self) -> str:
        """Return the pin.

        Raises:
            SourceError: it has none.
        """
        if self.pin is None:
            raise SourceError(
                f"{self.address}: not pinned: no checksum or commit is recorded",
                hint="pin it with `xsbuild bump COMPONENT VERSION`",
                code="XSB-SOURCE-UNPINNED",
            )
        return self.pin

    def pin_hint(self, component: str, version: str) -> str:
        """Return the command that pins the source."""
        return f"`xsbuild bump {component} {version}` pins it"

    @property
    def follows_version(self) -> bool:
        """Whether another version of the component means another content."""
        if isinstance(self.source, PatchReference):
            return False
        texts = self.source.model_dump(include=set(self.source.placeholders), exclude_none=True)
        return any("{version}" in text for text in texts.values())

    def key_inputs(self, root: Path) -> dict[str, str]:
        """Return digests that identify the content: name (``.``: the main source) → ``sha256:…``.

        Args:
            root: the project's folder.

        Raises:
            SourceError: it is not pinned, or a local file cannot be read.
        """
        return {self.source.name or ".": f"{self.pin_key}:{self.require_pin()}"}

    @abstractmethod
    def origin(self, archive: str, version: str) -> Origin:
        """Return its statement in a source package.

        Args:
            archive: the file name of an archive that is made here.
            version: the component's.

        Raises:
            InputError: its address does not end in a file name.
        """

    @abstractmethod
    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """Return the verified source.

        Raises:
            SourceError: it has no pin, cannot be fetched, or does not match the pin.
        """

    def find_pin(self, wanted: Wanted, access: Access, report: Report) -> str:
        """Return the pin of the content that upstream has now; files are fetched for it.

        Raises:
            SourceError: upstream has no such thing, or cannot be reached.
        """
        raise SourceError(f"{self.address} cannot be pinned", code="XSB-SOURCE-UNPINNED")
