# SPDX-License-Identifier: Apache-2.0
"""Files of Debian's archive, by their path below whichever mirror this machine uses."""

from dataclasses import dataclass

from xsbuild.distros.mirrors import mirrors_of
from xsbuild.errors import SourceError
from xsbuild.manifest.source import DebianPoolSource
from xsbuild.project import Project
from xsbuild.sources.addresses import file_name_of
from xsbuild.sources.kinds.file import FileKind
from xsbuild.sources.kinds.model import Access, Origin

_ARCHIVE = "debian"


@dataclass(frozen=True)
class DebianPoolKind(FileKind):
    """See `DebianPoolSource`."""

    source: DebianPoolSource
    on_mirrors = True

    @property
    def address(self) -> str:
        """See `Kind`."""
        return self.source.debian_pool

    @property
    def file_name(self) -> str:
        """See `FileKind`."""
        return file_name_of(self.source.debian_pool)

    def locate(self, version: str, access: Access, pin: str | None) -> tuple[tuple[str, ...], str]:
        """See `FileKind`."""
        return _pool_addresses(self.source.debian_pool, access.project), self.file_name

    def origin(self, archive: str, version: str) -> Origin:
        """See `Kind`."""
        return Origin(self.file_name, self.file_name)


def _pool_addresses(path: str, project: Project) -> tuple[str, ...]:
    """Return the addresses of a file of Debian's archive, one for each mirror.

    Args:
        path: below the mirror, as ``pool/main/x/xen/…``.
        project: whose distros say what Debian's archive is.

    Raises:
        SourceError: no mirror is known.
    """
    archives = [
        archive
        for distro in project.distros.all()
        for archive in distro.archives
        if archive.name == _ARCHIVE
    ]
    mirrors = mirrors_of(archives, project.settings).get(_ARCHIVE, ())
    if not mirrors:
        config = project.settings.folders.config / "config.yaml"
        raise SourceError(
            f"no mirror of Debian's archive is known for {path}",
            hint=f"set `archives: {{debian: URL}}` in {config}",
            code="XSB-CONFIG-MIRROR",
        )
    return tuple(f"{mirror.rstrip('/')}/{path}" for mirror in mirrors)
