# SPDX-License-Identifier: Apache-2.0
"""Run subprocesses; every command of xsbuild is run here.

Argument lists only; standard input closed, a fixed locale, time zone and umask, an explicit
environment; output goes to a log or is captured; an exit status that was not expected is explained
here, once. Children die with this process, however it dies: `setpriv --pdeathsig` asks the kernel
for it.
"""

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from xsbuild.errors import MissingToolError, XsbuildError
from xsbuild.host.tools import package_of

COMMAND_NOT_FOUND = 127
TAIL_LINES = 20
UMASK = 0o022  # modes of files in packages follow from it
# Called with the process id of a running command, again and again; what it raises ends the command.
Guard: TypeAlias = Callable[[int], None]

# Variables passed to every child: how to reach the network.
_INHERITED = (
    "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
)  # fmt: skip
_GUARD_SECONDS = 0.2
_GRACE_SECONDS = 10
_LINE_BYTES = 200  # of a command line in a message
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PDEATHSIG = ("/usr/bin/setpriv", "--pdeathsig", "KILL", "--")


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended with an accepted exit status.

    Attributes:
        args: the command, without the prefix of this module or a namespace.
        status: its exit status; negative for a signal.
        output: standard output and standard error; empty where they went to a log.
    """

    args: tuple[str, ...]
    status: int
    output: str


class CommandFailedError(XsbuildError):
    """A command ended with an exit status that is not accepted.

    Attributes:
        args_: the command.
        status: its exit status; negative for a signal.
        output: the last lines it printed.
        log: the log with its whole output, if there is one.
    """

    def __init__(
        self, args: Sequence[str], status: int, output: str, log: Path | None = None
    ) -> None:
        tail = "\n".join(output.rstrip().splitlines()[-TAIL_LINES:])
        text = f"{args[0]} {describe_status(status)}"
        super().__init__(
            f"{text}\n{tail}" if tail else text,
            hint=f"full log: {log}" if log else None,
            code="XSB-HOST-COMMAND",
        )
        self.args_ = tuple(args)
        self.status = status
        self.output = output
        self.log = log


def describe_status(status: int) -> str:
    """Describe an exit status in words, signals by name."""
    if status < 0:
        try:
            return f"was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"was killed by signal {-status}"
    if status == COMMAND_NOT_FOUND:
        return "failed: a program it needs is not installed (exit status 127)"
    return f"failed with exit status {status}"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment of a child: fixed, plus proxies and `extra`."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    fixed = {
        "PATH": _PATH,
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "",
        "TZ": "UTC",
        "HOME": "/nonexistent",
    }
    return {**inherited, **fixed, **(extra or {})}


def run(
    args: Sequence[str | Path],
    *,
    within: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    log: Path | None = None,
    ok: Collection[int] = (0,),
    guard: Guard | None = None,
) -> Completed:
    """Run a command to its end.

    Args:
        args: the command as an argument list.
        within: a command prefix that enters a namespace or changes the user; () for the host.
        env: added to the fixed environment (see `environment`).
        cwd: its working directory.
        stdin: its standard input; None: empty.
        log: a file to which its output is appended; None: captured and returned.
        ok: exit statuses that are no failure.
        guard: called five times a second with the command's process id; not with `stdin`.

    Raises:
        MissingToolError: the program is not installed.
        CommandFailedError: its exit status is not in `ok`.
        Whatever `guard` raises, once the command has ended.
    """
    words = tuple(str(arg) for arg in args)
    with tempfile.TemporaryFile() as buffer:
        if log is None:
            status = _wait(words, within, env, cwd, stdin, buffer.fileno(), guard)
            buffer.seek(0)
            output = buffer.read().decode(errors="replace")
        else:
            with log.open("ab") as stream:
                start = stream.tell()
                status = _wait(words, within, env, cwd, stdin, stream.fileno(), guard)
            output = "" if status in ok else _tail(log, start)
    if status not in ok:
        raise CommandFailedError(words, status, output, log)
    return Completed(words, status, output)


def _wait(
    words: tuple[str, ...],
    within: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    stdin: bytes | None,
    output: int,
    guard: Guard | None,
) -> int:
    command = [*_PDEATHSIG, *within, *words]
    if not within:
        require(words[0])
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=output,
        stderr=output,
        cwd=cwd,
        env=environment(env),
        umask=UMASK,
    ) as child:
        try:
            if guard is None:
                child.communicate(stdin)
            else:
                _wait_guarded(child, guard)
        except BaseException:
            child.kill()
            raise
        return child.returncode


def _wait_guarded(child: subprocess.Popen[bytes], guard: Guard) -> None:
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GUARD_SECONDS)
            return
        try:
            guard(child.pid)
        except XsbuildError:
            _end(child)
            raise


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a command and all that it has started."""
    handles = []
    for pid in _tree(child.pid):
        with suppress(ProcessLookupError):
            handles.append(os.pidfd_open(pid))
    child.terminate()  # mock(1) unmounts what it has mounted
    with suppress(subprocess.TimeoutExpired):
        child.wait(_GRACE_SECONDS)
    for handle in handles:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], _GRACE_SECONDS)  # readable once it has ended
        os.close(handle)


class HolderFailedError(XsbuildError):
    """A command meant to keep running ended at once."""


@contextmanager
def hold(args: Sequence[str | Path]) -> Iterator[int]:
    """Keep a command running during a block, as one that holds a namespace open.

    Args:
        args: a command that ends in ``cat``: it is ready once ``cat`` echoes its input, and
            ends when its standard input is closed.

    Yields:
        Its process id.

    Raises:
        HolderFailedError: it ended before it was ready.
    """
    require(str(args[0]))
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [*_PDEATHSIG, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            bufsize=0,
            umask=UMASK,
            # Ctrl-C goes to what runs inside; the holder ends when its block does.
            start_new_session=True,
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError):
            child.stdin.write(b"\n")
        if child.stdout.read(1) != b"\n":
            errors.seek(0)
            message = errors.read().decode(errors="replace").strip()
            raise HolderFailedError(
                message or f"{args[0]} {describe_status(child.wait())}", code="XSB-HOST-COMMAND"
            )
        yield child.pid


def interact(
    args: Sequence[str | Path], *, within: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> int:
    """Run an interactive command and return its exit status."""
    command = [*_PDEATHSIG, *within, *map(str, args)]
    return subprocess.run(command, env=environment(env), check=False).returncode


def only_child(pid: int) -> int:
    """Return the PID of a process's only child (proc(5), /proc/PID/task/TID/children)."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


def running(pid: int) -> Iterator[str]:
    """Yield the command lines of a process and its descendants that have no children."""
    for one in _tree(pid):
        with suppress(OSError):  # it has ended
            line = Path(f"/proc/{one}/cmdline").read_bytes()[:_LINE_BYTES]
            if line and not list(_children(one)):
                text = line.replace(b"\0", b" ").decode(errors="replace").strip()
                yield "".join(character if character.isprintable() else "?" for character in text)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):  # it has ended
        for child in list(_children(pid)):
            yield from _tree(child)


def is_program(name: str) -> bool:
    """Return whether the host has a program of that name."""
    if "/" in name:
        return os.access(name, os.X_OK)
    return any(os.access(Path(folder, name), os.X_OK) for folder in _PATH.split(":"))


def require(name: str) -> None:
    """Check that a host program, to be run inside a namespace, is installed.

    Raises:
        MissingToolError: it is not installed.
    """
    if not is_program(name):
        raise missing_tool(name)


def missing_tool(name: str) -> MissingToolError:
    """Return the error for a missing host program."""
    package = package_of(name)
    hint = f"it is in the package {package}; " if package else ""
    return MissingToolError(
        f"the program {name} is not installed",
        hint=f"{hint}`xsbuild doctor` lists what is missing and how to install it",
        code="XSB-HOST-MISSING-TOOL",
    )


def _tail(log: Path, start: int, size: int = 64 * 1024) -> str:
    with log.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(start, end - size))
        return stream.read().decode(errors="replace")


def kill_children(grace_seconds: float = 2.0) -> None:
    """End every child of this process, by pid: first SIGTERM, then SIGKILL.

    The kernel keeps the list (proc(5), /proc/PID/task/TID/children), so none is forgotten.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + grace_seconds
        pending = set(_children(os.getpid()))
        for pid in pending:
            _kill(pid, number)
        while pending & set(_children(os.getpid())) and time.monotonic() < deadline:
            time.sleep(0.02)


def _children(pid: int) -> Iterator[int]:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            yield from map(int, (thread / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
