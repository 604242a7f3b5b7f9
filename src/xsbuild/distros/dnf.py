# SPDX-License-Identifier: Apache-2.0
"""The host's dnf and rpm, working on a root that is not the host's.

The host's settings are replaced: configuration, repositories, plugins (Debian's `local` one serves
stale packages), and the path of the database (``~/.rpmdb`` for Debian's rpm).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.distros.mirrors import rewrite
from xsbuild.distros.model import Distro, Rpm, YumRepository
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import Namespace

# Options of dnf.conf(5) for every installation of packages.
INSTALLING: Mapping[str, object] = {
    "best": 1,
    "gpgcheck": 1,
    "install_weak_deps": 0,
    "protected_packages": "",
}
# Mount points of the kernel's file systems: not to be changed by packages that own them.
_KERNEL = ("/dev", "/proc", "/sys")


@dataclass(frozen=True, slots=True)
class HostDnf:
    """dnf and rpm of the host, set up for one root.

    Attributes:
        root: the root directory of the installation.
        home: the folder of their configuration.
        namespace: the namespace in which they run.
    """

    root: Path
    home: Path
    namespace: Namespace

    def dnf(
        self,
        *args: str,
        wrapper: Sequence[str] = (),
        log: Path | None = None,
        ok: Collection[int] = (0,),
    ) -> process.Completed:
        """Run dnf on the root.

        Args:
            args: its arguments.
            wrapper: a command that runs it.
            log: a file to which its output is appended; None: captured and returned.
            ok: exit statuses that are no failure.

        Raises:
            CommandFailedError: it fails.
        """
        options = (f"--config={self.home / 'dnf.conf'}", f"--installroot={self.root}")
        command = [*wrapper, "dnf", *options, *args]
        within = self.namespace.enter
        return process.run(command, within=within, env=self._environment, log=log, ok=ok)

    def rpm(self, *args: str | Path, ok: Collection[int] = (0,)) -> str:
        """Run rpm on the root's database and return what it prints."""
        command = ["rpm", f"--root={self.root}", *args]
        within = self.namespace.enter
        return process.run(command, within=within, env=self._environment, ok=ok).output

    @property
    def _environment(self) -> dict[str, str]:
        """Environment for `process.run`: rpm reads its configuration from the home directory."""
        return {"HOME": str(self.home)}


def host_dnf(
    distro: Distro,
    root: Path,
    home: Path,
    namespace: Namespace,
    repositories: Mapping[str, str],
    *,
    refresh: bool = False,
) -> HostDnf:
    """Set up the host's dnf for a root, and the kernel's file systems in it.

    Args:
        distro: the distro of the root.
        root: an existing directory, visible in `namespace`.
        home: a directory for the configuration, which does not exist yet.
        namespace: the namespace in which dnf runs.
        repositories: file name → content, as in ``/etc/yum.repos.d``.
        refresh: refresh the metadata instead of using those in the root.

    Raises:
        MissingToolError: the host has no dnf or no rpm.
    """
    for tool in ("dnf", "rpm"):
        process.require(tool)
    folder = home / "repositories"
    folder.mkdir(parents=True)
    for name, text in repositories.items():
        (folder / name).write_text(text)
    (home / "dnf.conf").write_text(_root_configuration(folder, refresh=refresh))
    (home / ".rpmmacros").write_text(_macros(rpm_of(distro)))
    places = {place: root / place[1:] for place in _KERNEL}
    namespace.run("mkdir", "--parents", *places.values())
    for host, place in places.items():
        namespace.run("mount", "--rbind", host, place)
    return HostDnf(root, home, namespace)


def dnf_configuration(settings: Mapping[str, object]) -> str:
    """Return a dnf.conf(5) without prompts, in which a failing repository is an error.

    Args:
        settings: its other options.
    """
    options = {"assumeyes": 1, "skip_if_unavailable": 0, **settings}
    return "\n".join(["[main]", *(f"{name}={value}" for name, value in options.items()), ""])


def private_configuration(repositories: Path, settings: Mapping[str, object]) -> str:
    """Return the dnf.conf(5) of a private dnf, which reads none of the host's settings.

    Args:
        repositories: the folder of its ``.repo`` files.
        settings: its other options.
    """
    own = {"plugins": 0, "reposdir": repositories, "varsdir": "/dev/null"}
    return dnf_configuration({**own, **settings})


def _root_configuration(repositories: Path, *, refresh: bool) -> str:
    # The caches are in the root: builds on top of a base use the base's.
    settings = {
        **INSTALLING,
        "cachedir": "/var/cache/dnf",
        "clean_requirements_on_remove": 0,
        "keepcache": 0,
        "logdir": "/var/log",
        "metadata_expire": 0 if refresh else -1,
    }
    return private_configuration(repositories, settings)


def rpm_of(distro: Distro) -> Rpm:
    """Return the `rpm` section of a distro's definition.

    Raises:
        XsbuildError: the distro is not of the rpm family.
    """
    if distro.rpm is None:
        raise XsbuildError(f"{distro.title} is no RPM distro", code="XSB-DISTRO-FAMILY")
    return distro.rpm


def distro_repositories(distro: Distro, prefixes: Mapping[str, str]) -> str:
    """Return the distro's repositories as a ``.repo`` file.

    Args:
        distro: which distro.
        prefixes: the user's URL prefixes, with what replaces them.
    """
    return "\n".join(_section(one, prefixes) for one in rpm_of(distro).repositories)


def repository_section(name: str, lines: Iterable[str], *, signed_index: bool) -> str:
    """Return a section of a ``.repo`` file, whose packages are signed.

    Args:
        name: the repository's id.
        lines: its address and keys, as options of dnf.conf(5).
        signed_index: its repomd.xml is signed.
    """
    checks: Sequence[str] = ("gpgcheck=1", f"repo_gpgcheck={int(signed_index)}")
    return "\n".join([f"[{name}]", f"name={name}", *lines, *checks, ""])


def _macros(rpm: Rpm) -> str:
    macros = {
        "_dbpath": rpm.database,
        "_db_backend": rpm.database_backend,
        "_netsharedpath": ":".join(_KERNEL),
    }
    return "".join(f"%{name} {value}\n" for name, value in macros.items())


def _section(repository: YumRepository, prefixes: Mapping[str, str]) -> str:
    kinds = {
        "baseurl": repository.baseurl,
        "metalink": (repository.metalink,),
        "mirrorlist": (repository.mirrorlist,),
    }

    def written(urls: Iterable[str]) -> str:
        return " ".join(rewrite(url, prefixes) for url in urls)

    lines = [f"{kind}={written(urls)}" for kind, urls in kinds.items() if any(urls)]
    keys = written(repository.keys)
    return repository_section(
        repository.name, [*lines, f"gpgkey={keys}"], signed_index=repository.signed_index
    )
