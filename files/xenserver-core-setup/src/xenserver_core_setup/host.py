# SPDX-License-Identifier: Apache-2.0
"""The host that is set up: its files, below a root directory, and the programs run on it."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional


class SetupError(Exception):
    """Something that a person has to put right; its text says what, and how."""


_UNITS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
# Any of these is a toolstack, though perhaps not all of it.
TOOLSTACK = ("xapi.service", "xcp-networkd.service", "xenopsd-xc.service")


@dataclass(frozen=True)
class Host:
    """A host, or its files while it is not running.

    Attributes:
        root: where its files are; ``/`` for the host that this runs on.
    """

    root: Path = Path("/")

    @property
    def live(self) -> bool:
        """Whether it is the host that this runs on."""
        return self.root == Path("/")

    @property
    def is_dom0(self) -> bool:
        """Whether it runs on Xen, as dom0 (xenfs shows it)."""
        return "control_d" in (self.read("/proc/xen/capabilities") or "")

    @property
    def is_platform_only(self) -> bool:
        """Whether it has Xen's tools and no part of the toolstack."""
        return self.program("xl") is not None and not any(map(self.has_unit, TOOLSTACK))

    def has_unit(self, name: str) -> bool:
        """Whether systemd has a unit of that name."""
        return any(self.exists(f"{folder}/{name}") for folder in _UNITS)

    def path(self, name: str) -> Path:
        """Where an absolute path of the host is."""
        return self.root / name.lstrip("/")

    def read(self, name: str) -> Optional[str]:
        """The text of a file; None where there is none."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def exists(self, name: str) -> bool:
        """Whether there is a file or directory of that name."""
        return self.path(name).exists()

    def program(self, *names: str) -> Optional[str]:
        """The first of some programs that the host has."""
        folders = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
        for name in names:
            for folder in folders:
                if self.exists(f"{folder}/{name}"):
                    return f"{folder}/{name}"
        return None

    def systemctl(self, *words: str) -> Sequence[str]:
        """A call of systemctl(1) for this host."""
        return ["systemctl", *([] if self.live else [f"--root={self.root}"]), *words]


def output_of(command: Sequence[str]) -> str:
    """What a command prints on standard output, whatever its exit status says.

    Raises:
        SetupError: there is no such program.
    """
    return _run(command).stdout


def run(command: Sequence[str]) -> None:
    """Runs a command.

    Raises:
        SetupError: it failed, or there is no such program; with what it said.
    """
    done = _run(command)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise SetupError(f"{' '.join(command)} failed with exit status {done.returncode}\n{said}")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    except FileNotFoundError as error:
        raise SetupError(f"the program {command[0]} is not installed") from error
