# SPDX-License-Identifier: Apache-2.0
"""What only the running host can do, once, at its first boot."""

import getpass
import json
import sys
from pathlib import Path

from xenserver_installer.run import run
from xenserver_installer.settings import DIRECTORY, VOLUME_GROUP

TASKS = Path(DIRECTORY) / "first-boot"


def first_boot() -> None:
    """Do what the installer left to the host, and run xenserver-core-setup(8).

    Raises:
        InstallError: a step failed; the next boot tries again.
    """
    tasks = json.loads(TASKS.read_text(encoding="utf-8"))
    run(["ssh-keygen", "-A"])
    if tasks["volume-group-on"]:
        _make_volume_group(Path(tasks["volume-group-on"]))
    if tasks["ask-password"]:
        _ask_password()
    # the toolstack's parts, if they are installed, are started by this
    run(["xenserver-core-setup"], ok=(0, 1))
    TASKS.unlink()


def _make_volume_group(device: Path) -> None:
    """Make the local storage, unless the partition holds anything."""
    if not run(["wipefs", "--no-act", "--noheadings", device]).strip():
        run(["lvm", "vgcreate", "--yes", VOLUME_GROUP, device])


def _ask_password() -> None:
    """Ask for root's password until it was typed twice."""
    print("\nThis host has no password yet. Choose the password of root.", file=sys.stderr)
    while True:
        first = getpass.getpass("New password: ")
        if first and first == getpass.getpass("Again: "):
            break
        print("These differ, or are empty.", file=sys.stderr)
    run(["chpasswd"], stdin=f"root:{first}\n")
