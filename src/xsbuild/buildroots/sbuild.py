# SPDX-License-Identifier: Apache-2.0
"""Build with sbuild(1) in its unshare mode, which needs no root.

sbuild creates its own namespaces and unpacks a tarball of the base. It still runs in a private
namespace, so that the kernel ends it and its children with xsbuild.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import REPOSITORY, BuildRequest
from xsbuild.buildroots.buildlog import BUILD, DEBHELPER, DEPENDENCIES, Markers, reported
from xsbuild.host import process
from xsbuild.host.files import replacing
from xsbuild.host.locks import lasting_lock
from xsbuild.host.namespace import Namespace, overlay, private_namespace

_Perl: TypeAlias = "str | int | Sequence[_Perl] | Mapping[str, _Perl]"

_SOURCE = Path("/xsbuild/source")
MARKERS: Markers = (
    (re.compile(r"^\| Chroot Setup Commands "), DEPENDENCIES),
    (re.compile(r"^\| Build  "), BUILD),
    *DEBHELPER,
)
# Options of sbuild.conf(5) that can change a result.
_SETTINGS: Mapping[str, str | int] = {
    "build_path": "/build",
    "build_user": "sbuild",  # default: the caller, root of the namespace
    # apt-get build-dep, run in the set-up, takes a fifth of the time of sbuild's resolvers.
    "build_dep_resolver": "null",
    "clean_source": 0,
}
_HOUSEKEEPING: Mapping[str, str | int] = {
    "chroot_mode": "unshare",
    "apt_update": 0,
    "apt_upgrade": 0,
    "apt_distupgrade": 0,
    "run_lintian": 0,
    "run_piuparts": 0,
    "run_autopkgtest": 0,
    "nolog": 1,
    "log_colour": 0,
    "log_filter": 0,
    "stalled_pkg_timeout": 365 * 24 * 60,  # minutes; xsbuild watches the log itself
    # The namespace and its scratch directory are removed as a whole.
    "purge_build_directory": "never",
    "purge_session": "never",
    "purge_build_deps": "never",
}
# Ids for the chroot, as the namespace sees them. An ordinary user's has 1 to 65535, of which 0 in
# the chroot must not be its own 0; root's is the host's, where no other user has these.
_ROOTLESS_IDS = "root:1:65535\n"
_ROOT_IDS = "root:1879048192:65536\n"


class Sbuild:
    """The builder ``sbuild``."""

    name = "sbuild"

    def options(self) -> dict[str, str]:
        """Return the configuration that can change a result."""
        return {name: str(value) for name, value in _SETTINGS.items()}

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build a source package.

        Raises:
            BuildError: the build failed.
        """
        process.require("sbuild")
        with reported(request, MARKERS, step), base.in_use(), private_namespace() as namespace:
            tarball = _tarball(namespace, base)
            config = _prepare(namespace, request, tarball)
            process.run(
                ["sbuild", "--no-source", request.source],
                within=(*namespace.enter, "env", f"--chdir={request.results}"),
                env={"SBUILD_CONFIG": str(config), "HOME": str(request.scratch)},
                log=request.log,
                guard=request.guard(),
            )


def _tarball(namespace: Namespace, base: Base) -> Path:
    """Return the base as an archive, made once beside it."""
    tarball = base.path.with_suffix(".tar")
    with lasting_lock(tarball.with_suffix(".lock")):
        if not tarball.exists():
            options = ("--numeric-owner", "--one-file-system", "--exclude=./dev/*")
            with replacing(tarball, alone=True) as new:
                namespace.run("tar", "--create", "--file", new, *options, "-C", base.path, ".")
    return tarball


def _prepare(namespace: Namespace, request: BuildRequest, tarball: Path) -> Path:
    ids = request.scratch / "ids"
    ids.write_text(_ROOTLESS_IDS if namespace.rootless else _ROOT_IDS)
    for name in ("subuid", "subgid"):
        namespace.run("mount", "--bind", ids, f"/etc/{name}")
    empty = request.scratch / "empty"
    empty.mkdir()
    # Makes fsync free; see `overlay`.
    place = overlay(namespace, empty, request.scratch)
    namespace.run("chmod", "1777", place)
    binds = {_reachable(namespace, request.source.parent, place, "source"): _SOURCE}
    if request.repository:
        binds[_reachable(namespace, request.repository, place, "repository")] = REPOSITORY
    config = request.scratch / "sbuildrc"
    config.write_text(_config(request, tarball, place, binds))
    return config


def _reachable(namespace: Namespace, folder: Path, beside: Path, name: str) -> Path:
    """Bind a folder to a path outside the user's home, which sbuild's namespace may not enter."""
    place = beside.with_name(name)
    namespace.run("mkdir", place)
    namespace.run("mount", "--bind", folder, place)
    return place


def _config(request: BuildRequest, tarball: Path, place: Path, binds: Mapping[Path, Path]) -> str:
    architecture = process.run(["dpkg", "--print-architecture"]).output.strip()
    values = {
        **_SETTINGS,
        **_HOUSEKEEPING,
        "distribution": request.distro.archives[0].suites[0],
        "chroot": str(tarball),
        "build_dir": str(request.results),
        "unshare_tmpdir_template": f"{place}/XXXXXX",
        "host_arch": architecture,
    }
    environment = {
        "SOURCE_DATE_EPOCH": str(request.epoch),
        "DEB_BUILD_OPTIONS": f"parallel={request.jobs}",
        "TZ": "UTC",
    }
    lines = [
        *(f"${name} = {_perl(value)};" for name, value in values.items()),
        f"$build_environment = {_perl(environment)};",
        f"$unshare_bind_mounts = {_perl([_bind(*pair) for pair in binds.items()])};",
        f"$external_commands = {_perl({'chroot-setup-commands': _set_up(request)})};",
    ]
    return "\n".join([*lines, "1;", ""])


def _bind(host: Path, inside: Path) -> _Perl:
    return {"directory": str(host), "mountpoint": str(inside)}


def _set_up(request: BuildRequest) -> list[_Perl]:
    sources = "/etc/apt/sources.list.d/xsbuild.sources"
    update = (
        "apt-get", "update", "-o", f"Dir::Etc::SourceList={sources}", "-o",
        "Dir::Etc::SourceParts=/dev/null", "-o", "APT::Get::List-Cleanup=false",
        "-o", "APT::Update::Error-Mode=any",
    )  # fmt: skip
    use = [("cp", f"{REPOSITORY}/xsbuild.sources", sources), update]
    quiet = "DEBIAN_FRONTEND=noninteractive"
    install = ("env", quiet, "apt-get", "--yes", "build-dep", f"{_SOURCE}/{request.source.name}")
    return [*(use if request.repository else []), install]


def _perl(value: _Perl) -> str:
    """Return a value as a Perl literal."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, Mapping):
        pairs = (f"{_perl(name)} => {_perl(item)}" for name, item in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return f"[{', '.join(map(_perl, value))}]"
