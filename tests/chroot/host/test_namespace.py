# SPDX-License-Identifier: Apache-2.0
"""Private namespaces end with the process that holds them, however it ends."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ordinary_user import as_ordinary_user
from xsbuild.errors import XsbuildError
from xsbuild.host import process
from xsbuild.host.namespace import overlay, private_namespace

SECONDS = 20

# Holds a namespace with an overlay in it and waits for a long command, as a build does.
HOLDER = """
import sys
from pathlib import Path
from xsbuild.host import process
from xsbuild.host.namespace import overlay, private_namespace

scratch, lower, started = map(Path, sys.argv[1:])
with private_namespace() as namespace:
    root = overlay(namespace, lower, scratch)
    print(namespace.pid, flush=True)
    namespace.run("setsid", "--fork", "sleep", "10000")
    shell = f"cd {root}; sleep 10000 & echo > {started}; wait"
    process.run(["sh", "-c", shell], within=namespace.enter)
"""
# The same without waiting; says what an ordinary user sees.
LOOK = """
import os, sys
from pathlib import Path
from xsbuild.host.namespace import overlay, private_namespace

lower, scratch = Path("lower").resolve(), Path("scratch").resolve()
lower.mkdir(); scratch.mkdir(); (lower / "old").write_text("old")
with private_namespace() as namespace:
    root = overlay(namespace, lower, scratch)
    namespace.run("chown", "33:33", root / "old")
    print(os.getuid(), namespace.run("stat", "--format=%u:%g", root / "old"))
"""

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
]


def _processes_of(pid: int) -> list[int]:
    """Every process in the process namespace of one."""
    wanted = Path(f"/proc/{pid}/ns/pid").readlink()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "ns/pid").readlink() == wanted:
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended
    return found


def _wait_for_end(descriptors: list[int]) -> list[int]:
    """Waits until processes have ended; returns those that have not."""
    left = list(descriptors)
    while left:
        ended, _, _ = select.select(left, [], [], SECONDS)
        if not ended:
            break
        left = [descriptor for descriptor in left if descriptor not in ended]
    return left


def test_kill_9_leaves_no_process_and_no_mount(tmp_path: Path) -> None:
    scratch, lower, started = tmp_path / "scratch", tmp_path / "lower", tmp_path / "started"
    scratch.mkdir()
    lower.mkdir()
    os.mkfifo(started)
    command = [sys.executable, "-c", HOLDER, *map(str, (scratch, lower, started))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        init = int(holder.stdout.readline())
        started.read_text()
        assert str(scratch) in Path(f"/proc/{init}/mountinfo").read_text()
        inside = _processes_of(init)
        descriptors = [os.pidfd_open(pid) for pid in inside]
        holder.send_signal(signal.SIGKILL)
    assert len(inside) >= 4  # the init, the daemon, the shell and its sleep
    assert _wait_for_end(descriptors) == []
    for descriptor in descriptors:
        os.close(descriptor)
    assert str(scratch) not in Path("/proc/self/mountinfo").read_text()


def test_leaving_ends_daemons_and_the_base_stays_as_it_was(tmp_path: Path) -> None:
    scratch, lower = tmp_path / "scratch", tmp_path / "lower"
    scratch.mkdir()
    lower.mkdir()
    (lower / "old").write_text("old")
    with private_namespace() as namespace:
        root = overlay(namespace, lower, scratch)
        namespace.run("rm", root / "old")
        namespace.run("touch", root / "new")
        assert namespace.run("ls", root) == "new\n"
        assert not (root / "new").exists()  # not mounted on the host
        namespace.run("setsid", "--fork", "sleep", "10000")
        inside = [os.pidfd_open(pid) for pid in _processes_of(namespace.pid)]
    assert len(inside) == 2
    assert _wait_for_end(inside) == []
    assert [path.name for path in lower.iterdir()] == ["old"]


def test_an_orphan_is_reaped(tmp_path: Path) -> None:
    done = tmp_path / "done"
    os.mkfifo(done)
    with private_namespace() as namespace:
        namespace.run("setsid", "--fork", "sh", "-c", f"echo > {done}")
        done.read_text()
        states = namespace.run("ps", "-e", "-o", "stat=").split()
    assert not [state for state in states if state.startswith("Z")]


def test_the_hosts_name_is_not_seen() -> None:
    with private_namespace() as namespace:
        assert namespace.run("hostname") == "localhost\n"


def test_an_ordinary_user_is_root_inside_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    seen = as_ordinary_user([sys.executable, "-c", LOOK], home, ok=(0,)).output
    uid, owner = seen.split()
    assert uid != "0"
    assert owner == "33:33"


def test_without_subordinate_ids_it_says_how_to_get_some(tmp_path: Path) -> None:
    become = ["setpriv", "--reuid=61235", "--regid=61235", "--clear-groups", "--"]
    code = (
        "from xsbuild.host.namespace import private_namespace\n"
        "from xsbuild.errors import XsbuildError\n"
        "try:\n with private_namespace(): pass\n"
        "except XsbuildError as error: print(error, error.hint)\n"
    )
    output = process.run([*become, sys.executable, "-c", code], cwd=tmp_path.parents[-1]).output
    assert "no private namespace can be made" in output
    assert "--add-subuids" in output


def test_a_holder_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    command = ["ls", str(tmp_path / "missing")]
    with pytest.raises(XsbuildError, match="missing"), process.hold(command):
        pytest.fail("it is not held")
