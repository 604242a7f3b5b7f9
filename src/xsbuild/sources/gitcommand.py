# SPDX-License-Identifier: Apache-2.0
"""Run git on a mirror, without the configuration of the user or the system."""

import os
from pathlib import Path

from xsbuild.host import process

_CONFIG = Path(__file__).with_name("gitconfig")


def git(
    mirror: Path,
    words: list[str],
    ok: tuple[int, ...] = (0,),
    log: Path | None = None,
    guard: process.Guard | None = None,
) -> str:
    """Return the output of a git command on a bare repository.

    Args:
        log: a file to which it is appended instead.
        guard: see `process.run`.

    Raises:
        CommandFailedError: its exit status is not in `ok`.
    """
    command = ["git", f"--git-dir={mirror}", *words]
    env, cwd = _environment(), Path("/")
    return process.run(command, env=env, cwd=cwd, ok=ok, log=log, guard=guard).output


def has_commit(mirror: Path, commit: str) -> bool:
    """Return whether a repository has a commit."""
    output = git(mirror, ["rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"], ok=(0, 1))
    return output.strip() == commit


def _environment() -> dict[str, str]:
    own = {
        "GIT_CONFIG_GLOBAL": str(_CONFIG),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30",
    }
    if "SSL_CERT_FILE" in os.environ:
        own["GIT_SSL_CAINFO"] = os.environ["SSL_CERT_FILE"]  # git does not look at the former
    if "SSH_AUTH_SOCK" in os.environ:
        own["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    return own
