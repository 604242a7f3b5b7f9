# SPDX-License-Identifier: Apache-2.0
"""Git as an upstream runs it, always the same person at the same time."""

from pathlib import Path

from xsbuild.host import process

IDENTITY = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.invalid",
    "GIT_AUTHOR_DATE": "1760000000 +0000",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.invalid",
    "GIT_COMMITTER_DATE": "1760000000 +0000",
}


def git(folder: Path, *words: str) -> str:
    """Run git in a repository; return its output."""
    return process.run(["git", "-C", folder, *words], env=IDENTITY).output.strip()
