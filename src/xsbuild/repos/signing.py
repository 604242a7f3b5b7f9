# SPDX-License-Identifier: Apache-2.0
"""Keys that sign repositories: one the user names, or one that xsbuild makes on first use.

gpg starts daemons that outlive it. With xsbuild's own key it therefore runs in a private namespace
that ends with xsbuild, on a copy of the key in a file system that exists only there: nothing is
left behind, no secret reaches a disk a second time, and any number of signatures are made at once.
"""

import os
import platform
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xsbuild.errors import InputError, XsbuildError
from xsbuild.host import process
from xsbuild.host.files import storage, sync_tree
from xsbuild.host.locks import file_lock
from xsbuild.host.namespace import Namespace, private_namespace
from xsbuild.host.scratch import owned_folder, sweep
from xsbuild.settings import Settings

# gpg puts its sockets into /run/user where that exists, else beside the key; a path of more than
# 107 bytes is too long for a socket (unix(7)).
_RUN = "/run"
_HOME = "/run/gnupg"
_GPG = ("gpg", "--batch", "--no-tty", "--quiet")
# What the user's own gpg needs to find its home, its agent, and to ask for a passphrase.
_USER_VARIABLES = (
    "HOME", "GNUPGHOME", "GPG_TTY", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR",
)  # fmt: skip
# The file of a repository with the public key that signed it.
KEY = "key.asc"
_ARMOR = re.compile(r"^-----BEGIN PGP .*^-----END PGP [A-Z ]+-----\n", re.MULTILINE | re.DOTALL)
_FINGERPRINT = re.compile(r"[0-9A-F]{40}(?:[0-9A-F]{24})?")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that can sign. It holds no secret: that is looked up where it signs.

    Attributes:
        fingerprint: 40 or 64 upper-case hexadecimal digits.
        public: the public key, armored.
        home: the folder of xsbuild's own key; None: the key is in the user's own keyring.
    """

    fingerprint: str
    public: bytes
    home: Path | None


@dataclass(frozen=True, slots=True)
class Session:
    """A place where a key can be used, as by ``rpmsign``.

    Attributes:
        key: the key.
        within: for `process.run`.
        env: for `process.run`.
    """

    key: SigningKey
    within: tuple[str, ...]
    env: dict[str, str]

    def clearsign(self, data: bytes) -> bytes:
        """Return a text with its signature around it, as in ``InRelease``."""
        return self._sign("--clearsign", data)

    def detached(self, data: bytes, *, time: int | None = None) -> bytes:
        """Return the armored signature of data, as in ``Release.gpg`` and ``repomd.xml.asc``.

        Args:
            data: is signed.
            time: of the signature, in seconds since 1970, for reproducible files; None: now.
        """
        dated = () if time is None else ("--faked-system-time", f"{time}!")
        return self._sign("--detach-sign", data, dated)

    def _sign(self, how: str, data: bytes, dated: tuple[str, ...] = ()) -> bytes:
        # A user's configuration may still ask for SHA-1, which apt and rpm refuse.
        options = ("--armor", "--digest-algo", "SHA512", "--local-user", self.key.fingerprint)
        command = (*_GPG, *dated, *options, "--output", "-", how)
        return _armored(process.run(command, within=self.within, env=self.env, stdin=data).output)


def _armored(output: str) -> bytes:
    """Return gpg's output without its standard error."""
    found = _ARMOR.search(output)
    if found is None:
        raise XsbuildError(f"gpg made nothing:\n{output}", code="XSB-REPO-SIGNING")
    return found[0].encode()


def clearsign(key: SigningKey, data: bytes) -> bytes:
    """Return a text with its signature around it, as in ``InRelease``."""
    with session(key) as place:
        return place.clearsign(data)


def detached(key: SigningKey, data: bytes, *, time: int | None = None) -> bytes:
    """Return the armored signature of data; see `Session.detached`."""
    with session(key) as place:
        return place.detached(data, time=time)


@contextmanager
def session(key: SigningKey) -> Iterator[Session]:
    """Open a temporary GnuPG home for several signatures; it is removed afterwards."""
    if key.home is None:
        yield Session(key, (), _user_environment())
        return
    with _gpg_namespace() as namespace:
        namespace.run("cp", "--archive", "--", f"{key.home}/.", _HOME)
        yield Session(key, namespace.enter, {"GNUPGHOME": _HOME})


def signing_key(settings: Settings, *, say: Callable[[str], None]) -> SigningKey:
    """Return the key that the user names, else xsbuild's own, made on first use.

    Args:
        settings: name the key, and the folder of xsbuild's own.
        say: called with the place of a new key, and how to use another.

    Raises:
        InputError: the user's setting is no fingerprint.
        XsbuildError: the user's keyring has no such secret key, or xsbuild's own is damaged.
        StorageError: a new key cannot be written.
    """
    process.require("gpg")
    if settings.signing_key is not None:
        return _user_key(settings.signing_key)
    home = settings.folders.data / "gnupg"
    if not home.exists():
        _make_once(home, settings.folders.config / "config.yaml", say)
    return _own_key(home)


def _user_key(name: str) -> SigningKey:
    fingerprint = name.replace(" ", "").upper()
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise InputError(
            f"signing-key: {name!r} is no fingerprint",
            hint="`gpg --list-secret-keys` shows them: 40 hexadecimal digits",
            code="XSB-CONFIG-SIGNING-KEY",
        )
    env = _user_environment()
    listing = (*_GPG, "--with-colons", "--list-secret-keys", fingerprint)
    listed = process.run(listing, env=env, ok=(0, 2))
    if listed.status != 0:
        raise XsbuildError(
            f"signing-key: your gpg keyring has no secret key {fingerprint}",
            hint="import it, correct config.yaml, or remove signing-key there to use xsbuild's own",
            code="XSB-CONFIG-SIGNING-KEY",
        )
    check_usable(fingerprint, listed.output)
    exported = process.run((*_GPG, "--armor", "--export", fingerprint), env=env).output
    return SigningKey(fingerprint, _armored(exported), None)


def check_usable(fingerprint: str, listing: str) -> None:
    """Check that a key can sign today.

    Args:
        fingerprint: the key's.
        listing: of the key and its subkeys, in colons (GnuPG's doc/DETAILS: field 2 is the
            validity, 7 the expiry in seconds since the epoch, 12 the capabilities).
    """
    rows = (line.split(":") for line in listing.splitlines())
    keys = [row for row in rows if row[0] in ("sec", "ssb") and "s" in row[11]]
    if any(row[1] not in ("e", "r", "d") for row in keys):
        return
    dates = sorted(row[6] for row in keys if row[6].isdecimal())
    expired = date.fromtimestamp(int(dates[-1])).isoformat() if dates else None
    reason = f"has expired on {expired}" if expired else "is revoked or cannot sign"
    raise XsbuildError(
        f"signing-key: the key {fingerprint} {reason}",
        hint=f"extend it with `gpg --quick-set-expire {fingerprint} 2y` and publish it again, or "
        "name another in config.yaml",
        code="XSB-CONFIG-SIGNING-KEY",
    )


def _user_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _USER_VARIABLES if name in os.environ}


def _own_key(home: Path) -> SigningKey:
    for public in home.glob("*.asc"):
        if _FINGERPRINT.fullmatch(public.stem):
            return SigningKey(public.stem, public.read_bytes(), home)
    raise XsbuildError(
        f"{home} is no key that xsbuild made",
        hint="move it away to get a new key, which those who use your repositories must then trust",
        code="XSB-REPO-SIGNING",
    )


def _make_once(home: Path, config: Path, say: Callable[[str], None]) -> None:
    with storage(home):
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with file_lock(home.with_name("gnupg.lock")):
            sweep(home.with_name("gnupg.new"))
            if home.exists():
                return
            with owned_folder(home.with_name("gnupg.new")) as work:
                new = work / "gnupg"
                new.mkdir(mode=0o700)
                fingerprint = _generate(new)
                sync_tree(new)
                new.rename(home)
    say(
        f"made the key {fingerprint} to sign repositories with; it is in {home}, keep a copy. "
        f"To sign with your own instead, write `signing-key: FINGERPRINT` in {config}"
    )


def _generate(home: Path) -> str:
    """Make a key in an empty directory; return its fingerprint."""
    name = f"xsbuild on {platform.node().partition('.')[0] or 'localhost'}"
    with _gpg_namespace() as namespace:
        namespace.run("mount", "--bind", home, _HOME)
        env = {"GNUPGHOME": _HOME}
        # Every apt and rpm in use can verify RSA 3072. No passphrase: builds run unattended.
        secret = ("--pinentry-mode", "loopback", "--passphrase", "")
        how = ("--status-fd", "1", "--quick-generate-key", name, "rsa3072", "sign", "never")
        made = process.run((*_GPG, *secret, *how), within=namespace.enter, env=env)
        fingerprint = _created(made.output)
        public = f"{_HOME}/{fingerprint}.asc"
        export = (*_GPG, "--armor", "--output", public, "--export", fingerprint)
        process.run(export, within=namespace.enter, env=env)
    for socket in home.glob("S.*"):
        socket.unlink()
    return fingerprint


def _created(status: str) -> str:
    """Return the fingerprint in gpg's status lines (GnuPG's doc/DETAILS, KEY_CREATED)."""
    found = re.search(r"^\[GNUPG:\] KEY_CREATED [BPS] (\S+)", status, re.MULTILINE)
    if found is None:
        raise XsbuildError(f"gpg made no key:\n{status}", code="XSB-REPO-SIGNING")
    return found[1]


@contextmanager
def _gpg_namespace() -> Iterator[Namespace]:
    with private_namespace() as namespace:
        namespace.run("mount", "-t", "tmpfs", "-o", "mode=0700", "xsbuild", _RUN)
        namespace.run("mkdir", "--mode=0700", _HOME)
        yield namespace
