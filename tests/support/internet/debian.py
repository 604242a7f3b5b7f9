# SPDX-License-Identifier: Apache-2.0
"""Debian 13 at the addresses of a user's setting: a copy that is signed by a key of the test's own.

The machine has that key in the keyring that the shipped file names, as a machine has that trusts
a mirror which signs what it serves itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from own_settings import settings_in
from xsbuild.distros.mirrors import mirrors_of
from xsbuild.distros.model import Distro
from xsbuild.host import process
from xsbuild.repos.signing import signing_key
from xsbuild.yamlfile import load

from .recording import Recording
from .server import Internet

ROOT = Path(__file__).parents[3]
NAME = "debian-13"


@dataclass(frozen=True)
class Served:
    """What leads to the distro.

    Attributes:
        archives: the user's setting.
        keyrings: keyring of the host → the file that takes its place.
    """

    archives: Mapping[str, str]
    keyrings: Mapping[str, Path]


def serve_debian(internet: Internet, cache: Path) -> Served:
    """Puts the distro's archives on the internet.

    Args:
        internet: where.
        cache: of all test runs, with the copies; who removes it gets those of another day.
    """
    distro = load(ROOT / "distros" / f"{NAME}.yaml", Distro)
    mirrors = mirrors_of(distro.archives, settings_in(cache))
    key = signing_key(settings_in(cache), say=lambda _text: None)
    keyring = cache / "keyring.gpg"
    process.run(["gpg", "--batch", "--yes", "--output", keyring, "--dearmor"], stdin=key.public)
    for archive in distro.archives:
        if archive.name not in mirrors:
            pytest.skip(f"the host's apt sources name no mirror of {archive.name}")
        package = Path(archive.keyring).stem
        replaced = {package: {archive.keyring: keyring.read_bytes()}}
        folder, mirror = cache / archive.name, mirrors[archive.name][0].rstrip("/")
        recording = Recording(folder, mirror, archive.suites, key, replaced)
        recording.start()
        internet.recordings[host_of(archive.name)] = recording.find
    return Served(
        {archive.name: internet.url(host_of(archive.name)) for archive in distro.archives},
        {archive.keyring: keyring for archive in distro.archives},
    )


def host_of(archive: str) -> str:
    """The host of an archive."""
    return f"{archive}.example.org"
