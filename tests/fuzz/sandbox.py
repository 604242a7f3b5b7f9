# SPDX-License-Identifier: Apache-2.0
"""Run a command in a fork of this process, under limits, and report each rule that it breaks.

The rules: no traceback, no more than 5 s and 1 GB, exit status 0 or 2 for wrong input (1
only where that is documented), no control characters in the output, no file written outside the
cache and the output folders, no process started but by `host/process.py`, no network.
"""

import json
import os
import re
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import IO, NoReturn

from tests.fuzz.box import ENVIRONMENT, OUTSIDE, PARTS, PROJECT, restore
from tests.fuzz.commands import WARMING, call
from tests.fuzz.guard import Guard

SECONDS = 5  # of processor time
_WALL_SECONDS = 4 * SECONDS  # other processes may keep the processor busy
TOO_SLOW = f"takes more than {SECONDS} seconds"
MEMORY = 1_000_000_000
# Everything that could steer a terminal, or that reorders text. The styles are click's own.
_STYLES = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_FRAME = re.compile(r'^  File ".*?/src/(xsbuild/.+?)", line \d+, in (\w+)', re.MULTILINE)
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)
_WRONG_INPUT = re.compile(r"\[XSB-(?:CONFIG|FILE|MANIFEST|PATCH|RECIPE|USAGE)-[A-Z-]+\]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a command.

    Attributes:
        findings: the rules it broke; none if all is well.
        output: standard output and error.
        written: the parts of the box in which it changed something.
    """

    findings: tuple[str, ...]
    output: str
    written: frozenset[str]


def run(args: Sequence[str]) -> Outcome:
    """Run a command line in the box."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as notes:
        pid = os.fork()
        if pid == 0:
            _child(args, output.fileno(), notes.fileno())
        _, status, usage = os.wait4(pid, 0)
        text, noted = _read(output), _read(notes)
    lines = [json.loads(line) for line in noted.splitlines()]
    findings = [line["finding"] for line in lines if "finding" in line]
    findings += _broken(os.waitstatus_to_exitcode(status), text)
    if usage.ru_maxrss * 1024 > MEMORY:
        findings.append(f"more than {MEMORY:,} bytes of memory")
    if any(OUTSIDE.iterdir()):
        findings.append("a file outside the box was written")
    parts = frozenset(line["part"] for line in lines if "part" in line)
    return Outcome(tuple(dict.fromkeys(findings)), text, parts)


def warm_up() -> None:
    """Import what the commands import, and let Jinja compile the templates that do not change."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    os.chdir(PROJECT)
    for command in WARMING:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as errors:
            status = call(command.split())
        if status:
            raise AssertionError(f"{command} fails in the unchanged box: {errors.getvalue()}")
    restore(PARTS)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _broken(status: int, text: str) -> Iterator[str]:
    if frames := list(_FRAME.finditer(text)):
        kind = _EXCEPTION.search(text, frames[-1].end())
        yield f"{kind[1] if kind else 'exception'} in {frames[-1][1]}, {frames[-1][2]}"
    elif status in (-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL):
        yield TOO_SLOW
    elif status not in (0, 1, 2):
        yield f"exit status {status}"
    elif status == 1 and (match := _WRONG_INPUT.search(text)):
        yield f"exit status 1 for wrong input: {match[0]}"
    elif status and not text.strip():
        yield "fails without a message"
    if match := _CONTROL.search(_STYLES.sub("", text)):
        yield f"control character {match[0]!r} in the output"


def _child(args: Sequence[str], output: int, notes: int) -> NoReturn:
    """Run the command, and end the process."""
    status = 70
    try:
        for number in (1, 2):
            os.dup2(output, number)
        os.chdir(PROJECT)
        tempfile.tempdir = None  # this process's own
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))
        sys.addaudithook(Guard(notes).audit)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        signal.alarm(_WALL_SECONDS)
        status = call(args)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happens
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    os._exit(status & 0xFF)
