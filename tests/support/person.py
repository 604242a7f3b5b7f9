# SPDX-License-Identifier: Apache-2.0
"""Someone who runs the command, in a home with caches, keys and settings of its own."""

import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(sys.executable).parent  # of the environment that runs the tests
XSBUILD = PROGRAMS / "xsbuild"


@dataclass(frozen=True)
class Person:
    """Who runs the command.

    Attributes:
        home: has the caches.
        manifest: of the project that is built.
    """

    home: Path
    manifest: Path

    @property
    def project(self) -> Path:
        return self.manifest.parent

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "XSBUILD_CACHE": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        }

    def command(self, *args: str) -> list[str]:
        return [str(XSBUILD), "--manifest", str(self.manifest), *args]
