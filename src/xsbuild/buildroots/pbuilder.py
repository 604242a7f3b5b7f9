# SPDX-License-Identifier: Apache-2.0
"""Build with pbuilder(8) on an overlay mount over the base, without unpacking anything."""

import platform
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from debian.deb822 import Dsc

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildlog import BUILD, DEBHELPER, DEPENDENCIES, UNPACK, Markers, reported
from xsbuild.buildroots.buildroot import Buildroot, Entry, buildroot
from xsbuild.buildroots.deblayer import MARKER, dependencies
from xsbuild.buildroots.layers import installed
from xsbuild.buildroots.results import gathering, take
from xsbuild.host import process

MARKERS: Markers = (
    MARKER,
    (re.compile("^I: Extracting source"), UNPACK),
    (re.compile("^I: Building the package"), BUILD),
    *DEBHELPER,
)
# Options of pbuilderrc(5) that can change a result. fsync costs nothing on a volatile overlay, so
# eatmydata is not needed.
SETTINGS = {
    "BUILDDIR": "/build",
    "BUILD_HOME": "/nonexistent",
    "BUILDUSERNAME": "pbuilder",
    "BUILDUSERID": "1234",
    "USENETWORK": "no",
    "DEBBUILDOPTS": "-b",
    "PBUILDERSATISFYDEPENDSCMD": "/bin/true",  # a layer has them; dpkg-buildpackage checks
    "SOURCE_ONLY_CHANGES": "no",
    "EATMYDATA": "no",
}
# The same, for a build in a varied environment.
_ELSEWHERE = {
    "BUILDDIR": "/elsewhere/build",
    "BUILD_HOME": "/elsewhere/home",
    "BUILDUSERNAME": "somebody",
    "BUILDUSERID": "2345",
}
_HOUSEKEEPING = {
    "USECGROUP": "no",
    "USESYSFS": "no",  # bound from the host: a user namespace may not mount one
    "USECOLORS": "no",
    "APTCACHE": "",
    "CCACHEDIR": "",
    # Left to the end of the namespace; pbuilder would wait for busy mounts.
    "IGNORE_UMOUNT": "yes",
}
# pbuilder(8), hooks of type B run as root in the chroot once everything is built. What follows them
# is pbuilder's own copying, on the host, of whatever the build left and lists in its .changes file:
# it follows links. So the build's processes end, its packages are gathered, and pbuilder finds a
# directory with an empty .changes file.
_HOOK = """\
#!/bin/sh
set -eu
setpriv --reuid={user} --clear-groups sh -c 'kill -KILL -1' || true
{gather}
mv {build} {build}.done
mkdir {build}
: > {build}/{changes}
"""
_PATTERNS = ("*.deb", "*.buildinfo", "*.changes")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_FILES = {"hosts": "127.0.0.1 localhost\n", "hostname": "localhost\n", "mailname": "localhost\n"}


# pbuilder's environment of dpkg-buildpackage, beside the exports of its configuration.
_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": SETTINGS["BUILD_HOME"],
    "USER": SETTINGS["BUILDUSERNAME"],
    "LOGNAME": SETTINGS["BUILDUSERNAME"],
    "SHELL": "/bin/bash",
    "LANG": "C",
    "LC_ALL": "C",
    "DEBIAN_FRONTEND": "noninteractive",
}
_AGAIN = "dpkg-buildpackage --build=binary --no-sign --no-pre-clean"


class Pbuilder:
    """The builder ``pbuilder``."""

    name = "pbuilder"

    def options(self) -> dict[str, str]:
        """Return the configuration that can change a result."""
        return dict(SETTINGS)

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build a source package.

        Raises:
            BuildError: the build failed.
        """
        process.require("pbuilder")
        with reported(request, MARKERS, step), dependencies(request, base) as layer:
            if not request.proceed(installed(layer)):
                return
            with buildroot(base, request.scratch, layer) as root:
                _prepare(root, request)
                process.run(
                    _command(root, request),
                    within=root.namespace.enter,
                    env={"PBUILDER_SYSCONFDIR": "/nonexistent"},
                    log=request.log,
                    guard=request.guard(),
                )
                take(root.namespace, root.path, request.results)

    def entry(self, request: BuildRequest, step: str) -> Entry:
        """Return how to enter the buildroot: as the build user, with all dependencies installed."""
        env = {**_ENVIRONMENT, **_exports(request)}
        tree = tree_of(request.source)
        if step == DEPENDENCIES:
            root = {"HOME": "/root", "USER": "root", "LOGNAME": "root"}
            return Entry(None, tree, {**env, **root}, network=True, again="apt-get build-dep .")
        return Entry(SETTINGS["BUILDUSERNAME"], tree, env, network=False, again=_AGAIN)


def tree_of(source: Path) -> str:
    """Return the directory name of an unpacked ``.dsc``: name and upstream version (Policy 4.7)."""
    name, version = _named(source)
    return f"{SETTINGS['BUILDDIR']}/{name}-{version.rpartition('-')[0] or version}"


def _named(source: Path) -> tuple[str, str]:
    """Return the name of a ``.dsc`` and its version without epoch."""
    with source.open("rb") as stream:
        dsc = Dsc(stream)
    return dsc["Source"], dsc["Version"].partition(":")[2] or dsc["Version"]


def _prepare(root: Buildroot, request: BuildRequest) -> None:
    settings = request.scratch / "pbuilder"
    settings.mkdir()
    for name, text in _FILES.items():
        (settings / name).write_text(text)
    (settings / "pbuilderrc").write_text(_pbuilderrc(request, settings))
    hook = settings / "hooks/B00results"
    hook.parent.mkdir()
    hook.write_text(_hook(request))
    hook.chmod(0o755)
    if request.elsewhere:
        root.rename_host()
    devices = _make_devices(root) if root.namespace.rootless else ()
    table = settings / "fstab"
    table.write_text(
        f"/sys {root.path}/sys none rbind\n"
        + "".join(f"{device} {root.path}{device} none bind\n" for device in devices)
    )
    root.namespace.run("mount", "--all", "--fstab", table)


def _make_devices(root: Buildroot) -> list[str]:
    """Create mount points for devices missing from the base of an ordinary user."""
    devices = [f"/dev/{name}" for name in _DEVICES]
    root.namespace.run("touch", *(root.path / device[1:] for device in devices))
    root.namespace.run("ln", "--symbolic", "--force", "pts/ptmx", root.path / "dev/ptmx")
    return devices


def _command(root: Buildroot, request: BuildRequest) -> list[str | Path]:
    return [
        "pbuilder",
        "build",
        "--configfile",
        request.scratch / "pbuilder/pbuilderrc",
        "--no-targz",
        "--buildplace",
        root.path,
        "--buildresult",
        request.scratch / "pbuilder/result",
        request.source,
    ]


def _settings(request: BuildRequest) -> dict[str, str]:
    return {**SETTINGS, **_ELSEWHERE} if request.elsewhere else SETTINGS


def _hook(request: BuildRequest) -> str:
    settings = _settings(request)
    name, version = _named(request.source)
    architecture = request.distro.architectures[platform.machine()]
    return _HOOK.format(
        user=settings["BUILDUSERID"],
        gather=shlex.join(gathering([settings["BUILDDIR"]], _PATTERNS)),
        build=settings["BUILDDIR"],
        changes=f"{name}_{version}_{architecture}.changes",
    )


def _pbuilderrc(request: BuildRequest, folder: Path) -> str:
    settings = {
        **_settings(request),
        **_HOUSEKEEPING,
        "CONFDIR": str(folder),
        "HOOKDIR": str(folder / "hooks"),
    }
    lines = [f"{name}='{value}'" for name, value in settings.items()]
    lines += [f"export {name}='{value}'" for name, value in _exports(request).items()]
    # Otherwise pbuilder asks apt for fakeroot, which takes time; the base has it.
    return "\n".join([*lines, "APTGETOPT=(--version)", ""])


def _exports(request: BuildRequest) -> dict[str, str]:
    """Return the environment variables set by the configuration."""
    return {
        "SOURCE_DATE_EPOCH": str(request.epoch),
        "DEB_BUILD_OPTIONS": f"parallel={request.jobs}",
    }
