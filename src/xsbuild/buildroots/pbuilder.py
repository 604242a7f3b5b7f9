# SPDX-License-Identifier: Apache-2.0
"""Builds with pbuilder(8) on an overlay mount over the base, without unpacking anything."""

import re
from collections.abc import Callable
from pathlib import Path

from xsbuild import process
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest
from xsbuild.buildroots.keeper import Base
from xsbuild.buildroots.progress import BUILD, DEBHELPER, DEPENDENCIES, Markers
from xsbuild.buildroots.report import reported
from xsbuild.buildroots.session import Buildroot, buildroot

MARKERS: Markers = (
    (re.compile("^I: Installing the build-deps"), DEPENDENCIES),
    (re.compile("^I: Building the package"), BUILD),
    *DEBHELPER,
)
# pbuilderrc(5), what can change a result. fsync costs nothing on a volatile overlay, so that
# eatmydata has nothing to save.
_SETTINGS = {
    "BUILDDIR": "/build",
    "BUILD_HOME": "/nonexistent",
    "BUILDUSERNAME": "pbuilder",
    "BUILDUSERID": "1234",
    "USENETWORK": "no",
    "DEBBUILDOPTS": "-b",
    "PBUILDERSATISFYDEPENDSCMD": "/usr/lib/pbuilder/pbuilder-satisfydepends-apt",
    "SOURCE_ONLY_CHANGES": "no",
    "EATMYDATA": "no",
}
_HOUSEKEEPING = {
    "USECGROUP": "no",
    "USESYSFS": "no",  # bound from the host instead: a user namespace may not mount one
    "USECOLORS": "no",
    "APTCACHE": "",
    "HOOKDIR": "",
    "CCACHEDIR": "",
    # The namespace ends everything; pbuilder would wait for whatever keeps a mount busy.
    "IGNORE_UMOUNT": "yes",
}
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_FILES = {"hosts": "127.0.0.1 localhost\n", "hostname": "localhost\n", "mailname": "localhost\n"}


class Pbuilder:
    """The builder ``pbuilder``."""

    name = "pbuilder"

    def options(self) -> dict[str, str]:
        """What of its configuration can change a result."""
        return dict(_SETTINGS)

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Builds a source package.

        Raises:
            BuildError: it did not build; says why.
        """
        process.require("pbuilder")
        with reported(request, MARKERS, step), buildroot(base, request.scratch) as root:
            _prepare(root, request)
            process.run(
                _command(root, request),
                within=root.namespace.enter,
                env={"PBUILDER_SYSCONFDIR": "/nonexistent"},
                log=request.log,
            )


def _prepare(root: Buildroot, request: BuildRequest) -> None:
    settings = request.scratch / "pbuilder"
    settings.mkdir()
    for name, text in _FILES.items():
        (settings / name).write_text(text)
    (settings / "pbuilderrc").write_text(_pbuilderrc(request, settings))
    root.namespace.run("mount", "--rbind", "/sys", root.path / "sys")
    if root.namespace.rootless:
        _bind_devices(root)
    if request.repository:
        use_repository(root, request.repository, request.log)


def _bind_devices(root: Buildroot) -> None:
    """Gives a root the devices that its base could not have: an ordinary user makes no nodes."""
    places = {Path("/dev", name): root.path / "dev" / name for name in _DEVICES}
    root.namespace.run("touch", *places.values())
    root.namespace.run("ln", "--symbolic", "--force", "pts/ptmx", root.path / "dev/ptmx")
    for device, place in places.items():
        root.namespace.run("mount", "--bind", device, place)


def use_repository(root: Buildroot, repository: Path, log: Path) -> None:
    """Makes a private repository known to apt inside a buildroot.

    Args:
        root: the buildroot.
        repository: a directory with an apt repository and its ``xsbuild.sources``.
        log: takes apt's output.
    """
    inside = root.path / str(REPOSITORY).lstrip("/")
    sources = root.path / "etc/apt/sources.list.d/xsbuild.sources"
    root.namespace.run("mkdir", "--parents", inside)
    root.namespace.run("mount", "--bind", "-o", "ro", repository, inside)
    root.namespace.run("cp", repository / "xsbuild.sources", sources)
    # Only this one: the lists of the distro's archives are in the base.
    only = ("-o", f"Dir::Etc::SourceList=/{sources.relative_to(root.path)}")
    rest = ("-o", "Dir::Etc::SourceParts=/dev/null", "-o", "APT::Get::List-Cleanup=false")
    root.run(["apt-get", "update", "-o", "APT::Update::Error-Mode=any", *only, *rest], log=log)


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
        request.results,
        request.source,
    ]


def _pbuilderrc(request: BuildRequest, folder: Path) -> str:
    settings = {**_SETTINGS, **_HOUSEKEEPING, "CONFDIR": str(folder)}
    exports = {
        "SOURCE_DATE_EPOCH": str(request.epoch),
        "DEB_BUILD_OPTIONS": f"parallel={request.jobs}",
    }
    lines = [f"{name}='{value}'" for name, value in settings.items()]
    lines += [f"export {name}='{value}'" for name, value in exports.items()]
    return "\n".join([*lines, ""])
