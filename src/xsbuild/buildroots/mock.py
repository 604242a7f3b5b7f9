# SPDX-License-Identifier: Apache-2.0
"""Build with mock(1), the builder of RPM distros."""

import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildlog import DEPENDENCIES, Markers, reported
from xsbuild.buildroots.dnf import MARKERS as RPMBUILD
from xsbuild.buildroots.mockconfig import Place, configuration
from xsbuild.buildroots.rpmbase import REPOSITORIES, TOPDIR
from xsbuild.errors import BuildError, XsbuildError
from xsbuild.host import process
from xsbuild.host.files import copy_plain
from xsbuild.host.locks import lasting_lock
from xsbuild.host.timelimit import TimeLimitError
from xsbuild.repos.yum import private_repository

MARKERS: Markers = ((re.compile("^Start: (?:build setup|dnf|yum)"), DEPENDENCIES), *RPMBUILD)
# mock drops root's privileges to this user, who owns no files.
_NOBODY = 65534
# rpmbuild's own failure (mock passes its status on), rpmbuild failed, a dependency is missing:
# the log has details.
_LOGGED = (1, 10, 30)

# Meaning of mock's exit statuses, from its exception.py.
_CAUSES = {
    2: ("mock was not started as it must be", "is this user in the group mock?"),
    3: ("mock has no usable configuration of the distro", "install mock-core-configs"),
    5: ("this mock does not know an option", "install a newer mock"),
    6: ("the distro has no packages for this machine's architecture", None),
    11: ("it took too long", "rpmbuild_timeout in /etc/mock/site-defaults.cfg says how long"),
    20: ("the chroot cannot be made", None),
    31: ("a build dependency from outside the distro is not known", None),
    40: ("the source package is broken", None),
    60: ("another mock uses the same chroot", "wait for it to end"),
    70: ("mock cannot write its results", "is this user in the group mock?"),
    80: ("mock may not make namespaces", "run it on a machine or in a container that may"),
    90: ("the chroot that makes chroots cannot be made", "`--builder dnf` does without"),
    129: ("mock lost its terminal", None),
    141: ("the reader of mock's output ended", None),
    143: ("mock was terminated", None),
}


def cause_of(status: int) -> tuple[str, str | None] | None:
    """Return cause and hint for an exit status of mock.

    Returns:
        Cause and hint; None if the log has details: a build dependency is missing (30), or rpmbuild
        failed.
    """
    if status in _LOGGED:
        return None
    return _CAUSES.get(status, (f"mock {process.describe_status(status)}", None))


class Mock:
    """The builder ``mock``."""

    name = "mock"

    def options(self) -> dict[str, str]:
        """Return the configuration that can change a result; the rest is the distro's."""
        return {"topdir": TOPDIR}

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build a source package: a ``.src.rpm``, or a folder with a spec file and its sources.

        Raises:
            BuildError: the build failed.
        """
        repositories = [(base.path.parent / REPOSITORIES).read_text()]
        if request.repository is not None:
            repositories.append(private_repository(request.repository))
        with reported(request, MARKERS, step), base.in_use():
            place = _place(request, base, repositories[:1])
            results = _writable(request.scratch / "results")
            config = _config(request, place, repositories)
            _mock(request, config, "--resultdir", results, "--rebuild", *_source(request))
            for package in results.glob("*.rpm"):
                copy_plain(package, request.results)


def _place(request: BuildRequest, base: Base, repositories: list[str]) -> Place:
    """Return mock's directories, with a root cache created once for a base and then read-only.

    For an ordinary user, mock keeps the cache in its default place, as only root can remove it.
    """
    basedir = _writable(request.scratch / "mock")
    if os.geteuid() != 0:
        return Place(basedir, Path("/var/cache/mock"), lasting=True)
    cache = _writable(base.path.parent / "mock")
    with lasting_lock(cache / "lock"):
        if not list(cache.rglob("root_cache/cache.tar*")):
            place = Place(_writable(request.scratch / "first"), cache, lasting=False)
            _mock(request, _config(request, place, repositories), "--init")
    return Place(basedir, cache, lasting=False)


def _config(request: BuildRequest, place: Place, repositories: list[str]) -> Path:
    text = configuration(
        request.distro,
        platform.machine(),
        place,
        repositories,
        epoch=request.epoch,
        jobs=request.jobs,
        installed=Path("/etc/mock"),
    )
    file = place.basedir.with_suffix(".cfg")
    file.write_text(text)
    os.utime(file, (0, 0))  # mock recreates a cache older than its configuration
    return file


def _source(request: BuildRequest) -> tuple[str | Path, ...]:
    if not request.source.is_dir():
        return (request.source,)
    specs = list(request.source.glob("*.spec"))
    if len(specs) != 1:
        raise XsbuildError(
            f"{request.source} has {len(specs)} spec files instead of one", code="XSB-BUILD-SPEC"
        )
    return ("--spec", specs[0], "--sources", request.source)


def _writable(folder: Path) -> Path:
    """Create a directory writable for mock's unprivileged user."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, -1)
    return folder


def _mock(request: BuildRequest, config: Path, *words: str | Path) -> None:
    environment = {"SUDO_UID": str(_NOBODY)} if os.geteuid() == 0 else {}
    try:
        process.run(
            ["mock", "--root", config, *words],
            env=environment,
            log=request.log,
            guard=request.guard(),
        )
    except TimeLimitError:
        raise
    except process.CommandFailedError as error:
        known = cause_of(error.status)
        if known is None:
            raise
        cause, hint = known
        lines = [line for line in error.output.splitlines() if line.startswith("ERROR: ")]
        raise BuildError(
            "\n  ".join([f"{request.component} does not build: {cause}", *lines]),
            component=request.component,
            step="start mock",
            log=request.log,
            hint=hint,
            code="XSB-BUILD-FAILED",
        ) from error
