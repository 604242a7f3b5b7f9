# SPDX-License-Identifier: Apache-2.0
"""Build with rpmbuild(8) on an overlay over the base and a layer of build dependencies."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xsbuild.buildroots.base_chroots import Base
from xsbuild.buildroots.builder import BuildRequest
from xsbuild.buildroots.buildlog import (
    BUILD,
    DEPENDENCIES,
    PACKAGE,
    TEST,
    UNPACK,
    Markers,
    reported,
)
from xsbuild.buildroots.buildroot import Buildroot, Entry, buildroot
from xsbuild.buildroots.layers import installed
from xsbuild.buildroots.results import INSIDE, gathering, take
from xsbuild.buildroots.rpmbase import TOPDIR, UID, USER
from xsbuild.buildroots.rpmlayer import MARKER, dependencies
from xsbuild.errors import BuildError
from xsbuild.host.files import write_file
from xsbuild.host.namespace import UPPER, Namespace

MARKERS: Markers = (
    MARKER,
    (re.compile(r"^Executing\(%prep\)"), UNPACK),
    (re.compile(r"^Executing\(%(generate_buildrequires|build)\)"), BUILD),
    (re.compile(r"^Executing\(%check\)"), TEST),
    (re.compile(r"^(Executing\(%install\)|Processing files: )"), PACKAGE),
)
# The user of a second build, in the same directory, as build ids (debugedit(1)) depend on it.
_ELSEWHERE_UID = "2345"
_DYNAMIC = re.compile(r"^%generate_buildrequires\b", re.MULTILINE)
# rpmbuild's exit status where generated dependencies are missing (build/rpmbuild.h)
_MISSING = 11
# Generated dependencies may install a generator of further ones; real packages need two rounds.
_ROUNDS = 10


class Dnf:
    """The builder ``dnf``."""

    name = "dnf"

    def options(self) -> dict[str, str]:
        """Return the configuration that can change a result; macros belong to the base."""
        return {"topdir": TOPDIR, "user": USER}

    def build(self, request: BuildRequest, base: Base, step: Callable[[str], None]) -> None:
        """Build a source package: a ``.src.rpm``, or a folder with a spec file and its sources.

        Raises:
            BuildError: the build failed.
        """
        with reported(request, MARKERS, step):
            prepared = prepare(request, base)
            wanted = requirements(request, base, prepared)
            with dependencies(request, base, wanted) as layer:
                if request.proceed(installed(layer)):
                    _compile(request, base, prepared, layer)

    def entry(self, request: BuildRequest, _step: str) -> Entry:
        """Return how to enter the buildroot: as the build user, in rpmbuild's directory."""
        env = {**_environment(request), "RPM_BUILD_NCPUS": str(request.jobs)}
        return Entry(USER, TOPDIR, env, network=False, again="rpmbuild -bb SPECS/*.spec")


def _environment(request: BuildRequest) -> dict[str, str]:
    return {"HOME": "/builddir", "SOURCE_DATE_EPOCH": str(request.epoch)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source package unpacked in rpmbuild's directory.

    Attributes:
        tree: the directory of rpmbuild.
        static: the build requirements of the spec file.
        dynamic: whether it has dynamic build requirements.
        digest: the sha256 of the source package.
    """

    tree: Path
    static: frozenset[str]
    dynamic: bool
    digest: str


def _compile(request: BuildRequest, base: Base, prepared: Prepared, layer: Path) -> None:
    with opened(request, base, request.scratch, layer, tree=prepared.tree) as root:
        # The source package is there, but not with dependencies that were generated. This is what
        # mock does: rpmbuild writes into the packages whether it makes the source package too.
        root.rpmbuild("-ba" if prepared.dynamic else "-bb")
        root.collect()


def prepare(request: BuildRequest, base: Base) -> Prepared:
    """Make the source package, without build dependencies, as mock does."""
    scratch = request.scratch / "source"
    scratch.mkdir()
    with opened(request, base, scratch) as root:
        root.unpack()
        root.rpmbuild("-bs")
        digest, source = root.find("SRPMS", "*.src.rpm", ("sha256sum",)).split()
        tree = scratch / UPPER / TOPDIR[1:]
        return Prepared(tree, root.requirements(source), root.is_dynamic(), digest)


def requirements(request: BuildRequest, base: Base, prepared: Prepared) -> frozenset[str]:
    """Return all build requirements, dynamic ones included; recorded with the first layer."""
    if not prepared.dynamic:
        return prepared.static
    with dependencies(request, base, prepared.static) as first:
        memory = first.parent / f"{prepared.digest}.json"
        if memory.exists():
            return frozenset(json.loads(memory.read_bytes()))
        wanted = _find_out(request, base, prepared)
        write_file(memory, json.dumps(sorted(wanted)))
        return wanted


def _find_out(request: BuildRequest, base: Base, prepared: Prepared) -> frozenset[str]:
    wanted = prepared.static
    for number in range(_ROUNDS):
        scratch = request.scratch / f"generate-{number}"
        scratch.mkdir()
        with (
            dependencies(request, base, wanted) as layer,
            opened(request, base, scratch, layer, tree=prepared.tree) as root,
        ):
            if root.rpmbuild("-br", ok=(0, _MISSING)) != _MISSING:
                return wanted
            (source,) = root.find("SRPMS", "*.buildreqs.nosrc.rpm").split()
            more = root.requirements(source) - wanted
        if not more:
            break
        wanted |= more
    raise BuildError(
        f"{request.component} does not build on {request.distro.title}: "
        "%generate_buildrequires asks for dependencies without an end",
        component=request.component,
        step=DEPENDENCIES,
        log=request.log,
        code="XSB-BUILD-DEPENDENCIES",
    )


@contextmanager
def opened(
    request: BuildRequest, base: Base, scratch: Path, *layers: Path, tree: Path | None = None
) -> Iterator["Root"]:
    """Mount a buildroot, optionally with rpmbuild's directory of another one."""
    with buildroot(base, scratch, *layers) as mounted:
        root = Root(request, mounted)
        if tree:
            root.take(tree)
        yield root


@dataclass(frozen=True, slots=True)
class Root:
    """One buildroot of a build.

    Attributes:
        request: the build request.
        root: its mounted root.
    """

    request: BuildRequest
    root: Buildroot

    @property
    def namespace(self) -> Namespace:
        """The namespace in which it is mounted."""
        return self.root.namespace

    def _place(self, name: str) -> Path:
        """Return a directory of rpmbuild, as the host sees it."""
        return self.root.path / TOPDIR[1:] / name

    def find(self, folder: str, pattern: str, *commands: tuple[str, ...]) -> str:
        """Return the output of commands run on files below one of rpmbuild's directories.

        Args:
            folder: the directory; empty: all.
            pattern: pattern of the file names.
            commands: programs of the host with arguments, to which the paths are appended.
        """
        files = (self._place(folder), "-type", "f", "-name", pattern)
        actions = [word for command in commands for word in ("-exec", *command, "{}", "+")]
        return self.namespace.run("find", *files, *actions)

    def take(self, tree: Path) -> None:
        """Move rpmbuild's directory of another buildroot into this one."""
        how = ("--recursive", "--no-dereference", "--preserve=mode,ownership,timestamps")
        self.namespace.run("cp", *how, f"{tree}/.", self._place(""))
        if self.request.elsewhere:
            self.root.rename_host()
            ids = f"s/^{USER}:x:{UID}:/{USER}:x:{_ELSEWHERE_UID}:/"
            self.namespace.run("sed", "--in-place", ids, self.root.path / "etc/passwd")
            self.namespace.run("chown", "--recursive", _ELSEWHERE_UID, self.root.path / "builddir")

    def unpack(self) -> None:
        """Copy the spec file and the sources to rpmbuild's directories."""
        run, source = self.namespace.run, self.request.source
        if source.is_dir():
            run("cp", "--recursive", "--dereference", f"{source}/.", self._place("SOURCES"))
            specs = [self._place("SOURCES") / spec.name for spec in source.glob("*.spec")]
            run("mv", *specs, self._place("SPECS"))
            # rpm records the times of sources, which would be those of the copies
            time = ("touch", "--no-create", f"--date=@{self.request.epoch}")
            self.find("", "*", ("chown", f"{UID}:{UID}"), ("chmod", "u=rwX,go=rX"), time)
        else:
            inside = self.root.path / "builddir" / source.name
            run("install", "-m", "644", source, inside)
            self._run("rpm", "--install", f"/builddir/{source.name}")

    def collect(self) -> None:
        """Copy the packages to the results."""
        folders = [f"{TOPDIR}/{name}" for name in ("RPMS", "SRPMS")]
        self.root.run(("mkdir", "--parents", *folders, INSIDE))
        self.root.run(gathering(folders, ["*.rpm"]))
        take(self.namespace, self.root.path, self.request.results)

    def is_dynamic(self) -> bool:
        """Return whether the spec file has dynamic build requirements."""
        return bool(_DYNAMIC.search(self.find("SPECS", "*.spec", ("cat",))))

    def _spec(self) -> Path:
        found = self.find("SPECS", "*.spec").split()
        if len(found) == 1:
            return Path(found[0])
        raise BuildError(
            f"{self.request.source} has {len(found) or 'no'} spec files instead of one",
            component=self.request.component,
            step=UNPACK,
            code="XSB-BUILD-SPEC",
        )

    def rpmbuild(self, stage: str, ok: tuple[int, ...] = (0,)) -> int:
        """Run rpmbuild without a network, and return its exit status."""
        spec = Path(TOPDIR, "SPECS", self._spec().name)
        threads = ("--define", f"_smp_build_ncpus {self.request.jobs}")
        return self._run("rpmbuild", stage, *threads, str(spec), ok=ok)

    def _run(self, *command: str, ok: tuple[int, ...] = (0,)) -> int:
        env, log = _environment(self.request), self.request.log
        guard = self.request.guard()
        return self.root.run(command, user=USER, env=env, log=log, ok=ok, guard=guard).status

    def requirements(self, package: str) -> frozenset[str]:
        """Return the build requirements of a source package that `find` returned."""
        inside = f"{TOPDIR}/SRPMS/{Path(package).name}"
        printed = self.root.run(("rpm", "--query", "--requires", "--package", inside)).output
        skipped = ("rpmlib(", "warning: ")
        lines = printed.splitlines()
        return frozenset(line for line in lines if line and not line.startswith(skipped))
