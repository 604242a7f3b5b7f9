# SPDX-License-Identifier: Apache-2.0
import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from capabilities.conftest import distro
from xsbuild.distros.apt import MirrorsError, make_private_apt, update
from xsbuild.distros.model import Distro
from xsbuild.errors import InputError
from xsbuild.host.process import is_program
from xsbuild.settings import Folders, Settings

pytestmark = pytest.mark.skipif(not is_program("apt-get"), reason="no apt on this machine")

INRELEASE = """\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian
Date: Sat, 11 Jul 2026 09:08:44 UTC
Acquire-By-Hash: yes
-----BEGIN PGP SIGNATURE-----
"""


def test_stamp(tmp_path: Path) -> None:
    apt = make_private_apt(tmp_path, "amd64")
    assert apt.stamp() is None
    lists = tmp_path / "var/lib/apt/lists"
    (lists / "a_InRelease").write_text(INRELEASE)
    one = hashlib.sha256(INRELEASE.encode()).hexdigest()
    first = apt.stamp()
    assert first is not None
    assert first.date == datetime.date(2026, 7, 11)
    assert first.hash == hashlib.sha256(one.encode()).hexdigest()
    plain = "Origin: Debian\nDate: Sun, 12 Jul 2026 09:08:44 UTC\nAcquire-By-Hash: yes\n"
    (lists / "b_Release").write_text(plain)
    second = apt.stamp()
    assert second is not None
    assert second.date == datetime.date(2026, 7, 12)
    assert second.hash != first.hash
    # the mirror that it came from is no part of it
    (lists / "a_InRelease").rename(lists / "mirror_InRelease")
    assert apt.stamp() == second


def only(archive: str, keyring: str) -> Distro:
    whole = distro("debian-13")
    changed = whole.archives[0].model_copy(
        update={"name": archive, "origin": "Nobody", "keyring": keyring}
    )
    return whole.model_copy(update={"archives": (changed,)})


@pytest.mark.parametrize(
    ("target", "error", "text"),
    [
        (lambda: only("unknown", "/dev/null"), InputError, "no mirror of the archive unknown"),
        (lambda: only("known", "/nonexistent.gpg"), InputError, "keyring /nonexistent.gpg"),
        (lambda: only("known", __file__), MirrorsError, "Release on file:"),
    ],
)
def test_archives_that_cannot_be_asked(
    tmp_path: Path, target: Callable[[], Distro], error: type[Exception], text: str
) -> None:
    folders = Folders(tmp_path, tmp_path, tmp_path)
    settings = Settings(folders, archives={"known": ((tmp_path / "archive").as_uri(),)})
    apt = make_private_apt(tmp_path / "apt", "amd64")
    with pytest.raises(error, match=text):
        update(apt, target(), settings, contents=False)
