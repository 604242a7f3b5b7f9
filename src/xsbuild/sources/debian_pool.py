# SPDX-License-Identifier: Apache-2.0
"""Files of Debian's archive, by their path below whichever mirror this machine uses."""

from xsbuild.distros.mirrors import mirrors_of
from xsbuild.errors import SourceError
from xsbuild.project import Project

_ARCHIVE = "debian"


def pool_address(path: str, project: Project) -> str:
    """Returns the address of a file of Debian's archive.

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
    mirror = mirrors_of(archives, project.settings).get(_ARCHIVE)
    if mirror is None:
        config = project.settings.folders.config / "config.yaml"
        raise SourceError(
            f"no mirror of Debian's archive is known for {path}",
            hint=f"set `archives: {{debian: URL}}` in {config}",
            code="XSB-CONFIG-MIRROR",
        )
    return f"{mirror.rstrip('/')}/{path}"
