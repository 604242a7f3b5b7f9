# SPDX-License-Identifier: Apache-2.0
"""The one door to subprocesses: isolation from the host, explained failures, no orphans."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from xsbuild.errors import MissingToolError
from xsbuild.host import process
from xsbuild.host.process import CommandFailedError, run

PYTHON = sys.executable


def test_nothing_of_the_hosts_environment_leaks_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LANG", "TZ", "HOME", "USER", "DEB_BUILD_OPTIONS", "PYTHONPATH"):
        monkeypatch.setenv(name, "leaked")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    output = run(["/usr/bin/env"]).output
    assert "leaked" not in output
    assert "LC_ALL=C.UTF-8" in output
    assert "TZ=UTC" in output
    assert "https_proxy=http://proxy:3128" in output  # without it nothing can be fetched


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077])
def test_the_umask_does_not_leak_in(umask: int) -> None:
    before = os.umask(umask)
    try:
        assert run(["sh", "-c", "umask"]).output == "0022\n"
    finally:
        os.umask(before)


def test_standard_input_is_closed_unless_given() -> None:
    assert run(["cat"]).output == ""
    assert run(["cat"], stdin=b"given").output == "given"


def test_arguments_are_never_a_shells() -> None:
    assert run(["echo", "$HOME; `id`", "*"]).output == "$HOME; `id` *\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import sys; sys.exit(3)", "failed with exit status 3"),
        ("import sys; sys.exit(127)", "a program it needs is not installed"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
        ("import os; os.kill(os.getpid(), 11)", "was killed by SIGSEGV"),
    ],
)
def test_an_exit_status_is_explained(code: str, text: str) -> None:
    with pytest.raises(CommandFailedError, match=text):
        run([PYTHON, "-c", code])


def test_a_failure_shows_the_last_lines_and_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("from an earlier command\n")
    code = "for i in range(100): print('line', i)\nraise SystemExit(1)"
    with pytest.raises(CommandFailedError) as error:
        run([PYTHON, "-c", code], log=log)
    assert "line 99" in str(error.value)
    assert "line 79" not in str(error.value)
    assert "earlier" not in error.value.output
    assert str(log) in (error.value.hint or "")
    assert log.read_text().startswith("from an earlier command\nline 0\n")


def test_an_accepted_status_is_no_failure() -> None:
    assert run(["false"], ok=(0, 1)).status == 1


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_PATH", "/nonexistent")
    with pytest.raises(MissingToolError) as error:
        run(["mmdebstrap", "--version"])
    assert "mmdebstrap is not installed" in str(error.value)
    assert "package mmdebstrap" in (error.value.hint or "")


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    """SIGKILL leaves the parent no chance to clean up; the kernel does it."""
    code = (
        "from xsbuild.host.process import run\n"
        f"run(['{PYTHON}', '-c', 'import os, sys, time; print(os.getpid(), flush=True);"
        f" time.sleep(600)'], log=__import__('pathlib').Path({str(tmp_path / 'log')!r}))"
    )
    parent = subprocess.Popen([PYTHON, "-c", code])
    child = wait_for_pid(tmp_path / "log")
    parent.kill()
    parent.wait()
    assert wait_until_gone(child)


def test_kill_children_ends_those_of_every_thread(tmp_path: Path) -> None:
    ended: list[int] = []

    def sleep(name: str) -> None:
        try:
            run([PYTHON, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"],
                log=tmp_path / name)  # fmt: skip
        except CommandFailedError as error:
            ended.append(error.status)

    threads = [threading.Thread(target=sleep, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for name in "ab":
        wait_for_pid(tmp_path / name)
    process.kill_children()
    for thread in threads:
        thread.join(10)
    assert ended == [-signal.SIGTERM, -signal.SIGTERM]


def wait_for_pid(log: Path) -> int:
    event = threading.Event()
    for _ in range(1000):
        if log.exists() and log.read_text().endswith("\n"):
            return int(log.read_text())
        event.wait(0.01)
    raise AssertionError("the child did not start")


def wait_until_gone(pid: int) -> bool:
    event = threading.Event()
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        event.wait(0.01)
    return False
