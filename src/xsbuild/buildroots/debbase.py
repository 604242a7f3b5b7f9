# SPDX-License-Identifier: Apache-2.0
"""Base chroots of Debian and its derivatives, made by mmdebstrap(1)."""

import platform
import shutil
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from xsbuild.buildroots.base_chroots import Variant
from xsbuild.distros.apt import update_releases
from xsbuild.distros.apt_conf import apt_configuration, reaching_options
from xsbuild.distros.mirrors import deb822_sources, mirrors_of, orders
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import Namespace, private_namespace
from xsbuild.settings import Settings


def _apt_options(configuration: str) -> tuple[str, ...]:
    """Return options of mmdebstrap for the lines of an apt.conf(5)."""
    return tuple(f"--aptopt={line.rstrip(';')}" for line in configuration.splitlines())


# Every package's build needs debhelper; installing it once saves its time in each.
_INCLUDE = {Variant.BUILD: ("debhelper", "fakeroot"), Variant.INSTALL: ()}
_MMDEBSTRAP_VARIANT = {Variant.BUILD: "buildd", Variant.INSTALL: "apt"}
_OPTIONS = (
    "--mode=root",
    "--format=directory",
    # Kept: otherwise each build fetches and parses them again.
    "--skip=cleanup/apt/lists,cleanup/apt/cache,chroot/mount/sys",
    "--dpkgopt=force-unsafe-io",
    *_apt_options(apt_configuration({"Acquire::Languages": "none", "Dpkg::Use-Pty": "false"})),
)
_BUILD_OPTIONS = _apt_options(apt_configuration({"APT::Install-Recommends": "false"}))
# A component may have the name of a distro's package and a lower version: builds prefer ours.
_PREFERENCES = "Package: *\nPin: release o=xsbuild\nPin-Priority: 1001\n"
_OTHER_MIRROR = "name another mirror under `archives` in config.yaml"
_CAUSES = (
    ("No space left on device", "make room where the cache is: `xsbuild clean`"),
    ("NO_PUBKEY", "the keyring lacks a key of the archive: install a newer keyring package"),
    ("EXPKEYSIG", "a key has expired: install a newer keyring package"),
    ("Could not resolve", f"is the network there? else {_OTHER_MIRROR}"),
    ("Could not connect", f"is the network there? else {_OTHER_MIRROR}"),
    ("404  Not Found", f"the mirror has no such suite: {_OTHER_MIRROR}"),
    ("is not valid yet", "the machine's clock is behind the archive's"),
    ("Release file expired", f"the mirror is out of date: {_OTHER_MIRROR}"),
)


@dataclass(frozen=True, slots=True)
class DebBaseBuilder:
    """The builder of the base of a distro and variant."""

    distro: Distro
    variant: Variant
    settings: Settings

    @property
    def architecture(self) -> str:
        """The distro's name of the machine's architecture."""
        machine = platform.machine()
        try:
            return self.distro.architectures[machine]
        except KeyError:
            known = ", ".join(self.distro.architectures)
            raise InputError(
                f"{self.distro.title} is not defined for {machine} machines",
                hint=f"its file's `architectures` knows {known}",
                code="XSB-DISTRO-ARCHITECTURE",
            ) from None

    def recipe(self) -> str:
        """Options, packages, archives and the user's mirrors, as text."""
        archives = (
            f"{archive.model_dump_json()} from {self.settings.archives.get(archive.name)}"
            for archive in self.distro.archives
        )
        return "\n".join([*self._options(), *archives, self._preferences()])

    def _preferences(self) -> str:
        return _PREFERENCES if self.variant is Variant.BUILD else ""

    def _options(self) -> list[str]:
        include = [f"--include={name}" for name in _INCLUDE[self.variant]]
        build = _BUILD_OPTIONS if self.variant is Variant.BUILD else ()
        return [
            f"--variant={_MMDEBSTRAP_VARIANT[self.variant]}",
            f"--architectures={self.architecture}",
            *_OPTIONS,
            *include,
            *build,
        ]

    def _suite(self) -> str:
        return self.distro.archives[0].suites[0]

    def sources(self) -> list[str]:
        """Return the sources files to try in turn; none for mmdebstrap's default mirror.

        With all mirrors, apt fetches each package from the first that has it, but fails if one is
        being synchronised; then each mirror is tried alone.
        """
        mirrors = mirrors_of(self.distro.archives, self.settings)
        if any(archive.name not in mirrors for archive in self.distro.archives):
            return []
        alone = [{name: uris[:1] for name, uris in order.items()} for order in orders(mirrors)]
        lists = [deb822_sources(self.distro, some) for some in (mirrors, *alone)]
        return list(dict.fromkeys(lists))

    def make(self, place: Path, log: Path) -> None:
        """Create the base in an empty directory.

        Raises:
            XsbuildError: mmdebstrap failed.
        """
        process.require("mmdebstrap")
        self._check_keyrings()
        root = place / "root"
        with private_namespace() as namespace:
            self._bootstrap(namespace, place, root, log)
            # mmdebstrap's apt saw these lists elsewhere, and its cache of them is not taken for
            # this; without one, each installation of build dependencies parses them again.
            namespace.run("chroot", root, "apt-cache", "gencaches")
        _forget_host(root)
        (root / "etc/apt/preferences.d/xsbuild").write_text(self._preferences())
        for archive in self.distro.archives:
            _add_keyring(root, archive.keyring)
        (place / "packages.txt").write_text(self._packages(root))
        (place / "release.txt").write_text(_release(root / "var/lib/apt/lists"))

    def _bootstrap(self, namespace: Namespace, place: Path, root: Path, log: Path) -> None:
        sources = self.sources()
        if not sources:
            keyring = f"--keyring={self.distro.archives[0].keyring}"
            self._mmdebstrap(namespace, place, log, keyring, self._suite(), root)
            return
        file = place / "distro.sources"
        failures = []
        for text in sources:
            file.write_text(text)
            try:
                self._mmdebstrap(namespace, place, log, self._suite(), root, file)
            except XsbuildError as error:
                failures.append(error)
                namespace.run("rm", "--recursive", "--force", root)
            else:
                return
        raise failures[0]

    def _mmdebstrap(
        self, namespace: Namespace, place: Path, log: Path, *arguments: str | Path
    ) -> None:
        reaching = _apt_options(reaching_options())
        command = ["mmdebstrap", *self._options(), *reaching, *arguments]
        try:
            process.run(command, within=namespace.enter, env={"TMPDIR": str(place)}, log=log)
        except process.CommandFailedError as error:
            raise explained(self.distro, error) from error

    def _check_keyrings(self) -> None:
        for archive in self.distro.archives:
            if not Path(archive.keyring).is_file():
                raise XsbuildError(
                    f"{self.distro.title}: the keyring {archive.keyring} is not there, so the "
                    f"archive {archive.name} cannot be verified",
                    hint="install the package that has it: debian-archive-keyring, or "
                    "ubuntu-archive-keyring (in Debian 13 and newer)",
                    code="XSB-DISTRO-KEYRING",
                )

    def _packages(self, root: Path) -> str:
        query = "--showformat=${binary:Package}=${Version}\n"
        admin = f"--admindir={root / 'var/lib/dpkg'}"
        installed = process.run(["dpkg-query", admin, "--show", query]).output
        archives = (
            f"archive {a.name}: {' '.join(a.suites)}: {' '.join(a.components)}\n"
            for a in self.distro.archives
        )
        return "".join([*archives, *sorted(installed.splitlines(keepends=True))])

    def release(self, place: Path) -> str:
        """Fetch the archives' InRelease files, verified by apt."""
        lists = place / "root/var/lib/apt/lists"
        sources = next((place / "root/etc/apt/sources.list.d").glob("*.sources"), None)
        sources = sources or place / "root/etc/apt/sources.list"
        # named for removal by `BaseCache` if this process is killed
        with tempfile.TemporaryDirectory(prefix="new-", dir=place.parent) as name:
            state = Path(name, "lists")
            (state / "partial").mkdir(parents=True)
            for file in lists.glob("*InRelease"):
                shutil.copy2(file, state)  # with its time, so that apt fetches only newer ones
            update_releases(sources, Path(name))
            return _release(state)


def explained(distro: Distro, error: process.CommandFailedError) -> XsbuildError:
    """Explain a failure of mmdebstrap from its output."""
    lines = [line for line in error.output.splitlines() if line.startswith("E: ")]
    cause = next((hint for text, hint in _CAUSES if text in error.output), None)
    reason = f": {lines[0][3:]}" if lines else ""
    where = f"full log: {error.log}"
    return XsbuildError(
        f"the base chroot of {distro.title} cannot be made{reason}",
        hint=f"{cause}; {where}" if cause else where,
        code="XSB-BASE-FAILED",
    )


def _release(lists: Path) -> str:
    files = sorted(lists.glob("*InRelease"))
    return "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def _forget_host(root: Path) -> None:
    """Remove files that mmdebstrap copies from the host, and packages already installed."""
    (root / "etc/hostname").write_text("localhost\n")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    for file in (root / "var/cache/apt/archives").glob("*.deb"):
        file.unlink()


def _add_keyring(root: Path, keyring: str) -> None:
    inside = root / keyring.lstrip("/")
    if not inside.exists():
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(keyring, inside)
