# SPDX-License-Identifier: Apache-2.0
"""Signing keys: made once, used at once by many, leaving no process behind."""

import os
import re
import select
import signal
import stat
import sys
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from crash import PROCESSES, killed_everywhere
from ordinary_user import as_ordinary_user
from own_settings import settings_in
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host import process
from xsbuild.repos.signing import (
    SigningKey,
    check_usable,
    clearsign,
    detached,
    session,
    signing_key,
)

DATA = b"Origin: xsbuild\nDescription: f\xc3\xbcr alle\n- dash\n"


def verified(folder: Path, key: SigningKey, *files: Path) -> process.Completed:
    """What gpgv says of signed files, with a key as its only one."""
    ring = folder / "ring.gpg"
    _, body = key.public.split(b"\n\n")
    ring.write_bytes(b64decode(body.split(b"\n=")[0]))  # its checksum and end are not read
    return process.run(["gpgv", "--keyring", ring, *files], ok=(0, 1))


def ignore(_text: str) -> None:
    """Says nothing."""


def make_key(folder: Path) -> None:
    """First use, in a process of its own."""
    signing_key(settings_in(folder), say=ignore)


def test_first_use_makes_a_key_and_says_where(tmp_path: Path) -> None:
    said: list[str] = []
    settings = settings_in(tmp_path)
    key = signing_key(settings, say=said.append)
    home = settings.folders.data / "gnupg"
    assert key.home == home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(said) == 1
    for part in (key.fingerprint, str(home), "signing-key:", str(settings.folders.config)):
        assert part in said[0]
    assert signing_key(settings, say=said.append) == key
    assert len(said) == 1
    assert not [path for path in home.rglob("*") if stat.S_ISSOCK(path.stat().st_mode)]


def test_the_key_is_what_old_tools_verify_and_never_expires(key: SigningKey) -> None:
    assert key.home is not None
    with session(key) as place:
        listed = process.run(
            ["gpg", "--with-colons", "--list-keys"], within=place.within, env=place.env
        ).output
    (public,) = re.findall(r"^pub:.*$", listed, re.MULTILINE)
    _, _, length, algorithm, _, _, expires, *_ = public.split(":")
    assert (length, algorithm, expires) == ("3072", "1", "")
    (uid,) = re.findall(r"^uid:.*$", listed, re.MULTILINE)
    assert re.fullmatch(r"xsbuild on [^.@]+", uid.split(":")[9])


def test_signatures_verify(tmp_path: Path, key: SigningKey) -> None:
    clear, data, apart = (tmp_path / name for name in ("clear", "data", "apart"))
    clear.write_bytes(clearsign(key, DATA))
    data.write_bytes(DATA)
    apart.write_bytes(detached(key, DATA))
    assert DATA.replace(b"- dash", b"- - dash") in clear.read_bytes()
    assert verified(tmp_path, key, clear).status == 0
    assert verified(tmp_path, key, apart, data).status == 0
    assert "SHA512" in clear.read_text()
    data.write_bytes(DATA + b"more\n")
    assert verified(tmp_path, key, apart, data).status == 1


def test_many_sign_at_once(tmp_path: Path, key: SigningKey) -> None:
    with ThreadPoolExecutor(6) as pool:
        signed = list(pool.map(lambda n: clearsign(key, b"text %d\n" % n), range(12)))
    for number, data in enumerate(signed):
        assert b"text %d\n" % number in data
        (tmp_path / f"{number}").write_bytes(data)
        assert verified(tmp_path, key, tmp_path / f"{number}").status == 0


def test_processes_at_first_use_make_one_key(tmp_path: Path) -> None:
    children = [PROCESSES.Process(target=make_key, args=(tmp_path,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    (home,) = (path for path in (tmp_path / "data").iterdir() if path.name != "gnupg.new")
    assert len(list((home / "private-keys-v1.d").iterdir())) == 1
    assert list((tmp_path / "data" / "gnupg.new").iterdir()) == []


def sign_and_wait(key: SigningKey, done: Connection) -> None:
    """Signs, so that gpg's agent runs, and stays."""
    with session(key) as place:
        place.clearsign(DATA)
        done.send(True)
        signal.pause()


def descendants(pid: int) -> Iterator[int]:
    """All processes below one, as the host sees them."""
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            yield child
            yield from descendants(child)


def command_of(pid: int) -> str:
    """The program a process runs."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_no_agent_survives_a_killed_xsbuild(key: SigningKey) -> None:
    receiver, sender = PROCESSES.Pipe()
    child = PROCESSES.Process(target=sign_and_wait, args=(key, sender))
    child.start()
    assert receiver.recv()
    assert child.pid is not None
    below = list(descendants(child.pid))
    assert "gpg-agent" in map(command_of, below)
    ends = [os.pidfd_open(pid) for pid in below]
    child.kill()
    child.join()
    for end in ends:  # readable when the process has ended (pidfd_open(2))
        assert select.select([end], [], [], 10)[0]
        os.close(end)


def test_killed_while_making_a_key_leaves_nothing_that_breaks_the_next(tmp_path: Path) -> None:
    for _ in killed_everywhere(partial(make_key, tmp_path), step=6):
        assert len(list((tmp_path / "data").rglob("*.key"))) <= 1
    key = signing_key(settings_in(tmp_path), say=ignore)
    (secret,) = (tmp_path / "data").rglob("*.key")
    assert secret.is_relative_to(tmp_path / "data" / "gnupg")
    assert b"BEGIN PGP SIGNATURE" in detached(key, DATA)


@pytest.fixture
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user's own keyring with one key; its fingerprint."""
    with tempfile.TemporaryDirectory(dir="/tmp") as home:  # a socket's path must be short
        monkeypatch.setenv("GNUPGHOME", home)
        env = {"GNUPGHOME": home}
        secret = ("--batch", "--pinentry-mode", "loopback", "--passphrase", "")
        generate = ("--status-fd", "1", "--quick-generate-key", "A Packager", "ed25519", "sign")
        made = process.run(["gpg", *secret, *generate], env=env).output
        yield made.split("KEY_CREATED P ")[1].split()[0]
        process.run(["gpgconf", "--kill", "all"], env=env)
        process.run(["gpgconf", "--remove-socketdir"], env=env)


def test_a_users_own_key_signs(tmp_path: Path, own_keyring: str) -> None:
    spaced = " ".join(re.findall("....", own_keyring.lower()))
    key = signing_key(settings_in(tmp_path, key=spaced), say=ignore)
    assert (key.fingerprint, key.home) == (own_keyring, None)
    (tmp_path / "clear").write_bytes(clearsign(key, DATA))
    assert verified(tmp_path, key, tmp_path / "clear").status == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("own_keyring")
@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("packager@example.org", InputError, "is no fingerprint"),
        ("1234ABCD", InputError, "is no fingerprint"),
        ("0" * 40, XsbuildError, "no secret key 0000"),
    ],
)
def test_a_key_that_is_not_there(
    tmp_path: Path, name: str, kind: type[XsbuildError], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        signing_key(settings_in(tmp_path, key=name), say=ignore)
    assert caught.value.hint


def test_a_folder_that_is_no_key_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data" / "gnupg").mkdir(parents=True)
    with pytest.raises(XsbuildError, match="is no key that xsbuild made"):
        signing_key(settings_in(tmp_path), say=ignore)


SIGN = """
from pathlib import Path
from xsbuild.repos.signing import detached, signing_key
from xsbuild.settings import Folders, Settings
home = Path.home()
key = signing_key(Settings(Folders(home / "c", home / "d", home / "f")), say=print)
print(detached(key, b"data").decode())
"""


def test_an_ordinary_user_signs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = as_ordinary_user([sys.executable, "-c", SIGN], home)
    assert "BEGIN PGP SIGNATURE" in done.output
    assert sorted(path.name for path in home.iterdir()) == ["d"]


LISTING = """\
sec:{sec}:255:22:{keyid}:1700000000:{expires}::u:::scESC:::+::ed25519:::0:
fpr:::::::::{fingerprint}:
ssb:{ssb}:255:22:{keyid}:1700000000:1800000000:::::{use}:::+::ed25519::
"""


@pytest.mark.parametrize(
    ("sec", "expires", "ssb", "use", "said"),
    [
        ("e", "1764316800", "e", "s", "has expired on 2027-01-15"),
        ("e", "1764316800", "u", "e", "has expired on 2025-11-28"),
        ("r", "", "r", "s", "has expired on 2027-01-15"),
        ("r", "", "u", "e", "is revoked or cannot sign"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_with_its_date(
    sec: str, expires: str, ssb: str, use: str, said: str
) -> None:
    values = {"sec": sec, "expires": expires, "ssb": ssb, "use": use}
    listing = LISTING.format(keyid="1" * 16, fingerprint="1" * 40, **values)
    with pytest.raises(XsbuildError, match=said) as caught:
        check_usable("1" * 40, listing)
    assert "quick-set-expire" in (caught.value.hint or "")


@pytest.mark.parametrize(("sec", "ssb"), [("u", "u"), ("u", "e"), ("e", "u")])
def test_a_key_of_which_a_part_can_sign_is_taken(sec: str, ssb: str) -> None:
    values = {"sec": sec, "expires": "1764316800", "ssb": ssb, "use": "s"}
    check_usable("1" * 40, LISTING.format(keyid="1" * 16, fingerprint="1" * 40, **values))
