# SPDX-License-Identifier: Apache-2.0
"""Source distributions on PyPI."""

from dataclasses import dataclass

from xsbuild.manifest.source import PypiSource
from xsbuild.sources.addresses import checked_file_name
from xsbuild.sources.cache import algorithm_of
from xsbuild.sources.kinds.file import FileKind
from xsbuild.sources.kinds.model import Access, Origin


@dataclass(frozen=True)
class PypiKind(FileKind):
    """See `PypiSource`."""

    source: PypiSource
    on_mirrors = True

    @property
    def address(self) -> str:
        """See `Kind`."""
        return f"the sdist of {self.source.pypi}"

    @property
    def follows_version(self) -> bool:
        """See `Kind`: the main source has the component's version."""
        return self.source.name is None

    def locate(self, version: str, access: Access, pin: str | None) -> tuple[tuple[str, ...], str]:
        """See `FileKind`."""
        # its libraries are slow to import, and most sources are in the cache
        from xsbuild.sources import pypi  # noqa: PLC0415

        project, transport = self.source.pypi, access.transport
        item = (
            pypi.sdist_with_digest(project, pin, transport)
            if pin and algorithm_of(pin) == "sha256"  # all that indexes state
            else pypi.sdist_of_version(project, version, transport)
        )
        return (item.url,), checked_file_name(item.filename, item.url)

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        return Origin(archive, archive, f"{self.source.pypi} {version}, as PyPI has it")
