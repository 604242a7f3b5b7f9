# SPDX-License-Identifier: Apache-2.0
"""The packages that are no Debian package's: directories, users, release, macros."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from .payload import Payload
from .recipe import HERE

MULTIARCH = "/usr/lib/x86_64-linux-gnu"
LIBDIR = "/usr/lib64"
_PLAIN = (
    "/boot", "/dev", "/etc", "/etc/logrotate.d", "/etc/pki", "/etc/pki/rpm-gpg", "/home", "/media",
    "/mnt", "/opt", "/proc", "/run", "/srv", "/sys", "/usr", "/usr/bin", "/usr/include", "/usr/lib",
    "/usr/lib/rpm", "/usr/lib/rpm/macros.d", "/usr/lib64", "/usr/lib64/pkgconfig", "/usr/libexec",
    "/usr/local", "/usr/local/bin", "/usr/sbin", "/usr/share", "/usr/share/doc",
    "/usr/share/licenses", "/usr/share/man", "/usr/share/man/man1", "/usr/share/man/man8",
    "/usr/share/pkgconfig", "/usr/src", "/var", "/var/cache", "/var/lib", "/var/lib/rpm",
    "/var/log", "/var/spool",
)  # fmt: skip
_SPECIAL = {"/root": 0o700, "/tmp": 0o1777, "/var/tmp": 0o1777}
DIRECTORIES = dict.fromkeys(_PLAIN, 0o755) | _SPECIAL
_LINKS = {
    "/bin": "usr/bin",
    "/sbin": "usr/sbin",
    "/lib": "usr/lib",
    "/lib64": "usr/lib64",
    MULTIARCH: "../lib64",
    "/var/run": "../run",
}
_USERS = {"root": 0, "bin": 1, "daemon": 2, "nobody": 65534}
_GROUPS = _USERS | {"tty": 5, "disk": 6, "utmp": 22, "users": 100}
_SHELLS = {"root": "/bin/bash"}
_OS_RELEASE = """\
NAME="Test distribution"
ID=testdistro
ID_LIKE=fedora
VERSION_ID=1
PRETTY_NAME="Test distribution 1"
"""


def _filesystem(payload: Payload) -> None:
    for path, mode in DIRECTORIES.items():
        payload.add_directory(path, mode)
    for path, target in _LINKS.items():
        payload.add_link(path, target)


def _setup(payload: Payload) -> None:
    passwd = [f"{u}:x:{n}:{n}::/:{_SHELLS.get(u, '/sbin/nologin')}" for u, n in _USERS.items()]
    payload.add_file("/etc/passwd", "\n".join(passwd).replace("::/:", "::/root:", 1) + "\n")
    payload.add_file("/etc/group", "".join(f"{g}:x:{n}:\n" for g, n in _GROUPS.items()))
    payload.add_file("/etc/shadow", "".join(f"{u}:*:19000::::::\n" for u in _USERS), 0o600)
    payload.add_file("/etc/gshadow", "".join(f"{g}:*::\n" for g in _GROUPS), 0o600)
    payload.add_file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
    payload.add_file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
    payload.add_file("/etc/profile", "PATH=/usr/bin:/usr/sbin; export PATH\n")
    kinds = ("auth", "account", "password", "session")
    permit = "".join(f"{kind} required pam_permit.so\n" for kind in kinds)
    payload.add_file("/etc/pam.d/other", permit)


def _release(payload: Payload) -> None:
    payload.provides += ["system-release = 1", "system-release(releasever) = 1"]
    payload.add_file("/usr/lib/os-release", _OS_RELEASE)
    payload.add_link("/etc/os-release", "../usr/lib/os-release")


def _distro_macros(payload: Payload) -> None:
    payload.provides += ["system-rpm-config = 1"]
    payload.requires += ["rpm-build", "systemd-rpm-macros"]
    _copy(payload, "macros.builds")
    # where this rpm looks for what overrides its platform's macros, such as %_sharedstatedir
    text = (HERE / "files/macros.testdistro").read_text()
    payload.add_file("/usr/lib/rpm/debian/macros", text)


def _systemd_macros(payload: Payload) -> None:
    _copy(payload, "macros.systemd")


def _pyproject_macros(payload: Payload) -> None:
    payload.requires += ["python3", "python3-installer", "python3-packaging"]
    _copy(payload, "macros.pyproject")
    payload.add_file("/usr/lib/rpm/pyproject.py", (HERE / "files/pyproject").read_text())


def _rpm_build(payload: Payload) -> None:
    # Debian has rpmbuild in `rpm`
    payload.requires += [
        "rpm", "binutils", "bzip2", "cpio", "debugedit", "dwz", "elfutils", "file", "findutils",
        "gzip", "make", "patch", "pkgconf-pkg-config", "tar", "unzip", "xz", "zstd",
    ]  # fmt: skip


def _copy(payload: Payload, name: str) -> None:
    payload.add_file(f"/usr/lib/rpm/macros.d/{name}", (HERE / "files" / name).read_text())


_PACKAGES: dict[str, Callable[[Payload], None]] = {
    "filesystem": _filesystem,
    "setup": _setup,
    "testdistro-release": _release,
    "redhat-rpm-config": _distro_macros,
    "systemd-rpm-macros": _systemd_macros,
    "pyproject-rpm-macros": _pyproject_macros,
    "rpm-build": _rpm_build,
}


def make_handmade(folder: Path) -> Iterator[Path]:
    """Makes these packages in a folder."""
    for name, fill in _PACKAGES.items():
        with TemporaryDirectory(dir=folder, prefix=".work-") as work:
            noarch = name != "filesystem"
            requires = ["filesystem"] if noarch else []
            payload = Payload(name, "1", "1", Path(work), noarch=noarch, requires=requires)
            fill(payload)
            yield payload.build(folder)
