# SPDX-License-Identifier: Apache-2.0
"""Fetch the metadata of a distro's yum repositories with a private dnf."""

import datetime
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.distros.damaged import reading_index
from xsbuild.distros.dnf import distro_repositories, private_configuration, rpm_of
from xsbuild.distros.model import Distro, IndexStamp
from xsbuild.host import process
from xsbuild.host.namespace import private_namespace
from xsbuild.settings import Settings

if TYPE_CHECKING:
    from createrepo_c import RepomdRecord


@dataclass(frozen=True, slots=True)
class PrivateDnf:
    """A private dnf, with its own folders and an empty root.

    Attributes:
        folder: its folders.
        machine: as `uname -m` says.
    """

    folder: Path
    machine: str

    def run(self, *args: str, ok: Collection[int] = (0,)) -> str:
        """Run dnf and return its output.

        Args:
            ok: exit statuses that are no failure.

        Raises:
            MissingToolError: dnf is not installed.
            CommandFailedError: it failed.
        """
        options = [f"--config={self.folder / 'dnf.conf'}", f"--forcearch={self.machine}"]
        command = ["dnf", *options, f"--installroot={self.folder / 'root'}", *args]
        # The namespace ends the agent that gpg starts when dnf checks a signature.
        with private_namespace() as namespace:
            env = {"HOME": str(self.folder)}
            return process.run(command, within=namespace.enter, env=env, ok=ok).output

    def repodata(self, distro: Distro) -> list[Path]:
        """Return the fetched folders with ``repomd.xml`` of a distro, in its order of archives."""
        found = []
        for repository in rpm_of(distro).repositories:
            files = list(self.folder.glob(f"**/{repository.name}-*/repodata/repomd.xml"))
            if files:
                # dnf also keeps metadata of former addresses, as of a replaced mirror
                found.append(max(files, key=lambda file: file.stat().st_mtime).parent)
        return found

    def stamp(self, distro: Distro) -> IndexStamp | None:
        """Return the state of the repositories when last fetched; None if one never was."""
        files = [folder / "repomd.xml" for folder in self.repodata(distro)]
        if len(files) < len(rpm_of(distro).repositories):
            return None
        digests = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
        records = [record for file in files for record in read_repomd(file)]
        newest = max(record.timestamp for record in records)
        return IndexStamp(
            date=datetime.datetime.fromtimestamp(newest, datetime.UTC).date(),
            hash=hashlib.sha256("".join(digests).encode()).hexdigest(),
        )


def read_repomd(file: Path) -> Sequence["RepomdRecord"]:
    """Read the list of a repository's indexes, of which there is at least one.

    Raises:
        XsbuildError: it is damaged.
    """
    with reading_index(file, createrepo_c.CreaterepoCError):
        records: Sequence[RepomdRecord] = createrepo_c.Repomd(str(file)).records
        if not records:
            raise ValueError("it lists no index")
        return records


def make_private_dnf(folder: Path, distro: Distro, machine: str, settings: Settings) -> PrivateDnf:
    """Set up a private dnf with a distro's repositories.

    Args:
        folder: kept between calls.
        machine: as `uname -m` says.
    """
    for name in ("root", "repositories"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    repositories = distro_repositories(distro, settings.rewrite)
    (folder / "repositories/distro.repo").write_text(repositories, encoding="utf-8")
    configuration = private_configuration(folder / "repositories", _settings(folder))
    (folder / "dnf.conf").write_text(configuration, encoding="utf-8")
    return PrivateDnf(folder, machine)


def _settings(folder: Path) -> dict[str, object]:
    # dnf verifies metalinks and signatures; newer versions fetch filelists on demand.
    return {
        "cachedir": folder / "cache",
        "logdir": folder,
        "metadata_expire": 0,
        "optional_metadata_types": "filelists",
        "persistdir": folder,
    }
