# SPDX-License-Identifier: Apache-2.0
"""The medium of the installer, for all tests that run it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from installer_medium import Medium, make_medium
from xsbuild.host.scratch import remove_tree
from xsbuild.repos.signing import signing_key
from xsbuild.settings import Folders, Settings

ANSWERS = """\
system-size: 1 GiB
storage: {type: ext4}
hostname: host1.example.com
network: {nic: {name: "e*"}}
dom0-memory: 1 GiB
root: {password-hash: $6$salt$first, ssh-keys: [ssh-ed25519 AAAA me]}
scripts: {copied: "#!/bin/sh\\necho copied > $ROOT/etc/copied\\n"}
"""
UPGRADE = "mode: upgrade\ndom0-memory: 1 GiB\n"
REINSTALL = ANSWERS.replace("storage:", "mode: reinstall\nstorage:").replace("host1", "host2")


@pytest.fixture(scope="session")
def medium(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, bases: Path
) -> Iterator[Medium]:
    folder = tmp_path_factory.mktemp("installer")
    (folder / "cache").mkdir()
    (folder / "cache/bases").symlink_to(bases)
    settings = Settings(Folders(folder / "cache", folder / "data", folder / "config"))
    assert pytestconfig.cache is not None
    key = signing_key(settings, say=print)
    made = make_medium(pytestconfig.cache.mkdir("installer"), folder, settings, key)
    for name, text in {"new": ANSWERS, "upgrade": UPGRADE, "reinstall": REINSTALL}.items():
        (made.work / f"{name}.yaml").write_text(text)
    yield made
    remove_tree(folder)
