# SPDX-License-Identifier: Apache-2.0
"""Small RPM packages, made when a test needs them."""

from pathlib import Path

from xsbuild.host import process
from xsbuild.host.namespace import private_namespace

_SPEC = """\
Name: {name}
Version: {version}
Release: 1
Summary: For a test
License: MIT
BuildArch: noarch
{tags}
%description
{text}
%files
"""


def make_rpm(
    folder: Path, name: str, version: str = "1.0", *, tags: str = "", text: str = "Nothing."
) -> Path:
    """Makes a package without files; other text gives other bytes."""
    work = folder / f"{name}-{version}-{text}.work"
    work.mkdir()
    spec = work / f"{name}.spec"
    spec.write_text(_SPEC.format(name=name, version=version, tags=tags, text=text))
    process.run(["rpmbuild", "-bb", "--define", f"_topdir {work}", spec], env={"HOME": str(work)})
    (package,) = (work / "RPMS").rglob("*.rpm")
    return package


def make_source_rpm(folder: Path, name: str) -> Path:
    """Makes a source package."""
    work = folder / f"{name}.source"
    work.mkdir()
    spec = work / f"{name}.spec"
    spec.write_text(_SPEC.format(name=name, version="1.0", tags="", text="Source."))
    process.run(["rpmbuild", "-bs", "--define", f"_topdir {work}", spec], env={"HOME": str(work)})
    (package,) = (work / "SRPMS").rglob("*.rpm")
    return package


class PrivateDnf:
    """The host's dnf with a root and configuration of its own, reading one ``.repo`` file."""

    def __init__(self, repo: Path, root: Path) -> None:
        self.root = root
        folder = root / "etc/yum.repos.d"
        folder.mkdir(parents=True)
        (folder / "xsbuild.repo").write_text(repo.read_text())
        (root / ".rpmmacros").write_text("%_dbpath /var/lib/rpm\n")
        self.config = root / "dnf.conf"
        self.config.write_text("[main]\nplugins=0\nassumeyes=1\nreposdir=/etc/yum.repos.d\n")

    def run(self, *args: str) -> process.Completed:
        """Runs dnf; any status is fine."""
        options = (f"--config={self.config}", f"--installroot={self.root}", "--releasever=1")
        env = {"HOME": str(self.root)}
        with private_namespace() as namespace:  # ends the gpg-agent that dnf leaves
            within = namespace.enter
            return process.run(["dnf", *options, *args], within=within, env=env, ok=range(256))

    def installed(self) -> list[str]:
        """The packages in the root."""
        env = {"HOME": str(self.root)}
        query = ("--query", "--all", "--queryformat", "%{NAME}-%{VERSION}\\n")
        printed = process.run(["rpm", f"--root={self.root}", *query], env=env).output
        return sorted(line for line in printed.splitlines() if not line.startswith("gpg-pubkey"))
