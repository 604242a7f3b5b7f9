# SPDX-License-Identifier: Apache-2.0
"""Base chroots of RPM distros, made by ``dnf --installroot``."""

import platform
import re
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xsbuild.buildroots.base_chroots import Variant
from xsbuild.distros.dnf import HostDnf, distro_repositories, host_dnf, rpm_of
from xsbuild.distros.dnf_output import last_error
from xsbuild.distros.model import Distro, YumRepository
from xsbuild.errors import InputError, SourceError, XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import Namespace, private_namespace
from xsbuild.settings import Settings

if TYPE_CHECKING:
    from xsbuild.sources.transport import Transport

REPOSITORIES = "distro.repo"
USER = "mockbuild"
TOPDIR = "/builddir/build"
UID = "1000"
_MACROS_FILE = "etc/rpm/macros.xsbuild"
# Reproducible builds: https://reproducible-builds.org/docs/rpm/
_MACROS = {
    "_topdir": TOPDIR,
    "_buildhost": "localhost",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",  # rpm before 4.20
    "build_mtime_policy": "clamp_to_source_date_epoch",
    "source_date_epoch_from_changelog": "0",
    # a package of scripts alone has nothing to debug, also where it is of one architecture
    "_empty_manifest_terminate_build": "0",
}
QUERY = "%{NAME}=%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}\\n"
_METALINK_HASH = re.compile(r'<hash type="sha256">\s*([0-9a-f]{64})')
_OTHER_MIRROR = "is the network there? `rewrite` in config.yaml names another mirror"
_ROOM = "make room where the cache is: `xsbuild clean`"
_OTHER_KEY = "the repository is not signed with the keys that the distro's file names"
_CAUSES = (
    ("No space left on device", _ROOM),
    ("more space on the", _ROOM),
    ("more space needed on the", _ROOM),
    ("GPG check FAILED", _OTHER_KEY),
    ("GPG signature verification error", _OTHER_KEY),
    ("No match for argument", "`buildroot` in the distro's file names what its repositories lack"),
    ("Cannot download", _OTHER_MIRROR),
    ("Failed to download metadata", _OTHER_MIRROR),
)


def build_macros(distro: Distro) -> dict[str, str]:
    """Return the rpm macros of every build for a distro."""
    return {**_MACROS, "dist": distro.version_suffix, **rpm_of(distro).macros}


@dataclass(frozen=True, slots=True)
class RpmBaseBuilder:
    """The builder of the base of a distro and variant."""

    distro: Distro
    variant: Variant
    settings: Settings

    @property
    def architecture(self) -> str:
        """The distro's name of the machine's architecture."""
        machine = platform.machine()
        if machine not in self.distro.architectures:
            raise InputError(
                f"{self.distro.title} is not defined for {machine} machines",
                hint=f"its file's `architectures` knows {', '.join(self.distro.architectures)}",
                code="XSB-DISTRO-ARCHITECTURE",
            )
        return self.distro.architectures[machine]

    def recipe(self) -> str:
        """Return packages, macros and repositories, as text."""
        return "\n".join([*self._packages(), _macros_text(self.distro), self._repositories()])

    def _packages(self) -> tuple[str, ...]:
        rpm = rpm_of(self.distro)
        return rpm.buildroot if self.variant is Variant.BUILD else rpm.clean_root

    def _repositories(self) -> str:
        return distro_repositories(self.distro, self.settings.rewrite)

    def make(self, place: Path, log: Path) -> None:
        """Create the base in an empty directory.

        Raises:
            XsbuildError: dnf failed.
        """
        release = self.release(place)
        root = place / "root"
        root.mkdir()
        repositories = {REPOSITORIES: self._repositories()}
        (place / REPOSITORIES).write_text(repositories[REPOSITORIES])
        with private_namespace() as namespace:
            home = place / "dnf"
            host = host_dnf(self.distro, root, home, namespace, repositories, refresh=True)
            self._install(host, log)
            if self.variant is Variant.BUILD:
                _prepare(root, namespace, _macros_text(self.distro))
            installed = host.rpm("--query", "--all", "--queryformat", QUERY)
        names = [f"repository {one.name}\n" for one in rpm_of(self.distro).repositories]
        lines = [*names, *sorted(installed.splitlines(keepends=True))]
        (place / "packages.txt").write_text("".join(lines))
        (place / "release.txt").write_text(release)

    def _install(self, host: HostDnf, log: Path) -> None:
        try:
            host.dnf("install", *self._packages(), log=log)
        except process.CommandFailedError as error:
            raise self._explained(error) from error

    def _explained(self, error: process.CommandFailedError) -> XsbuildError:
        cause = next((hint for text, hint in _CAUSES if text in error.output), None)
        said = last_error(error.output)
        reason = f": {said}" if said else ""
        where = f"full log: {error.log}"
        return XsbuildError(
            f"the base chroot of {self.distro.title} cannot be made{reason}",
            hint=f"{cause}; {where}" if cause else where,
            code="XSB-BASE-FAILED",
        )

    def release(self, place: Path) -> str:  # noqa: ARG002 - what a BaseBuilder is
        """Fetch the hashes of the repositories' indexes."""
        from xsbuild.sources.transport import Transport  # noqa: PLC0415 - slow; a plan fetches nothing

        with closing(Transport(self.settings)) as transport:
            return "".join(
                f"{_index_hash(one, self.architecture, transport)}  {one.name}\n"
                for one in rpm_of(self.distro).repositories
            )


def _prepare(root: Path, namespace: Namespace, macros: str) -> None:
    """Create the build user, the build directory and the macros."""
    _append(root / "etc/passwd", f"{USER}:x:{UID}:{UID}::/builddir:/bin/bash\n")
    _append(root / "etc/group", f"{USER}:x:{UID}:\n")
    folders = [root / TOPDIR[1:] / name for name in ("SOURCES", "SPECS", "RPMS", "SRPMS")]
    namespace.run("mkdir", "--parents", *folders)
    namespace.run("chown", "--recursive", f"{UID}:{UID}", root / "builddir")
    file = root / _MACROS_FILE
    namespace.run("mkdir", "--parents", file.parent)
    file.write_text(macros)


def _append(file: Path, line: str) -> None:
    with file.open("a") as stream:
        stream.write(line)


def _macros_text(distro: Distro) -> str:
    macros: Mapping[str, str] = build_macros(distro)
    return "".join(f"%{name} {value}\n" for name, value in macros.items())


def _index_hash(repository: YumRepository, architecture: str, transport: "Transport") -> str:
    def read(address: str) -> bytes:
        return transport.read(address.replace("$basearch", architecture))[0]

    if repository.metalink:
        found = _METALINK_HASH.search(read(repository.metalink).decode(errors="replace"))
        if found is None:
            raise XsbuildError(
                f"{repository.metalink} is no metalink of a yum repository",
                code="XSB-DISTRO-METADATA",
            )
        return found[1]
    bases: Sequence[str] = repository.baseurl
    if repository.mirrorlist:
        lines = read(repository.mirrorlist).decode(errors="replace").splitlines()
        bases = [line for line in lines if line.startswith("http")]
    if not bases:
        raise XsbuildError(f"{repository.mirrorlist} lists no mirror", code="XSB-DISTRO-METADATA")
    *others, last = (f"{base.rstrip('/')}/repodata/repomd.xml" for base in bases)
    for address in others:
        with suppress(SourceError):
            return sha256(read(address)).hexdigest()
    return sha256(read(last)).hexdigest()
