# SPDX-License-Identifier: Apache-2.0
"""One measurement, in a process of its own; prints its seconds.

``python -m bench.one KIND BUILDER DISTROS DISTRO SOURCE CACHE``. KIND is ``warm`` or ``cold``: the
time of this process, start of Python included; ``bare``: of the compiler's command alone;
``install``: of the distro's installer alone.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from xsbuild.buildroots import deblayer
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildroot import buildroot
from xsbuild.buildroots.family import builder_named
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Family
from xsbuild.host.scratch import owned_folder, remove
from xsbuild.settings import Folders, Settings

EPOCH = 1_767_225_600
_BUILDER = "www-data"


def main() -> None:
    """Measures what the arguments say."""
    kind, builder, distros, name, source, cache = sys.argv[1:]
    place = Path(cache)
    settings = Settings(Folders(place, place / "data", place / "config"))
    distro = find_distros([Path(distros)]).get(name)
    log = place / "bench.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    base = ensure_base(distro, Variant.BUILD, settings, step=_say, log=log)
    if kind == "cold":
        remove(settings.folders.layers)
    with owned_folder(settings.folders.work) as work:
        for folder in ("results", "scratch"):
            (work / folder).mkdir()
        request = BuildRequest(
            "bench", distro, Path(source), None, len(os.sched_getaffinity(0)), EPOCH,
            work / "results", work / "scratch", log, settings.folders.layers,
        )  # fmt: skip
        if kind in ("warm", "cold"):
            started = _age()
            builder_named(builder, distro).build(request, base, _say)
            # What this process began with is part of what a user waits for; a removed layer is not.
            seconds = _age() if kind == "warm" else _age() - started + _START
        else:
            seconds = _MEASURES[distro.family, kind](request, base)
    sys.stdout.write(f"{seconds:.3f}\n")


def _age() -> float:
    """The seconds since this process was started (proc(5), /proc/PID/stat)."""
    return time.monotonic() - _BEGAN + _START


def _say(_step: str) -> None:
    return


def _timed(call: Callable[[], object]) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started


def _bare_deb(request: BuildRequest, base: Base) -> float:
    """dpkg-buildpackage in an unpacked source tree, everything installed."""
    binds = {request.source.parent: "/xsbuild/source"}
    with (
        deblayer.dependencies(request, base) as layer,
        buildroot(base, request.scratch, layer, binds=binds) as root,
    ):
        root.run(["mkdir", "/build"])
        root.run(["dpkg-source", "--extract", f"/xsbuild/source/{request.source.name}", "/build/x"])
        root.run(["chown", "--recursive", _BUILDER, "/build"])
        command = ["env", "--chdir=/build/x", "dpkg-buildpackage", "-us", "-uc", "-b"]
        env = {
            "SOURCE_DATE_EPOCH": str(request.epoch),
            "DEB_BUILD_OPTIONS": f"parallel={request.jobs}",
        }
        return _timed(lambda: root.run(command, user=_BUILDER, env=env, log=request.log))


def _install_deb(request: BuildRequest, base: Base) -> float:
    """``apt-get build-dep`` in a fresh root."""
    binds = {request.source.parent: "/xsbuild/source"}
    with buildroot(base, request.scratch, binds=binds) as root:
        command = ["apt-get", "--yes", "build-dep", f"/xsbuild/source/{request.source.name}"]
        return _timed(lambda: root.run(command, network=True, log=request.log))


def _bare_rpm(request: BuildRequest, base: Base) -> float:
    """``rpmbuild -ba`` of unpacked sources, everything installed."""
    from xsbuild.buildroots import dnf, rpmlayer  # noqa: PLC0415 - no build of a .deb imports them

    prepared = dnf.prepare(request, base)
    with (
        rpmlayer.dependencies(request, base, prepared.static) as layer,
        dnf.opened(request, base, request.scratch, layer, tree=prepared.tree) as root,
    ):
        return _timed(lambda: root.rpmbuild("-ba"))


def _install_rpm(request: BuildRequest, base: Base) -> float:
    """``dnf install`` in a fresh root."""
    from xsbuild.buildroots import dnf, rpmlayer  # noqa: PLC0415

    prepared = dnf.prepare(request, base)
    place = request.scratch / "install"
    place.mkdir()
    with ExitStack() as held:
        root = held.enter_context(buildroot(base, place))
        host = rpmlayer.host(request, base, root, place)
        words = sorted(prepared.static)
        return _timed(lambda: host.dnf("install", *words, log=request.log))


_MEASURES: Mapping[tuple[Family, str], Callable[[BuildRequest, Base], float]] = {
    (Family.DEB, "bare"): _bare_deb,
    (Family.DEB, "install"): _install_deb,
    (Family.RPM, "bare"): _bare_rpm,
    (Family.RPM, "install"): _install_rpm,
}
_BEGAN = time.monotonic()
_FIELDS = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
_TICKS = 100  # USER_HZ
_START = time.clock_gettime(time.CLOCK_BOOTTIME) - int(_FIELDS[19]) / _TICKS

if __name__ == "__main__":
    main()
