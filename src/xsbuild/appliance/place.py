# SPDX-License-Identifier: Apache-2.0
"""Write files of a root."""

from collections.abc import Iterator
from pathlib import Path

from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.host import process

# Where the installed system finds the medium, once it is mounted.
MEDIUM = "/media/xenserver"
_FILES = Path(__file__).with_name("root")


def put(root: Buildroot, path: str, data: bytes) -> None:
    """Write a file that everyone may read."""
    command = ["install", "-D", "--mode", "644", "/dev/stdin", path]
    process.run(command, within=root.words(), stdin=data)


def put_files(root: Buildroot) -> None:
    """Write the files that every appliance has."""
    for path, data in shipped_files():
        put(root, path, data)


def shipped_files() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files that every appliance has."""
    for file in sorted(_FILES.rglob("*")):
        if file.is_file():
            yield f"/{file.relative_to(_FILES)}", file.read_bytes()
