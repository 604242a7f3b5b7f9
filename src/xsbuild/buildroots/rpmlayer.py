# SPDX-License-Identifier: Apache-2.0
"""Install the build dependencies of an RPM, in a layer over the base, with the host's dnf."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildlog import DEPENDENCIES
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.buildroots.layers import Layers, over
from xsbuild.buildroots.rpmbase import QUERY, REPOSITORIES
from xsbuild.distros.dnf import HostDnf, host_dnf
from xsbuild.repos.yum import REPO, private_repository

# Written as a start marker, as dnf's output has none.
_INSTALLING = "xsbuild: dnf install"
MARKER = (re.compile(f"^{_INSTALLING}"), DEPENDENCIES)


@contextmanager
def dependencies(request: BuildRequest, base: Base, wanted: frozenset[str]) -> Iterator[Path]:
    """Hold the layer of some requirements during a block.

    It is created if it does not exist.

    Args:
        request: the source package to be built.
        base: the base below the layer.
        wanted: requirements, as rpm prints them.

    Yields:
        The layer's directory.

    Raises:
        CommandFailedError: a package cannot be installed; the log has the reason.
        StorageError: the folder of layers cannot be written.
    """
    inputs = {**over(base), "requires": sorted(wanted), "closure": request.closure}

    def install(scratch: Path) -> list[str]:
        with request.log.open("a") as log:
            log.write(f"{_INSTALLING} {', '.join(sorted(wanted))}\n")
        return _install(request, base, scratch, wanted)

    with Layers(request.layers).use(inputs, install) as layer:
        yield layer


def _install(request: BuildRequest, base: Base, scratch: Path, wanted: frozenset[str]) -> list[str]:
    with buildroot(base, scratch) as root:
        dnf = host(request, base, root, scratch)
        if wanted:
            dnf.dnf("install", *sorted(wanted), log=request.log)
        return dnf.rpm("--query", "--all", "--queryformat", QUERY).splitlines()


def host(request: BuildRequest, base: Base, root: Buildroot, scratch: Path) -> HostDnf:
    """Set up the host's dnf for a fresh buildroot, with all repositories of a build."""
    repositories = {REPOSITORIES: (base.path.parent / REPOSITORIES).read_text()}
    if request.repository is not None:
        repositories[REPO] = private_repository(request.repository)
    home = scratch / "dnf"
    return host_dnf(request.distro, root.path, home, root.namespace, repositories)
