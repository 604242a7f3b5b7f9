# SPDX-License-Identifier: Apache-2.0
"""The deb family's package manager inside a chroot: apt-get(8) and dpkg(1)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path

from debian.deb822 import Deb822

from xsbuild.buildroots.builder import REPOSITORY
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.distros import apt_output
from xsbuild.distros.apt_conf import apt_configuration
from xsbuild.host import process
from xsbuild.installtest.model import Failure, PackagesError, Place, parse_left_running
from xsbuild.repos import apt
from xsbuild.repos.signing import KEY

_SOURCES = "/etc/apt/sources.list.d/xsbuild.sources"
_LEFT_RUNNING = "/xsbuild/left-running"
# The distro's kernel needs no initramfs here; packing one takes up to 80 seconds.
_ENV = {"INITRD": "No"}
_APT = ("apt-get", "--quiet", "--yes")
_INSTALL = ("install", "--no-install-recommends")
_CONFIGURATION = {"DPkg::Use-Pty": "false"}
# dpkg-preconfigure asks questions early, which nobody answers here, and takes seconds.
_CLEARED = "#clear DPkg::Pre-Install-Pkgs;\n"
# Without the network nothing else can be had, and apt is ten times as fast.
_ONLY_OURS = {
    "Dir::Etc::SourceList": _SOURCES,
    "Dir::Etc::SourceParts": "/dev/null",
    "APT::Get::List-Cleanup": "false",
}
_DENIER = "/usr/sbin/policy-rc.d"


@dataclass(frozen=True, slots=True)
class Apt:
    """apt in one chroot.

    Attributes:
        root: the chroot.
        repository: the repository under test, on the host.
        network: whether the network may be used to fetch.
        log: takes all output.
    """

    root: Buildroot
    repository: Path
    network: bool
    log: Path

    state = (
        "/var/lib/apt",
        "/var/lib/dpkg",
        "/var/cache",
        "/var/log/apt",
        "/var/log/dpkg.log",
        "/var/log/alternatives.log",
        *(f"/etc/{name}-" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")),
        "/etc/.pwd.lock",
    )

    def prepare(self, address: str) -> None:
        """Make the repository known as its users do, and keep daemons from starting.

        Args:
            address: the URI at which the chroot reaches it; all else is as published.
        """
        sources = Deb822((self.repository / apt.SOURCES).read_text())
        sources["URIs"] = address
        self._write(_SOURCES, sources.dump().encode())
        self._write(sources["Signed-By"], (self.repository / KEY).read_bytes())
        settings = {**_CONFIGURATION, **({} if self.network else _ONLY_OURS)}
        configuration = _CLEARED + apt_configuration(settings)
        self._write("/etc/apt/apt.conf.d/xsbuild", configuration.encode())
        # policy-rc.d: 101 forbids all actions (policy 9.3.3.2, invoke-rc.d(8))
        self._write(_DENIER, b"#!/bin/sh\nexit 101\n", mode="755")

    def update(self) -> None:
        """Read the indexes; see `PackageManager`."""
        command = [*_APT, "update", "-o", "APT::Update::Error-Mode=any"]
        self._run(command, explain_refusal, network=self.network)

    def offered(self) -> dict[str, frozenset[str]]:
        """Name → versions of the packages in the repository."""
        return packages_in(self.repository)

    def plan(self, names: Sequence[str]) -> dict[str, str]:
        """Simulate an installation; see `PackageManager`."""
        output = self._run([*_APT, *_INSTALL, "--simulate", *names], self._explain_plan)
        return apt_output.parse_plan(output)

    def _explain_plan(self, output: str) -> list[Failure]:
        failures = explain_dependencies(self._causes(output, set()), output)
        if self.network:
            return failures
        offline = "without network only the repository under test was asked"
        return [replace(failure, reason=f"{failure.reason} ({offline})") for failure in failures]

    def _causes(self, output: str, asked: set[str]) -> dict[str, list[str]]:
        """Follow "it is not going to be installed" to the need that nothing fulfils."""
        causes: dict[str, list[str]] = {}
        for package, needs in apt_output.unmet(output).items():
            for need in needs:
                name = apt_output.not_going(need)
                if name in asked:
                    continue
                deeper, version = self._ask(name, asked) if name else ({}, None)
                known = f"{need}; there is {version}" if version else need
                causes |= deeper or {package: [*causes.get(package, []), known]}
        return causes

    def _ask(self, name: str, asked: set[str]) -> tuple[dict[str, list[str]], str | None]:
        """Explain why a package cannot be installed, or state the version that could be."""
        asked.add(name)
        command = [*_APT, *_INSTALL, "--simulate", name]
        output = self.root.run(command, ok=(0, 100)).output
        return self._causes(output, asked), apt_output.parse_plan(output).get(name)

    def download(self, names: Sequence[str]) -> None:
        """Fetch the packages for `install`."""
        command = [*_APT, *_INSTALL, "--download-only", *names]
        self._run(command, explain_refusal, network=self.network)

    def install(self, names: Sequence[str]) -> list[str]:
        """Install packages; see `PackageManager`."""
        return self._change(*_INSTALL, *names)

    def reinstall(self, names: Sequence[str]) -> list[str]:
        """Install the same versions again."""
        return self._change(*_INSTALL, "--reinstall", *names)

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove packages."""
        return self._change("remove", *names)

    def purge(self, names: Sequence[str]) -> list[str]:
        """Remove packages with their configuration."""
        return self._change("purge", *names)

    def installed(self) -> dict[str, str]:
        """Return installed packages: name → version."""
        query = "${db:Status-Abbrev}\t${Package}\t${Version}\n"
        output = self.root.run(["dpkg-query", "--show", "--showformat", query]).output
        records = (line.split("\t") for line in output.splitlines())
        return {name: version for status, name, version in records if status.startswith("ii")}

    def files(self, name: str) -> list[str]:
        """Return paths that a package has; those that another package diverts are not listed."""
        output = self.root.run(["dpkg-query", "--listfiles", name]).output
        return [line for line in output.splitlines() if line.startswith("/") and line != "/."]

    def config_files(self, name: str) -> list[str]:
        """Return a package's conffiles."""
        command = ["dpkg-query", "--show", "--showformat", "${Conffiles}\n", name]
        lines = (line.split() for line in self.root.run(command).output.splitlines())
        return [words[0] for words in lines if words and words[-1] != "obsolete"]

    def altered(self, name: str) -> list[str]:
        """Return files that differ from the package's (dpkg --verify, conffiles excepted)."""
        output = self.root.run(["dpkg", "--verify", name], ok=(0, 1)).output
        return list(_altered(output.splitlines()))

    def _change(self, *words: str) -> list[str]:
        output = self._run([_LEFT_RUNNING, *_APT, *words], explain_transaction)
        return parse_left_running(output)

    def _run(
        self,
        command: Sequence[str],
        explain: Callable[[str], list[Failure]],
        *,
        network: bool = False,
    ) -> str:
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            try:
                output = self.root.run(command, env=_ENV, network=network).output
            except process.CommandFailedError as error:
                log.write(error.output)
                raise PackagesError(explain(error.output)) from error
            log.write(output)
        return output

    def _write(self, path: str, data: bytes, *, mode: str = "644") -> None:
        command = ["install", "-D", "--mode", mode, "/dev/stdin", path]
        process.run(command, within=self.root.words(), stdin=data)


def explain_dependencies(causes: Mapping[str, Sequence[str]], output: str) -> list[Failure]:
    """Return one failure for each need that is not met; the output's end where apt names none."""
    failures = [
        Failure(name, "", f"cannot be installed: {need}")
        for name, needs in causes.items()
        for need in needs
    ]
    return failures or [Failure("", "", "apt cannot install it", apt_output.tail(output))]


def explain_refusal(output: str) -> list[Failure]:
    """Explain why ``apt-get update`` rejects a repository."""
    failures = [Failure("", "", reason) for reason in apt_output.refusals(output)]
    return failures or [
        Failure("", "", "apt cannot read the repositories", apt_output.tail(output))
    ]


def explain_transaction(output: str) -> list[Failure]:
    """Explain a failed installation or removal: packages that dpkg names, with their output."""
    failures = [
        Failure(one.package, "", one.reason, one.output)
        for one in apt_output.broken_packages(output)
    ]
    return failures or [Failure("", "", "apt-get failed", apt_output.tail(output))]


def _altered(lines: Iterable[str]) -> Iterator[str]:
    """Yield paths in the output of ``dpkg --verify``, conffiles excepted.

    A line is ``missing   /path``, ``??5??????   /path`` or, for a conffile, ``??5?????? c /path``.
    """
    for line in lines:
        match line.split(maxsplit=1):
            case [_state, path] if path.startswith("/"):
                yield path


def manager(place: Place) -> Apt:
    """Set up the package manager of a chroot for the repository under test."""
    network = place.network or place.served_at is not None
    made = Apt(place.root, place.repository, network, place.log)
    made.prepare(place.served_at or f"file:{REPOSITORY}")
    return made


def packages_in(repository: Path) -> dict[str, frozenset[str]]:
    """Name → versions of the packages that a repository's indexes list."""
    found: dict[str, frozenset[str]] = {}
    for index in repository.glob("dists/*/*/binary-*/Packages"):
        with index.open("rb") as stream:
            for paragraph in Deb822.iter_paragraphs(stream, use_apt_pkg=False):
                name = paragraph["Package"]
                found[name] = found.get(name, frozenset()) | {paragraph["Version"]}
    return found


def published_at(repository: Path) -> float | None:
    """Return the newest ``Date`` of a repository's Release files; see `ManagerFamily`."""
    dates = []
    for release in repository.glob("dists/*/Release"):
        with release.open("rb") as stream:
            date = Deb822(stream).get("Date", "")
        with suppress(ValueError):
            dates.append(parsedate_to_datetime(date).timestamp())
    return max(dates, default=None)
