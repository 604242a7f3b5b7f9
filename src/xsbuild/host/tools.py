# SPDX-License-Identifier: Apache-2.0
"""The host programs that xsbuild runs: purpose and package of each.

Run as a program, it prints their Debian packages for `make deps`, so it imports nothing but the
standard library.
"""

import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Tool:
    """A host program.

    Attributes:
        name: the program, or a file by its absolute path.
        purpose: its use in xsbuild.
        deb: its package on Debian and its derivatives; None if there is none.
        rpm: its package on RPM distros; None if there is none.
        family: the family of packages that needs it; empty: both.
    """

    name: str
    purpose: str
    deb: str | None
    rpm: str | None
    family: str = ""

    def package(self) -> str | None:
        """Return its package on this host."""
        return self.deb if _host_has_apt() else self.rpm

    def found(self) -> str | None:
        """Its path on this host, or None."""
        if self.name.startswith("/"):
            return self.name if os.path.exists(self.name) else None  # noqa: PTH110
        return shutil.which(self.name, path=_PATH)


TOOLS = (
    Tool("setpriv", "ends child processes with xsbuild", "util-linux", "util-linux"),
    Tool("unshare", "private mount and process namespaces", "util-linux", "util-linux"),
    Tool("newuidmap", "chroots of an ordinary user", "uidmap", "shadow-utils"),
    Tool("bwrap", "enters chroots, confines packaging tools", "bubblewrap", "bubblewrap"),
    Tool("ip", "gives a build without network its loopback", "iproute2", "iproute"),
    Tool("git", "fetches sources from git", "git", "git-core"),
    Tool("gpg", "signs repositories", "gnupg", "gnupg2"),
    Tool("gpgv", "checks signatures of sources", "gpgv", "gnupg2"),
    Tool("xz", "packs sources", "xz-utils", "xz"),
    Tool("mksquashfs", "packs appliances", "squashfs-tools", "squashfs-tools"),
    Tool("xorriso", "writes media of appliances", "xorriso", "xorriso"),
    Tool("mformat", "makes UEFI boot images of appliances", "mtools", "mtools"),
    Tool("apt-get", "reads archives", "apt", "apt", "deb"),
    Tool("dpkg-source", "makes source packages", "dpkg-dev", "dpkg-dev", "deb"),
    Tool("dpkg-deb", "makes meta-packages", "dpkg", "dpkg", "deb"),
    Tool("mmdebstrap", "makes base chroots", "mmdebstrap", "mmdebstrap", "deb"),
    Tool("pbuilder", "builds packages as root", "pbuilder", "pbuilder", "deb"),
    Tool("sbuild", "builds packages as an ordinary user", "sbuild", None, "deb"),
    Tool(
        "/usr/share/keyrings/debian-archive-keyring.gpg",
        "checks Debian's archive",
        "debian-archive-keyring",
        "debian-keyring",
        "deb",
    ),
    Tool("dnf", "makes base chroots, installs build dependencies", "dnf", "dnf", "rpm"),
    Tool("rpm", "reads databases of RPM distros", "rpm", "rpm", "rpm"),
    Tool("rpm2archive", "reads packages, for `check --parity`", "rpm", "rpm", "rpm"),
    Tool("rpmsign", "signs packages", "rpm", "rpm-sign", "rpm"),
    Tool("rpmspec", "reads spec files, for `check`", "rpm", "rpm-build", "rpm"),
)


def package_of(program: str) -> str | None:
    """Return the package of a program on this host, or None if unknown."""
    return next((tool.package() for tool in TOOLS if tool.name == program), None)


def missing_packages() -> list[str]:
    """Return the packages that provide the missing tools of this host."""
    packages = {tool.package() for tool in TOOLS if tool.found() is None}
    return sorted(package for package in packages if package)


def install_command(packages: Iterable[str]) -> str:
    """Return the command that installs packages on this host, to be run as root."""
    installer = "apt-get install --no-install-recommends" if _host_has_apt() else "dnf install"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}{installer} {' '.join(packages)}"


def _host_has_apt() -> bool:
    try:
        host = platform.freedesktop_os_release()
    except OSError:
        return True
    return "debian" in (host.get("ID", ""), *host.get("ID_LIKE", "").split())


if __name__ == "__main__":
    print(*sorted({tool.deb for tool in TOOLS if tool.deb}))  # noqa: T201
