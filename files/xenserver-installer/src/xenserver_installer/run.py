# SPDX-License-Identifier: Apache-2.0
"""Runs programs."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from xenserver_installer.errors import InstallError

_SHOWN = 3  # last lines of a failed program's output


def run(
    command: Sequence[str | Path],
    *,
    ok: Sequence[int] = (0,),
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a program and return its standard output.

    Args:
        command: program and arguments.
        ok: exit statuses of success.
        stdin: its standard input.
        environment: variables added to its environment.

    Raises:
        InstallError: it failed, or is not installed.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        )
    except FileNotFoundError as error:
        raise InstallError(f"{words[0]} is not installed") from error
    if done.returncode not in ok:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_SHOWN:]
        raise InstallError(
            f"`{shlex.join(words)}` failed with exit status {done.returncode}: {'; '.join(lines)}"
        )
    return done.stdout
