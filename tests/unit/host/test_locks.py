# SPDX-License-Identifier: Apache-2.0
"""Locks between processes and threads, and work folders that end with their owner."""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import pytest

from crash import PROCESSES, killed_everywhere
from ordinary_user import as_ordinary_user
from xsbuild.host import process
from xsbuild.host.locks import file_lock, free_lasting_lock, free_lock, lasting_lock
from xsbuild.host.scratch import owned_folder, sweep

Holder = Callable[[], AbstractContextManager[object]]


def hold_until_killed(hold: Holder, held: Connection) -> None:
    """Says when something is held, and holds it."""
    with hold():
        held.send(True)
        signal.pause()


def kill_holder(hold: Holder) -> None:
    """Has a process hold something and kills it (SIGKILL) while it does."""
    receiver, sender = PROCESSES.Pipe()
    child = PROCESSES.Process(target=hold_until_killed, args=(hold, sender))
    child.start()
    assert receiver.recv()
    child.kill()
    child.join()


def add_one(counter: Path, lock: Path) -> None:
    """A read and a write that lose counts unless a lock is held."""
    with file_lock(lock):
        counter.write_text(str(int(counter.read_text()) + 1))


def add_many(counter: Path, lock: Path) -> None:
    """Counts to ten in each of two threads."""
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(add_one, counter, lock) for _ in range(20)]:
            future.result()


def test_a_lock_is_exclusive_between_processes_and_threads(tmp_path: Path) -> None:
    counter, lock = tmp_path / "counter", tmp_path / "lock"
    counter.write_text("0")
    children = [PROCESSES.Process(target=add_many, args=(counter, lock)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert counter.read_text() == "40"
    assert not lock.exists()


def test_who_waits_is_told_once_and_gets_the_lock(tmp_path: Path) -> None:
    lock, waits, told = tmp_path / "lock", Event(), []

    def waiting() -> None:
        told.append(True)
        waits.set()

    def take() -> bool:
        with file_lock(lock, waiting=waiting):
            return True

    with ThreadPoolExecutor(1) as pool:
        with file_lock(lock), free_lock(lock) as free:
            assert not free
            other = pool.submit(take)
            assert waits.wait(10)
            assert not other.done()
        assert other.result(10)
    assert told == [True]
    assert not lock.exists()


def children_named(name: str) -> list[int]:
    """This process's children that run a program."""
    lists = Path("/proc/self/task").glob("*/children")
    pids = [int(pid) for text in lists for pid in text.read_text().split()]
    return [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() == name]


def test_who_waits_can_be_stopped(tmp_path: Path) -> None:
    lock, waits = tmp_path / "lock", Event()

    def take() -> None:
        with file_lock(lock, waiting=waits.set):
            raise AssertionError

    with file_lock(lock), ThreadPoolExecutor(1) as pool:
        other = pool.submit(take)
        assert waits.wait(10)
        while not (children := children_named("flock")):
            assert not other.done()
        os.kill(children[0], signal.SIGTERM)
        assert isinstance(other.exception(10), process.CommandFailedError)


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    kill_holder(partial(file_lock, lock))
    with free_lock(lock) as free:
        assert free
    assert not lock.exists()


def test_an_owned_folder_goes_with_its_block(tmp_path: Path) -> None:
    with owned_folder(tmp_path / "work") as folder:
        (folder / "file").write_text("x")
        assert sweep(tmp_path / "work") == []
        assert (folder / "file").read_text() == "x"
    assert list((tmp_path / "work").iterdir()) == []


def test_sweep_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    kill_holder(partial(owned_folder, tmp_path))
    with owned_folder(tmp_path) as mine:
        (left,) = (path for path in tmp_path.iterdir() if path.is_dir() and path != mine)
        assert sweep(tmp_path) == [left]
        assert mine.is_dir()
        assert not left.exists()


def make_and_leave(parent: Path) -> None:
    """Uses an owned folder as a task does."""
    with owned_folder(parent) as folder:
        (folder / "a").mkdir()
        (folder / "a" / "b").touch()


def test_sweep_leaves_nothing_wherever_the_owner_was_killed(tmp_path: Path) -> None:
    for _ in killed_everywhere(partial(make_and_leave, tmp_path)):
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == []


LEAVE_FOREIGN_FILES = """
import os, signal, sys
from pathlib import Path
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace
from xsbuild.host.scratch import owned_folder

with owned_folder(Path(sys.argv[1])) as folder, private_namespace() as namespace:
    namespace.run("mkdir", folder / "root", folder / "root" / "etc")
    namespace.run("chown", "--recursive", "100:100", folder / "root")
    namespace.run("chmod", "0700", folder / "root")
    os.kill(os.getpid(), signal.SIGKILL)
"""
SWEEP = """
import sys
from pathlib import Path
from xsbuild.host.scratch import sweep
print(len(sweep(Path(sys.argv[1]))), *Path(sys.argv[1]).iterdir())
"""


def test_an_ordinary_user_sweeps_files_of_subordinate_ids(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    left = as_ordinary_user([sys.executable, "-c", LEAVE_FOREIGN_FILES, home / "work"], home)
    assert left.status in (-signal.SIGKILL, 128 + signal.SIGKILL), left.output
    owners = {path.stat().st_uid for path in (home / "work").glob("*/root/etc")}
    assert owners
    assert os.geteuid() not in owners
    swept = as_ordinary_user([sys.executable, "-c", SWEEP, home / "work"], home)
    assert swept.output.split() == ["1"]


def place_of(folder: Path, kind: str) -> Path:
    """What a lasting lock is taken of."""
    return folder if kind == "directory" else folder / "lock"


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_lasting_lock_excludes_others_and_its_file_stays(kind: str, tmp_path: Path) -> None:
    place = place_of(tmp_path, kind)
    with lasting_lock(place):
        with free_lasting_lock(place) as free:
            assert not free
        assert place.exists()
    with free_lasting_lock(place) as free:
        assert free
    assert place.exists()


def test_a_lasting_lock_can_be_shared(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    with (
        lasting_lock(place, shared=True),
        lasting_lock(place, shared=True),
        free_lasting_lock(place) as free,
    ):
        assert not free


def test_who_waits_for_a_lasting_lock_says_so_once(tmp_path: Path) -> None:
    place, waits, said = tmp_path / "lock", Event(), []

    def wait() -> None:
        with lasting_lock(place, waiting=waits.set):
            said.append("held")

    with ThreadPoolExecutor(1) as pool:
        with lasting_lock(place):
            future = pool.submit(wait)
            assert waits.wait(timeout=60)
            assert not said
        future.result()
    assert said == ["held"]


def test_a_killed_process_holds_no_lasting_lock(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    kill_holder(partial(lasting_lock, place))
    with free_lasting_lock(place) as free:
        assert free
