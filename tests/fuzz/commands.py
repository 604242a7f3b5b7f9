# SPDX-License-Identifier: Apache-2.0
"""The commands that are fuzzed: command lines that need no chroot, and readers that they lack."""

import datetime
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tests.fuzz.box import BOX
from tests.fuzz.mutate import HOSTILE

from xsbuild.capabilities.debindex import read_contents, read_packages
from xsbuild.capabilities.rpmindex import read_rpm_files, read_rpm_packages
from xsbuild.cli import main
from xsbuild.errors import XsbuildError
from xsbuild.sourcepkgs.originals import original
from xsbuild.sources.model import Fetched

# Of what a file decides, the commands that read it; the first prefix counts.
_READERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("project/patches/", ("patches", "patches --json", "check", "plan -d box-1")),
    ("project/debian/", ("render -d box-1 -o out greet", "plan -d box-1", "check")),
    ("project/specs/", ("render -d box-2 -o out greet", "plan -d box-2", "check")),
    ("project/systems/", ("render -d box-1 -o out --all", "render -d box-2 -o out --all", "check")),
    ("project/opam/", ("vendor crier", "vendor crier horn=1.0")),
    ("project/vendor/", ("vendor crier", "check", "fetch crier", "plan -d box-1",
        "render -d box-2 -o out crier")),
    ("project/keys/", ("fetch greet",)),
    ("upstreams/extra.git", ("fetch greet", "bump greet 1.0.0")),
    ("upstreams/horn", ("@source upstreams/horn-1.0.tar.xz", "vendor crier", "fetch crier")),
    ("upstreams/zipped", ("@source upstreams/zipped.zip", "fetch greet")),
    ("upstreams/", ("@source upstreams/greet-1.0.0.tar.gz", "fetch greet", "bump greet 1.0.0")),
    ("index/deb", ("@deb index/deb/Packages index/deb/Contents.gz",)),
    ("index/rpm", ("@rpm index/rpm/repodata",)),
    ("cache/indexes", ("--offline resolve -d box-1 bin(gcc) pkgconfig(nosuch) --refresh",
        "--offline lock -d box-1")),
    ("cache/logs", ("logs -d box-1 greet",)),
    ("cache/store", ("why -d box-1 greet", "why -d box-1 --last", "plan -d box-1")),
    ("config/", ("plan", "clean", "fetch", "graph", "--offline resolve -d box-1 bin(gcc)")),
    ("project/locks/", ("plan -d box-1", "plan -d box-2 --json", "check --locked",
        "providers -d box-1", "resolve -d box-1 -d box-2 bin(gcc)",
        "render -d box-1 -o out --all", "matrix")),
    ("project/distros/", ("distros", "distros --json", "plan -d box-1", "plan -d box-2",
        "render -d box-2 -o out --all", "render -d box-1 -o out --all", "graph -d box",
        "plan -d rbox", "matrix --format gitlab -d box-1")),
)  # fmt: skip
_ALL = (
    "check", "check", "check --todo --locked", "check --json", "plan -d box-1",
    "plan -d box-2 --json", "--verbose plan -d box-1", "build --dry-run -d box-1",
    "render -d box-1 -o out --all", "render -d box-2 -o out --all", "graph -d box-1",
    "graph -d box-2 --format dot", "graph -d box-1 --format mermaid", "providers -d box-1",
    "matrix", "matrix --format github -d box-1", "patches", "fetch", "fetch --json crier",
    "why -d box-1 greet", "why -d box-1 greet zlib", "resolve -d box-1 bin(gcc)",
    "bump greet 1.0.1", "bump crier 2.1", "bump greet 1.0.0", "vendor crier",
    "logs -d box-1 greet", "distros", "--offline lock -d box-1", "--quiet fetch",
    "--offline check -d box-1", "test-install --help",
)  # fmt: skip
# Succeed in the unchanged box, and together import and compile nearly everything.
WARMING = (
    "check", "plan -d box-1", "plan -d box-2 --json", "build --dry-run -d box-1", "fetch",
    "patches", "distros", "render -d box-1 -o out --all", "render -d box-2 -o out --all",
    "graph -d box-1 --format dot", "providers -d box-1", "matrix", "resolve -d box-1 bin(gcc)",
    "bump greet 1.0.0", "vendor crier", "logs -d box-1 greet", "why -d box-1 greet",
    "--offline lock -d box-1", "@rpm index/rpm/repodata", "@source upstreams/greet-1.0.0.tar.gz",
    "@deb index/deb/Packages index/deb/Contents.gz",
)  # fmt: skip
_WORDS = (
    "check", "plan", "render", "graph", "providers", "matrix", "patches", "fetch", "why",
    "resolve", "bump", "vendor", "logs", "distros", "explain", "-d", "--distro", "--json",
    "--all", "--provider", "zlib=build", "zlib=x", "--builder", "pbuilder", "mock", "--quiet",
    "--verbose", "--offline", "--manifest", "components.yaml", "box-1", "box-2", "greet", "crier",
    "greeting", "--help", "--version", "--format", "dot", "--last", "-j", "0", "--dry-run",
    "build", "--explain", "XSB-FILE-TYPE", "--changed-since", "HEAD", "--opam", "opam",
)  # fmt: skip
# Their arguments say where is written, or they need a chroot.
_NEVER = ("render", "build", "shell", "test-install", "doctor", "lock", "clean")


def command_for(chance: random.Random, name: str) -> list[str]:
    """Choose a command that reads a file of the box."""
    commands = next((found for prefix, found in _READERS if name.startswith(prefix)), _ALL)
    return chance.choice(commands).split(" ")


def hostile_command(chance: random.Random) -> list[str]:
    """Make a command line of known and of hostile words."""
    words = chance.choice(_ALL).split(" ")
    for _ in range(chance.randrange(1, 4)):
        # An argument has no NUL, and is what the locale's encoding makes of any other byte.
        new = chance.choice((*_WORDS, *HOSTILE, "a\x1b[31m", "a\x9b", "a\u202e", "a\n", "\udcff"))
        at = chance.randrange(len(words) + 1)
        words[at : at + chance.randrange(2)] = [new.replace("\0", "")]
    named = [word for word in words if word in _NEVER]
    return ["check", *(word for word in words if word not in named)] if named else words


def call(args: Sequence[str]) -> int:
    """Run a command line, or one of the readers, and return its exit status."""
    if args[0] not in _FUNCTIONS:
        return main.run(args)
    try:
        _FUNCTIONS[args[0]](*(BOX / name for name in args[1:]))
    except XsbuildError as error:
        main.complain(error)
        return error.exit_status
    return 0


def _source(archive: Path) -> None:
    tree = BOX / "tmp/tree-1.0"
    original(Fetched(None, archive, archive.name, "0" * 64), tree, datetime.date(2026, 1, 1))


def _deb(packages: Path, contents: Path) -> None:
    _exhaust(read_packages([packages]))
    _exhaust(read_contents([contents]))


def _rpm(repodata: Path) -> None:
    _exhaust(read_rpm_packages([repodata], "x86_64"))
    _exhaust(read_rpm_files([repodata], "x86_64"))


def _exhaust(items: Iterable[object]) -> None:
    deque(items, maxlen=0)


_FUNCTIONS: Mapping[str, Callable[..., None]] = {"@source": _source, "@deb": _deb, "@rpm": _rpm}
