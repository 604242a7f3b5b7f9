# SPDX-License-Identifier: Apache-2.0
"""What an upgrade copies from the former system to the new one."""

from collections.abc import Iterator
from pathlib import Path

from xenserver_installer.run import run
from xenserver_installer.settings import password_of, with_password


def kept_paths(text: str, former: Path) -> Iterator[Path]:
    """Return the files and directories to copy, relative to the root.

    Args:
        text: the list, one pattern a line.
        former: the former system's root directory.
    """
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            for path in sorted(former.glob(line.strip().lstrip("/"))):
                yield path.relative_to(former)


def copy_kept(text: str, former: Path, root: Path) -> None:
    """Copy what is kept, with owners, permissions and attributes, and root's password.

    Args:
        text: the list, one pattern a line.
        former: the former system's root directory.
        root: the new one's.
    """
    for path in kept_paths(text, former):
        new = root / path
        new.parent.mkdir(parents=True, exist_ok=True)
        # what is there may be a link to a file elsewhere
        command = ["cp", "--archive", "--remove-destination", "--no-target-directory"]
        run([*command, former / path, new])
    password = password_of((former / "etc/shadow").read_text(encoding="utf-8"))
    shadow = root / "etc/shadow"
    shadow.write_text(with_password(shadow.read_text(encoding="utf-8"), password))
