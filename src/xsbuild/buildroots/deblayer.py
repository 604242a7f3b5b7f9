# SPDX-License-Identifier: Apache-2.0
"""Install the build dependencies of a Debian source package, in a layer over the base."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian.deb822 import Dsc

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest
from xsbuild.buildroots.buildlog import DEPENDENCIES
from xsbuild.buildroots.buildroot import Buildroot, buildroot
from xsbuild.buildroots.layers import Layers, over

# Written as a start marker, as apt's output has none.
_INSTALLING = "xsbuild: apt-get build-dep"
MARKER = (re.compile(f"^{_INSTALLING}"), DEPENDENCIES)
_FIELDS = tuple(
    f"Build-{kind}{part}" for kind in ("Depends", "Conflicts") for part in ("", "-Arch", "-Indep")
)
_BUILD_DEP = ("apt-get", "--yes", "--quiet", "-o", "APT::Keep-Downloaded-Packages=false")
# apt's cache of parsed lists, which the base has, is of no use where there is one more list; a new
# one would be most of a small layer, and is never used again.
_NO_CACHE = ("-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=")
_SOURCE = "/xsbuild/source"
# Debian's policy-rc.d: no services are started in a buildroot.
_NO_SERVICES = "#!/bin/sh\nexit 101\n"


@contextmanager
def dependencies(request: BuildRequest, base: Base) -> Iterator[Path]:
    """Hold the layer of a source package's build dependencies during a block.

    It is created if it does not exist.

    Args:
        request: the source package to be built.
        base: the base below the layer.

    Yields:
        The layer's directory.

    Raises:
        CommandFailedError: a package cannot be installed; the log has the reason.
        StorageError: the folder of layers cannot be written.
    """
    inputs = {**over(base), "requires": _requirements(request.source), "closure": request.closure}

    def install(scratch: Path) -> list[str]:
        with request.log.open("a") as log:
            log.write(f"{_INSTALLING} {request.source.name}\n")
        binds = {request.source.parent: _SOURCE}
        with base.in_use(), buildroot(base, scratch, binds=binds) as root:
            return _install(root, request)

    with Layers(request.layers).use(inputs, install) as layer:
        yield layer


def _requirements(source: Path) -> dict[str, str]:
    """Return the build relation fields of a ``.dsc`` (Policy 7.7), whitespace normalised."""
    with source.open("rb") as stream:
        dsc = Dsc(stream)
    return {name: " ".join(dsc[name].split()) for name in _FIELDS if name in dsc}


def _install(root: Buildroot, request: BuildRequest) -> list[str]:
    options: tuple[str, ...] = ()
    if request.repository:
        use_repository(root, request.repository, request.log)
        options = _NO_CACHE
    _keep_quiet(root, request.scratch)
    source = f"{_SOURCE}/{request.source.name}"
    root.run([*_BUILD_DEP, *options, "build-dep", source], network=True, log=request.log)
    shown = "--showformat=${db:Status-Status} ${binary:Package}=${Version}\\n"
    lines = root.run(["dpkg-query", "--show", shown]).output.splitlines()
    pairs = (line.split() for line in lines)
    return [package for status, package in pairs if status == "installed"]


def _keep_quiet(root: Buildroot, scratch: Path) -> None:
    """Keep packages from starting services and from indexing manual pages."""
    policy = scratch / "policy-rc.d"
    policy.write_text(_NO_SERVICES)
    root.namespace.run("install", "-m", "755", policy, root.path / "usr/sbin/policy-rc.d")
    root.namespace.run("rm", "--force", root.path / "var/lib/man-db/auto-update")


def use_repository(root: Buildroot, repository: Path, log: Path) -> None:
    """Make a private repository known to apt inside a buildroot.

    Args:
        root: the buildroot.
        repository: a directory with an apt repository and its ``xsbuild.sources``.
        log: the file for apt's output.
    """
    inside = root.path / str(REPOSITORY).lstrip("/")
    sources = root.path / "etc/apt/sources.list.d/xsbuild.sources"
    root.namespace.run("mkdir", "--parents", inside)
    root.namespace.run("mount", "--bind", "-o", "ro", repository, inside)
    root.namespace.run("cp", repository / "xsbuild.sources", sources)
    # Only this list: those of the distro's archives are in the base.
    only = ("-o", f"Dir::Etc::SourceList=/{sources.relative_to(root.path)}")
    rest = (
        "-o", "Dir::Etc::SourceParts=/dev/null", "-o", "APT::Get::List-Cleanup=false",
        "-o", "pkgCacheFile::Generate=false",
    )  # fmt: skip
    root.run(["apt-get", "update", "-o", "APT::Update::Error-Mode=any", *only, *rest], log=log)
