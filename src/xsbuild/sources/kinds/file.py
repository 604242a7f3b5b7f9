# SPDX-License-Identifier: Apache-2.0
"""Sources that are one file upstream, pinned by its checksum."""

from abc import abstractmethod
from pathlib import Path

from xsbuild.errors import SourceError
from xsbuild.manifest.source import FileSource
from xsbuild.sources.addresses import require_network
from xsbuild.sources.download import download
from xsbuild.sources.kinds.model import Access, Kind, Wanted
from xsbuild.sources.model import Fetched, Report


class FileKind(Kind):
    """A file of upstream's."""

    source: FileSource

    @property
    def pin_key(self) -> str:
        """See `Kind`."""
        return "sha512" if self.source.sha512 else "sha256"

    @property
    def pin(self) -> str | None:
        """See `Kind`."""
        return self.source.sha512 or self.source.sha256

    @property
    def file_name(self) -> str | None:
        """Upstream's file name; None if only an index has it."""
        return None

    @abstractmethod
    def locate(self, version: str, access: Access, pin: str | None) -> tuple[tuple[str, ...], str]:
        """Return its addresses, to be tried in turn, and its file name.

        Args:
            version: the component's.
            access: to ask an index.
            pin: None to find the file of the version.

        Raises:
            SourceError: it cannot be found.
        """

    def file(self, version: str, access: Access, report: Report) -> Path:
        """Return the verified file, from the cache if possible.

        Raises:
            SourceError: it has no pin, cannot be fetched, or does not match the pin.
        """
        pin = self.require_pin()
        if found := access.cache.find(pin, self.file_name):
            return found
        require_network(self.address, access.project.settings)
        return self._download(version, access, pin, report)

    def _download(self, version: str, access: Access, pin: str | None, report: Report) -> Path:
        addresses, name = self.locate(version, access, pin)
        failures = []
        for address in addresses:
            try:
                return download(access.cache, access.transport, address, name, pin, report)[0]
            except SourceError as error:
                failures.append(error)
        raise failures[0]

    def fetch(self, wanted: Wanted, access: Access, report: Report) -> Fetched:
        """See `Kind`."""
        path = self.file(wanted.version, access, report)
        return Fetched(self.source.name, path, path.name, self.require_pin())

    def find_pin(self, wanted: Wanted, access: Access, report: Report) -> str:
        """See `Kind`."""
        path = self._download(wanted.version, access, None, report)
        return access.cache.link(path, self.pin_key)
