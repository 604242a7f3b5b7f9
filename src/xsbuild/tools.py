# SPDX-License-Identifier: Apache-2.0
"""The host programs that xsbuild runs: what each is for and which package has it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """A host program.

    Attributes:
        name: the program.
        purpose: what xsbuild does with it.
        deb: the Debian package that has it.
        rpm: the package that has it on RPM distros; None where they have none.
        needed_for: ``deb`` or ``rpm`` where only that family needs it; ``both`` otherwise.
    """

    name: str
    purpose: str
    deb: str
    rpm: str | None
    needed_for: str = "both"


TOOLS = (
    Tool("setpriv", "ends child processes with xsbuild", "util-linux", "util-linux"),
    Tool("unshare", "private mount and process namespaces", "util-linux", "util-linux"),
    Tool("git", "fetches sources from git", "git", "git-core"),
    Tool("gpg", "signs repositories", "gnupg", "gnupg2"),
    Tool("newuidmap", "chroots of an ordinary user", "uidmap", "shadow-utils"),
    Tool("mmdebstrap", "makes base chroots", "mmdebstrap", "mmdebstrap", "deb"),
    Tool("apt-get", "reads archives, installs build dependencies", "apt", "apt", "deb"),
    Tool("apt-ftparchive", "indexes apt repositories", "apt-utils", "apt-utils", "deb"),
    Tool("dpkg-source", "makes source packages", "dpkg-dev", "dpkg-dev", "deb"),
    Tool("dpkg-deb", "makes meta-packages", "dpkg", "dpkg", "deb"),
    Tool("pbuilder", "builds packages as root", "pbuilder", "pbuilder", "deb"),
    Tool("sbuild", "builds packages as an ordinary user", "sbuild", None, "deb"),
)


def package_of(program: str) -> str | None:
    """The Debian package that has a program, None where the table does not know it."""
    return next((tool.deb for tool in TOOLS if tool.name == program), None)
