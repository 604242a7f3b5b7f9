# SPDX-License-Identifier: Apache-2.0
"""Builds with rpmbuild(8) on an overlay over the base; the host's dnf brings the dependencies."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.hostdnf import HostDnf, host_dnf, private_repository
from xsbuild.buildroots.keeper import Base
from xsbuild.buildroots.progress import BUILD, DEPENDENCIES, PACKAGE, TEST, UNPACK, Markers
from xsbuild.buildroots.report import reported
from xsbuild.buildroots.rpmbase import REPOSITORIES, TOPDIR, USER
from xsbuild.buildroots.session import Buildroot, buildroot
from xsbuild.errors import BuildError

# dnf has no line that always comes first, so the builder writes one.
_INSTALLING = "xsbuild: dnf install"
MARKERS: Markers = (
    (re.compile(f"^{_INSTALLING}"), DEPENDENCIES),
    (re.compile(r"^Executing\(%prep\)"), UNPACK),
    (re.compile(r"^Executing\(%(generate_buildrequires|build)\)"), BUILD),
    (re.compile(r"^Executing\(%check\)"), TEST),
    (re.compile(r"^(Executing\(%install\)|Processing files: )"), PACKAGE),
)
_DYNAMIC = re.compile(r"^%generate_buildrequires\b", re.MULTILINE)
# rpmbuild's exit status where generated dependencies are missing (build/rpmbuild.h)
_MISSING = 11
# Generated dependencies may bring a generator that asks for more; nobody needs more rounds.
_ROUNDS = 10


class Dnf:
    """The builder ``dnf``."""

    name = "dnf"

    def options(self) -> dict[str, str]:
        """What of its configuration can change a result: all of it is in the base's macros."""
        return {"topdir": TOPDIR, "user": USER}

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Builds a source package: a ``.src.rpm``, or a folder with a spec file and its sources.

        Raises:
            BuildError: it did not build; says why.
        """
        with reported(request, MARKERS, step), buildroot(base, request.scratch) as root:
            build = _Build(request, root, _dnf(request, base, root))
            build.unpack()
            build.install_dependencies()
            build.compile()
            build.collect()


def _dnf(request: BuildRequest, base: Base, root: Buildroot) -> HostDnf:
    repositories = {REPOSITORIES: (base.path.parent / REPOSITORIES).read_text()}
    if request.repository is not None:
        repositories["xsbuild.repo"] = private_repository(request.repository)
    home = request.scratch / "dnf"
    return host_dnf(request.distro, root.path, home, root.namespace, repositories)


@dataclass(frozen=True, slots=True)
class _Build:
    """One build in its buildroot."""

    request: BuildRequest
    root: Buildroot
    dnf: HostDnf

    def _place(self, name: str) -> Path:
        """A directory of rpmbuild, as the host sees it."""
        return self.root.path / TOPDIR[1:] / name

    def unpack(self) -> None:
        """Puts the spec file and the sources where rpmbuild looks for them."""
        run, source = self.root.namespace.run, self.request.source
        if source.is_dir():
            run("cp", "--recursive", "--dereference", f"{source}/.", self._place("SOURCES"))
            specs = [self._place("SOURCES") / spec.name for spec in source.glob("*.spec")]
            run("mv", *specs, self._place("SPECS"))
            run("chown", "--recursive", f"--reference={self._place('RPMS')}", self._place(""))
            run("chmod", "--recursive", "u=rwX,go=rX", self._place(""))
            # rpm keeps the times of sources, which are when they were copied
            files = run("find", self._place(""), "-type", "f").split("\n")
            run("touch", "--no-create", f"--date=@{self.request.epoch}", *filter(None, files))
        else:
            inside = self.root.path / "builddir" / source.name
            run("install", "-m", "644", source, inside)
            self._run("rpm", "--install", f"/builddir/{source.name}")

    def install_dependencies(self) -> None:
        """Installs what the spec file asks for, and what it finds out that it needs."""
        self._rpmbuild("-bs")
        wanted = self._requirements("*.src.rpm")
        self._install(wanted)
        if not self._is_dynamic():
            return
        for _round in range(_ROUNDS):
            if self._rpmbuild("-br", ok=(0, _MISSING)) != _MISSING:
                return
            more = self._requirements("*.buildreqs.nosrc.rpm") - wanted
            if not more:
                break
            self._install(more)
            wanted |= more
        raise BuildError(
            f"{self.request.component} does not build on {self.request.distro.title}: "
            "%generate_buildrequires asks for dependencies without an end",
            component=self.request.component,
            step=DEPENDENCIES,
            log=self.request.log,
        )

    def compile(self) -> None:
        """Makes the packages, without a network."""
        # The source package is there, but not with dependencies that were generated. This is what
        # mock does: rpmbuild writes into the packages whether it makes the source package too.
        self._rpmbuild("-ba" if self._is_dynamic() else "-bb")

    def collect(self) -> None:
        """Moves the packages to the results."""
        run = self.root.namespace.run
        run("find", self._place("SRPMS"), "-name", "*.buildreqs.nosrc.rpm", "-delete")
        found = run("find", self._place("RPMS"), self._place("SRPMS"), "-name", "*.rpm")
        run("cp", "--no-preserve=all", "--", *found.split(), self.request.results)

    def _is_dynamic(self) -> bool:
        return bool(_DYNAMIC.search(self.root.namespace.run("cat", self._spec())))

    def _spec(self) -> Path:
        found = self.root.namespace.run("find", self._place("SPECS"), "-name", "*.spec").split()
        if len(found) == 1:
            return Path(found[0])
        raise BuildError(
            f"{self.request.source} has {len(found) or 'no'} spec files instead of one",
            component=self.request.component,
            step=UNPACK,
        )

    def _rpmbuild(self, stage: str, ok: tuple[int, ...] = (0,)) -> int:
        spec = Path(TOPDIR, "SPECS", self._spec().name)
        threads = ("--define", f"_smp_build_ncpus {self.request.jobs}")
        return self._run("rpmbuild", stage, *threads, str(spec), ok=ok)

    def _run(self, *command: str, ok: tuple[int, ...] = (0,)) -> int:
        env = {"HOME": "/builddir", "SOURCE_DATE_EPOCH": str(self.request.epoch)}
        log = self.request.log
        return self.root.run(command, user=USER, env=env, log=log, ok=ok).status

    def _requirements(self, pattern: str) -> set[str]:
        packages = self.root.namespace.run("find", self._place("SRPMS"), "-name", pattern).split()
        printed = self.dnf.rpm("--query", "--requires", "--package", *packages)
        skipped = ("rpmlib(", "warning: ")
        return {line for line in printed.splitlines() if line and not line.startswith(skipped)}

    def _install(self, requirements: set[str]) -> None:
        with self.request.log.open("a") as log:
            log.write(f"{_INSTALLING} {', '.join(sorted(requirements))}\n")
        if requirements:
            self.dnf.dnf("install", *sorted(requirements), log=self.request.log)
