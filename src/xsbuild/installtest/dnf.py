# SPDX-License-Identifier: Apache-2.0
"""The rpm family's package manager on one chroot: the host's dnf(8) and rpm(8)."""

import re
from collections.abc import Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.buildroots.rpmbase import REPOSITORIES
from xsbuild.distros.dnf import HostDnf, host_dnf
from xsbuild.distros.dnf_output import (
    ABORTED,
    FailedScript,
    failed_scripts,
    last_error,
    parse_plan,
    unprovided,
)
from xsbuild.host import process
from xsbuild.installtest.model import (
    LEFT_RUNNING,
    Failure,
    PackagesError,
    Place,
    parse_left_running,
)
from xsbuild.repos.signing import KEY
from xsbuild.repos.yum import REPO, evr

_LINES = 20
# A process namespace of its own shows what scripts leave running.
_APART = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
# rpm(8), "Verify options": what differs, what kind of file it is, its path
_VERIFIED = re.compile(
    r"^(?:missing|[.?\w]{8,9})\s+(?:(?P<kind>[a-z])\s+)?(?P<path>/.*?)(?: \(.*)?$"
)
_FILES = "[%{FILEFLAGS:fflags} %{FILENAMES}\\n]"
_QUERY = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n"


@dataclass(frozen=True, slots=True)
class Dnf:
    """dnf for one chroot.

    Attributes:
        root: the chroot.
        host: the host's dnf, set up for it.
        repository: the repository under test, on the host.
        left_running: the script that names what a command leaves running.
        log: takes all output.
    """

    root: Buildroot
    host: HostDnf
    repository: Path
    left_running: Path
    log: Path

    @property
    def state(self) -> tuple[str, ...]:
        """Paths that rpm, dnf and user creation write; see `PackageManager`."""
        files = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
        users = (f"/etc/{name}-" for name in files)
        folders = ("/var/lib/dnf", "/var/lib/rpm", "/usr/lib/sysimage", "/var/cache", "/var/log")
        return (*folders, *users, "/etc/.pwd.lock", "/etc/.updated", "/var/.updated")

    def update(self) -> None:
        """Read the index and check its signature; see `PackageManager`."""
        self._run("--repo=xsbuild", "--refresh", "makecache")

    def offered(self) -> dict[str, frozenset[str]]:
        """Name → versions of the packages in the repository."""
        return packages_in(self.repository)

    def plan(self, names: Sequence[str]) -> dict[str, str]:
        """Simulate an installation; see `PackageManager`."""
        return parse_plan(self._run("install", "--assumeno", *names, ok=(0, 1)))

    def download(self, names: Sequence[str]) -> None:
        """Fetch the packages for `install`."""
        self._run("install", "--downloadonly", *names)

    def install(self, names: Sequence[str]) -> list[str]:
        """Install packages; see `PackageManager`."""
        return self._change("install", *names)

    def reinstall(self, names: Sequence[str]) -> list[str]:
        """Install the same versions again."""
        return self._change("reinstall", *names)

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove packages; rpm keeps changed configuration as ``.rpmsave``."""
        query = ["--query", "--queryformat", "[%{FILEMODES:perms} %{FILENAMES}\\n]", *names]
        pairs = (line.partition(" ") for line in self.host.rpm(*query).splitlines())
        folders = {path for mode, _, path in pairs if mode.startswith("d")}
        left = self._change("remove", *names)
        self._remove_empty(folders)
        return left

    def _remove_empty(self, folders: set[str]) -> None:
        """Remove directories that rpm left, as it does where packages share them."""
        inner_first = sorted(folders, reverse=True)
        if inner_first:  # most of them are gone, of which find(1) complains
            words = ["find", *inner_first, "-maxdepth", "0", "-type", "d", "-empty", "-delete"]
            self.root.run(words, ok=(0, 1))

    def purge(self, names: Sequence[str]) -> list[str]:
        """Remove packages, and configuration files kept by rpm."""
        there = self.installed().keys() & set(names)
        left = self.remove(sorted(there)) if there else []
        saved = self.root.run(["find", "/", "-xdev", "-name", "*.rpmsave"]).output.splitlines()
        if saved:
            self.root.run(["rm", "--", *saved])
            # rpm could not remove these while its own copies were in them
            self._remove_empty({str(one) for path in saved for one in PurePosixPath(path).parents})
        return left

    def installed(self) -> dict[str, str]:
        """Return installed packages: name → version."""
        lines = self.host.rpm("--query", "--all", "--queryformat", _QUERY).splitlines()
        return dict(line.split("\t") for line in lines if not line.startswith("gpg-pubkey"))

    def files(self, name: str) -> list[str]:
        """Return paths that a package installs."""
        return parse_files(self.host.rpm("--query", "--queryformat", _FILES, name))

    def config_files(self, name: str) -> list[str]:
        """Return a package's configuration files."""
        lines = self.host.rpm("--query", "--configfiles", name).splitlines()
        return [line for line in lines if line.startswith("/")]

    def altered(self, name: str) -> list[str]:
        """Return files that differ from the package's (rpm --verify, configuration excepted)."""
        output = self.host.rpm("--verify", "--nodeps", "--noscripts", name, ok=(0, 1))
        return parse_verified(output)

    def _change(self, *words: str) -> list[str]:
        wrapper = (*_APART, str(self.left_running))
        output = self._run("--cacheonly", *words, wrapper=wrapper)
        # rpm only warns of most scriptlets; those of the distro are not under test
        offered = self.offered()
        failed = [script for script in failed_scripts(output) if script.package in offered]
        if failed:
            raise PackagesError(explain_scripts(failed))
        return parse_left_running(output)

    def _run(self, *words: str, wrapper: tuple[str, ...] = (), ok: tuple[int, ...] = (0,)) -> str:
        with self.log.open("a") as log:
            log.write(f"$ dnf {' '.join(words)}\n")
            try:
                done = self.host.dnf("--setopt=keepcache=1", *words, wrapper=wrapper, ok=ok)
            except process.CommandFailedError as error:
                log.write(error.output)
                raise PackagesError(explain(error.output)) from error
            log.write(done.output)
        if done.status and ABORTED not in done.output:
            raise PackagesError(explain(done.output))
        return done.output


def manager(place: Place) -> Dnf:
    """Set up the package manager of a chroot for the repository under test."""
    repositories = {
        REPO: _repository_at(place.repository, place.served_at or place.repository.as_uri())
    }
    if place.network:
        repositories[REPOSITORIES] = (place.base.path.parent / REPOSITORIES).read_text()
    root = place.root
    host = host_dnf(place.distro, root.path, place.scratch / "dnf", root.namespace, repositories)
    return Dnf(root, host, place.repository, LEFT_RUNNING, place.log)


def _repository_at(repository: Path, address: str) -> str:
    """Return the published ``.repo`` file of a repository that is reached at another address."""
    parser = ConfigParser(interpolation=None)
    parser.read(repository / REPO)
    parser["xsbuild"].update(baseurl=address, gpgkey=f"{address}/{KEY}")
    text = StringIO()
    parser.write(text)
    return text.getvalue()


def packages_in(repository: Path) -> dict[str, frozenset[str]]:
    """Name → versions of the binary packages that a repository's index lists."""
    found: dict[str, frozenset[str]] = {}
    index = createrepo_c.Repomd(str(repository / "repodata/repomd.xml"))
    for record in index.records:
        if record.type != "primary":
            continue
        file = str(repository / record.location_href)
        for package in createrepo_c.PackageIterator(
            primary_path=file, filelists_path=None, other_path=None
        ):
            if package.arch != "src":
                known = found.get(package.name, frozenset())
                found[package.name] = known | {evr(package)}
    return found


def published_at(repository: Path) -> float | None:
    """Return the time in a repository's ``repomd.xml``; see `ManagerFamily`."""
    index = createrepo_c.Repomd(str(repository / "repodata/repomd.xml"))
    times: list[int] = [record.timestamp for record in index.records]
    return max(times, default=None)


def parse_files(output: str) -> list[str]:
    """Read lines of flags and path: the paths without ``%ghost``, which something else makes."""
    pairs = (line.partition(" ") for line in output.splitlines())
    return [path for flags, _, path in pairs if "g" not in flags]


def parse_verified(output: str) -> list[str]:
    """Read the output of ``rpm --verify``: the paths that differ, configuration excepted."""
    matches = (_VERIFIED.match(line) for line in output.splitlines())
    return [match["path"] for match in matches if match and match["kind"] not in ("c", "g")]


def explain_scripts(scripts: Sequence[FailedScript]) -> list[Failure]:
    """Explain scriptlets that failed."""
    return [Failure(script.package, "", script.reason, script.output) for script in scripts]


def explain(output: str) -> list[Failure]:
    """Explain a failure of dnf: failed scriptlets, unmet requirements, or the output's end."""
    if scripts := failed_scripts(output):
        return explain_scripts(scripts)
    missing = unprovided(output)
    if missing:
        return [Failure(package, need, "nothing provides this") for need, package in missing]
    end = "\n".join(output.splitlines()[-_LINES:])
    return [Failure("", "", last_error(output) or "dnf failed", end)]
