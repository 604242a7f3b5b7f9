# SPDX-License-Identifier: Apache-2.0
"""Tiny Debian packages, and an apt with a root directory of its own that installs none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.host import process
from xsbuild.repos.apt import SOURCES


def make_deb(
    folder: Path,
    name: str = "xha",
    version: str = "25.2.0-1",
    architecture: str = "amd64",
    *,
    source: str = "",
    content: str = "x",
    compression: str = "none",
) -> Path:
    """Builds a package with one file in it."""
    tree = folder / f"{name}.tree"
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "usr").mkdir(exist_ok=True)
    (tree / "usr" / "file").write_text(content)
    lines = {
        "Package": name,
        "Source": source,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "Test <test@example.org>",
        "Description": "für einen Test\n more\n .\n of it",
    }
    text = "".join(f"{field}: {value}\n" for field, value in lines.items() if value)
    (tree / "DEBIAN" / "control").write_text(text)
    file = folder / f"{name}_{version.replace(':', '')}_{architecture}.deb"
    process.run(["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", tree, file])
    return file


def pack_deb(file: Path, control: str, files: Mapping[str, bytes]) -> None:
    """Builds a package with some files.

    Args:
        file: where it goes.
        control: its control file.
        files: absolute path → content.
    """
    with TemporaryDirectory(dir=file.parent) as work:
        tree = Path(work)
        tree.chmod(0o755)
        for path, content in {"/DEBIAN/control": control.encode(), **files}.items():
            place = tree / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        process.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, file])


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """An apt that reads a repository's ``.sources`` and nothing of the host's configuration.

    Attributes:
        root: its directory.
    """

    root: Path

    @classmethod
    def using(cls, repository: Path, root: Path) -> "PrivateApt":
        """Sets one up as a user would: the ``.sources`` file alone is copied."""
        for folder in (
            "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/preferences.d",
            "etc/apt/trusted.gpg.d", "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial", "var/lib/dpkg",
        ):  # fmt: skip
            (root / folder).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        sources = (repository / SOURCES).read_bytes()
        (root / "etc/apt/sources.list.d" / SOURCES).write_bytes(sources)
        return cls(root)

    def run(self, *args: str) -> process.Completed:
        """Runs an apt-get command; any status will do."""
        return self._apt("apt-get", args)

    def update(self) -> process.Completed:
        """Fetches the indexes; a failure of any source is a failure."""
        return self.run("update", "--error-on=any")

    def version(self, package: str) -> str:
        """The version that it would install; empty where it knows none."""
        done = self._apt("apt-cache", ("show", "--no-all-versions", package))
        versions = [x for x in done.output.splitlines() if x.startswith("Version: ")]
        return versions[0].removeprefix("Version: ") if versions else ""

    def _apt(self, program: str, args: Sequence[str]) -> process.Completed:
        options = (
            "--option", f"Dir={self.root}", "--option", "APT::Architecture=amd64",
            "--option", "APT::Architectures=amd64", "--option", "APT::Sandbox::User=root",
            "--option", f"Dir::State::status={self.root}/var/lib/dpkg/status",
        )  # fmt: skip
        (self.root / "empty.conf").touch()
        # Otherwise the host's /etc/apt/apt.conf.d is read before the options are.
        env = {"APT_CONFIG": str(self.root / "empty.conf")}
        return process.run([program, *options, *args], cwd=self.root, env=env, ok=range(256))
