# SPDX-License-Identifier: Apache-2.0
"""A machine of its own for `xsbuild build`, where it can be killed at any moment.

A private namespace: every process and every mount in it is xsbuild's, so whatever is left is seen.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from debian.deb822 import Packages

from person import Person
from xsbuild.host.namespace import Namespace, private_namespace
from xsbuild.store.history import History
from xsbuild.store.store import Store

DISTRO = "debian-13"
# One component that fetches, one that needs it: nothing to compile, all the rest is real.
_MANIFEST = """\
product:
  name: verses
  title: Verses
  homepage: https://example.org/verses
  license: MIT
  maintainer: Nobody <nobody@example.org>
  version: 1.0.0
  date: 2026-11-22
meta-packages:
  verses: {summary: All verses, description: All of them., requires: [poem]}
components:
  words:
    summary: Words
    description: Words to write with.
    homepage: https://example.org/words
    license: MIT
    copyright: [2026 Nobody]
    version: "1"
    section: misc
    sources: [{local: words}, {name: more, url: "file://MORE", sha256: "HASH"}]
    build: {system: none}
    packages: {words: {architecture: all, install: [{source: "*.txt", to: "{datadir}/words"}]}}
    changelog: [{version: "1-1", date: 2026-11-22, changes: [First]}]
  poem:
    summary: Poem
    description: A poem of words.
    homepage: https://example.org/poem
    license: MIT
    copyright: [2026 Nobody]
    version: "1"
    section: misc
    sources: [{local: poem}]
    build: {system: none, requires: [words]}
    packages: {poem: {architecture: all, install: [{source: "*.txt", to: "{datadir}/poem"}]}}
    changelog: [{version: "1-1", date: 2026-11-22, changes: [First]}]
"""
_SECONDS = 300  # after which xsbuild counts as hanging


@dataclass
class Machine:
    """A project, its user's home, and the namespace that they are in.

    Attributes:
        folder: has both.
        namespace: where xsbuild runs.
        mounts: what is mounted there while it does not.
        components: what is built there.
        phases: in which step it was killed, how often.
    """

    folder: Path
    namespace: Namespace
    mounts: str = ""
    components: tuple[str, ...] = ("words", "poem")
    phases: dict[str, int] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def store(self) -> Store:
        return Store(self.cache / "store")

    @property
    def published(self) -> Path:
        return self.folder / "project/dist" / DISTRO

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Starts the command."""
        person = Person(self.folder, self.folder / "project/components.yaml")
        return subprocess.Popen(
            [*self.namespace.enter, *person.command(*words)],
            env={**person.environment, "TMPDIR": str(self.folder / "tmp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """Runs the command to its end; its exit status and what it printed."""
        return ended(self.start(*words))

    def build(self) -> subprocess.Popen[str]:
        return self.start("-v", "build", "-d", DISTRO, "-j2", "--json", *self.components)

    def write(self, component: str, text: str) -> None:
        """Changes what a component is made of."""
        (self.folder / f"project/{component}/{component}.txt").write_text(text)

    def forget(self) -> None:
        """Removes everything that was ever made but the base chroots."""
        for path in self.cache.iterdir():
            if path.name != "bases":
                shutil.rmtree(path)
        for name in ("data", "project/dist"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def forget_bases(self) -> None:
        """Removes the base chroots, so that the next build makes one."""
        bases = self.cache / "bases"
        if bases.is_symlink():  # other tests' too
            bases.unlink()
        else:
            shutil.rmtree(bases)

    def is_clean(self) -> bool:
        """Whether the kernel has ended and unmounted everything."""
        processes = [name for name in self.namespace.run("ls", "/proc").split() if name.isdigit()]
        return len(processes) == 2 and self._mounts() == self.mounts  # the holder, and `ls` itself

    def _mounts(self) -> str:
        return Path(f"/proc/{self.namespace.pid}/mounts").read_text()

    def leftovers(self) -> list[str]:
        """Locks and temporary directories; whatever is kept on purpose is none."""
        own = ("store/new", "store/locks", "layers/new", "work")
        paths = [path for name in own for path in (self.cache / name).glob("*")]
        paths += [*self.cache.glob("layers/*.lock"), *(self.folder / "tmp").iterdir()]
        paths += self.cache.glob("bases/*/new-*")
        paths += (self.folder / "project/dist/.versions").glob("*/new/*")
        paths += (self.folder / "project/dist/.versions").glob("*.lock")
        paths += [*self.folder.glob("data/xsbuild/gnupg.new/*"), *self.folder.rglob(".*.new")]
        paths += self.folder.glob("data/xsbuild/*.lock")
        return [str(path) for path in paths if path.name != "failed"]

    def done(self) -> dict[str, int]:
        """Key → inode of what is whole in the store."""
        keys = (path.parent.name for path in self.store.root.glob("??/*/result.json"))
        return {
            key: self.store.root.joinpath(key[:2], key).stat().st_ino
            for key in keys
            if not self.store.verify(key)
        }

    def check_published(self) -> None:
        """A reader of the repository gets what its indexes promise."""
        if not self.published.exists():
            return
        index = self.published / f"dists/{DISTRO}/main/binary-amd64/Packages"
        for package in Packages.iter_paragraphs(index.read_text(), use_apt_pkg=False):
            data = (self.published / package["Filename"]).read_bytes()
            assert sha256(data).hexdigest() == package["SHA256"], package["Filename"]

    def phase(self) -> str:
        """What a running build does, as its events tell."""
        for events in (self.cache / "work").glob("*/events.jsonl"):
            lines = events.read_text().splitlines()
            if lines and lines[-1].endswith("}"):
                last = json.loads(lines[-1])
                return str(last["text"].partition(":")[0] or last["kind"])
        return "before or after the builds"


@contextmanager
def machine(folder: Path, bases: Path) -> Iterator[Machine]:
    """Makes one in an empty directory, with base chroots made before."""
    for name in ("cache", "tmp", "project/words", "project/poem", "project/locks"):
        (folder / name).mkdir(parents=True)
    (folder / "cache/bases").symlink_to(bases)
    more = folder / "more-1.tar.gz"
    with tarfile.open(more, "w:gz") as archive:
        archive.add(__file__, "more-1/more.txt")
    text = _MANIFEST.replace("MORE", str(more))
    digest = sha256(more.read_bytes()).hexdigest()
    (folder / "project/components.yaml").write_text(text.replace("HASH", digest))
    (folder / "project/words/words.txt").write_text("words\n")
    (folder / "project/poem/poem.txt").write_text("a poem\n")
    with private_namespace() as namespace:
        made = Machine(folder, namespace)
        made.mounts = made._mounts()
        yield made


def ended(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Waits for a command."""
    out, err = running.communicate(timeout=_SECONDS)
    assert "Traceback" not in err, err
    return running.returncode, out, err


def tree(pid: int) -> list[int]:
    """A process with all its descendants, the eldest first."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue  # it has just ended
    return found


def kill_someone(running: subprocess.Popen[str], chance: random.Random) -> str:
    """SIGKILL for xsbuild or, as often, one of its descendants; returns who it was."""
    pids = tree(running.pid)[1:]  # the first enters the namespace and is not xsbuild's
    if not pids:
        return ""
    pid = pids[0] if chance.random() < 0.5 else chance.choice(pids)
    try:
        name = "xsbuild" if pid == pids[0] else Path(f"/proc/{pid}/comm").read_text().strip()
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return ""
    return name


def kill_a_build(there: Machine, chance: random.Random, seconds: float) -> str:
    """Starts a build and kills at a random moment; checks that nothing runs on or is published.

    Args:
        seconds: how long a build takes.

    Returns:
        Who was killed and when, for people; empty where it had ended before.
    """
    before = there.done()
    running = there.build()
    threading.Event().wait(chance.uniform(0, seconds))
    phase, victim = there.phase(), kill_someone(running, chance)
    status, out, err = ended(running)
    assert status in (0, 1, 137, -signal.SIGKILL), out + err
    wait = threading.Event()
    for _ in range(200):
        if there.is_clean():
            break
        wait.wait(0.05)
    assert there.is_clean()
    there.check_published()
    assert before.items() <= there.done().items()
    if not victim:
        return ""
    there.phases[phase] = there.phases.get(phase, 0) + 1
    return f"{victim} in {phase}"


def check_a_plain_run(there: Machine) -> None:
    """Runs a build: it succeeds, does nothing twice, leaves nothing and publishes what is right."""
    before = there.done()
    status, out, err = ended(there.build())
    assert status == 0, out + err
    rows = {row["target"]: row["result"] for row in json.loads(out)["targets"]}
    for component in there.components:
        key = History(there.store).key(f"{component}@{DISTRO}")
        wanted = "up to date" if key in before else "built"
        assert rows[component] == wanted, f"{rows}\n{err}"
    after = there.done()
    assert before.items() <= after.items()
    assert there.is_clean()
    left = there.leftovers()
    assert left == [], left
    assert there.published.exists()
    there.check_published()
