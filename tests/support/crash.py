# SPDX-License-Identifier: Apache-2.0
"""Kills a process at each of the points where it changes the file system."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator

# Forked from a process without threads that has imported what takes long.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["xsbuild.store.store", "xsbuild.repos.apt"])
_CHANGES = ("os.mkdir", "os.link", "os.symlink", "os.rename", "os.remove", "os.rmdir", "os.chmod")


def killed_everywhere(call: Callable[[], object], *, step: int = 1) -> Iterator[int]:
    """Runs a call in processes of its own, each killed (SIGKILL) a change later, until one ends.

    Args:
        call: picklable.
        step: how many changes later.

    Yields:
        After each process that was killed: how many changes it had made.
    """
    changes = 0
    while (status := _exit_status(call, changes)) == -signal.SIGKILL:
        yield changes
        changes += step
    assert status == 0


def _exit_status(call: Callable[[], object], changes: int) -> int | None:
    child = PROCESSES.Process(target=_run, args=(call, changes))
    child.start()
    child.join()
    return child.exitcode


def _run(call: Callable[[], object], changes: int) -> None:
    left = changes

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _CHANGES or (event == "open" and _creates(arguments[2])):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
    call()


def _creates(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & os.O_CREAT)
