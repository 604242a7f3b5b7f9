# SPDX-License-Identifier: Apache-2.0
"""A private apt for one distro: its own folders, its distro's archives, nothing of the host."""

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from email.parser import Parser
from email.utils import parsedate_to_datetime
from pathlib import Path

from debian.deb822 import Deb822

from xsbuild.distros.apt_conf import private_configuration, release_configuration
from xsbuild.distros.apt_output import MirrorFault, read_faults
from xsbuild.distros.damaged import reading_index
from xsbuild.distros.mirrors import deb822_sources, mirrors_of, orders
from xsbuild.distros.model import Distro, IndexStamp
from xsbuild.errors import InputError, XsbuildError
from xsbuild.host import process
from xsbuild.settings import Settings

_APT_ERROR = 100
# Without the lists of files; those of before stay.
_PACKAGES_ALONE = (
    "Acquire::IndexTargets::deb::Contents::DefaultEnabled=false",
    "APT::Get::List-Cleanup=false",
)
# apt tries the next mirror and another compression if a file is missing, but not if
# it has another size or checksum than InRelease lists. The file by its hash and the plain one may
# differ on a mirror that is being synchronised, and so may the compressions.
_ATTEMPTS: tuple[tuple[str, ...], ...] = (
    (),
    ("Acquire::By-Hash=no",),
    ("Acquire::By-Hash=no", "Acquire::CompressionTypes::Order::=gz"),
)
_FOLDERS = (
    "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d",
    "etc/apt/trusted.gpg.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial",
    "var/lib/dpkg",
)  # fmt: skip


class MirrorsError(XsbuildError):
    """No mirror of an archive serves all of its indexes."""

    def __init__(self, distro: Distro, faults: Sequence[MirrorFault]) -> None:
        shown = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(
            f"{distro.title}: the indexes of its archives cannot be fetched{shown}",
            hint="try again in an hour, or name further mirrors in config.yaml: "
            "`archives: {debian: [ADDRESS, ADDRESS]}`",
            code="XSB-DISTRO-MIRRORS",
        )


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """apt with its own Dir.

    Attributes:
        folder: apt's Dir.
    """

    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that makes apt use these directories."""
        return {"APT_CONFIG": str(self.folder / "etc/apt/private.conf")}

    @property
    def sources(self) -> Path:
        """The folder of its sources files."""
        return self.folder / "etc/apt/sources.list.d"

    def run(self, *args: str, ok: Collection[int] = (0,)) -> str:
        """Run apt-get and return its output.

        Args:
            ok: exit statuses that are no failure.

        Raises:
            CommandFailedError: it failed.
        """
        return process.run(["apt-get", *args], env=self.environment, ok=ok).output

    def mirrors(self, archive: str) -> Path:
        """The list of an archive's mirrors, for apt-transport-mirror(1)."""
        return self.folder / f"etc/apt/{archive}.mirrors"

    def refusal(self, *args: str, folder: Path | None = None) -> str | None:
        """Run apt-get; return its output where it refuses, else None.

        Args:
            args: its arguments.
            folder: its working directory.

        Raises:
            CommandFailedError: it failed otherwise.
        """
        command = ["apt-get", *args]
        done = process.run(command, env=self.environment, cwd=folder, ok=(0, _APT_ERROR))
        return done.output if done.status else None

    def update(self, *options: str) -> str | None:
        """Run `apt-get update`; return its output where an index could not be had, else None."""
        words = [word for option in options for word in ("-o", option)]
        return self.refusal("update", "--error-on=any", *words)

    def note_complete(self, distro: Distro) -> None:
        """Note that every index that the archives list was fetched, lists of files among them.

        Raises:
            InputError: the archives have no lists of files.
        """
        if not self.targets("Contents"):
            raise InputError(
                f"{distro.title}: its archives list no Contents files",
                hint="check the suites in the distro's file",
                code="XSB-DISTRO-METADATA",
            )
        stamp = self.stamp()
        assert stamp is not None
        self._complete.write_text(stamp.hash)

    @property
    def is_complete(self) -> bool:
        """Whether the lists of files are those of the Release files that are there."""
        stamp = self.stamp()
        return (
            stamp is not None
            and self._complete.exists()
            and (self._complete.read_text() == stamp.hash)
        )

    @property
    def _complete(self) -> Path:
        return self.folder / "complete"

    def targets(self, created_by: str) -> list[Path]:
        """Fetched index files of one kind, as ``Packages`` or ``Contents``."""
        lines = self.run("indextargets", "--format", "$(FILENAME)", f"Created-By: {created_by}")
        return [file for file in map(Path, lines.splitlines()) if file.exists()]

    def stamp(self) -> IndexStamp | None:
        """The state of the archives when it last updated; None if a suite was never fetched."""
        lists = self.folder / "var/lib/apt/lists"
        releases = sorted([*lists.glob("*_InRelease"), *lists.glob("*_Release")])
        if not releases or len(releases) < self._suites():
            return None
        contents = [_content(release) for release in releases]
        digests = sorted(hashlib.sha256(content).hexdigest() for content in contents)
        return IndexStamp(
            date=max(map(_date, releases, contents)),
            hash=hashlib.sha256("".join(digests).encode()).hexdigest(),
        )

    def _suites(self) -> int:
        """How many suites its sources name; apt itself does not list those never fetched."""
        texts = (file.read_text(encoding="utf-8") for file in self.sources.glob("*.sources"))
        parts = (part for text in texts for part in Deb822.iter_paragraphs(text, use_apt_pkg=False))
        return sum(len(part["URIs"].split()) * len(part["Suites"].split()) for part in parts)


def update_releases(sources: Path, folder: Path) -> None:
    """Fetch nothing but the InRelease files of archives, verified by apt.

    Args:
        sources: names the archives (sources.list(5)).
        folder: an existing directory with a folder `lists`, in which are those of before.

    Raises:
        CommandFailedError: one cannot be fetched, or its signature is not valid.
    """
    file = folder / "apt.conf"
    file.write_text(release_configuration(sources, folder))
    process.run(["apt-get", "update"], env={"APT_CONFIG": str(file)})


def make_private_apt(folder: Path, architecture: str) -> PrivateApt:
    """Make a private apt that has no sources yet."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "var/lib/dpkg/status").touch()
    text = private_configuration(folder, architecture)
    (folder / "etc/apt/private.conf").write_text(text, encoding="utf-8")
    return PrivateApt(folder)


def update(apt: PrivateApt, distro: Distro, settings: Settings, *, contents: bool) -> None:
    """Fetch what has changed of the archives' indexes, and verify them.

    Where a mirror lacks a file, or serves another than InRelease lists, apt asks the next mirror,
    by the plain name instead of by hash, and for another compression. Where all fail, the indexes
    of before stay.

    Args:
        contents: also fetch the lists of files (Contents).

    Raises:
        InputError: an archive has no mirror, or its keyring is missing.
        MirrorsError: an index cannot be had from any mirror.
    """
    mirrors = _known_mirrors(distro, settings)
    _sources_file(apt).write_text(_sources(apt, distro), encoding="utf-8")
    faults: dict[str, MirrorFault] = {}
    for order in orders(mirrors):
        for name, uris in order.items():
            lines = (f"{uri}\tpriority:{number}\n" for number, uri in enumerate(uris, 1))
            apt.mirrors(name).write_text("".join(lines), encoding="utf-8")
        for options in _ATTEMPTS:
            output = apt.update(*options, *(() if contents else _PACKAGES_ALONE))
            if output is None:
                if contents:
                    apt.note_complete(distro)
                return
            first = next(iter(order.values()))[0]
            for fault in read_faults(output, first):
                faults.setdefault(str(fault), fault)
    raise MirrorsError(distro, tuple(faults.values()))


def has_sources_of(apt: PrivateApt, distro: Distro) -> bool:
    """Whether a private apt last updated from the archives that a distro now names."""
    file = _sources_file(apt)
    return file.exists() and file.read_text(encoding="utf-8") == _sources(apt, distro)


def _sources_file(apt: PrivateApt) -> Path:
    return apt.sources / "distro.sources"


def _sources(apt: PrivateApt, distro: Distro) -> str:
    lists = {archive.name: apt.mirrors(archive.name) for archive in distro.archives}
    return deb822_sources(distro, {name: (f"mirror+file:{file}",) for name, file in lists.items()})


def _known_mirrors(distro: Distro, settings: Settings) -> dict[str, tuple[str, ...]]:
    mirrors = mirrors_of(distro.archives, settings)
    for archive in distro.archives:
        if archive.name not in mirrors:
            raise InputError(
                f"{distro.title}: no mirror of the archive {archive.name} is known",
                hint=f"set it in {settings.folders.config}/config.yaml: "
                f'`archives: {{{archive.name}: "ADDRESS"}}`',
                code="XSB-CONFIG-MIRROR",
            )
        if not Path(archive.keyring).is_file():
            raise InputError(
                f"{distro.title}: the keyring {archive.keyring} is not there",
                hint="install debian-archive-keyring or ubuntu-archive-keyring",
                code="XSB-DISTRO-KEYRING",
            )
    return mirrors


def _content(file: Path) -> bytes:
    with reading_index(file):
        return file.read_bytes()


def _date(file: Path, content: bytes) -> datetime.date:
    with reading_index(file):
        release = content.decode()
        # An InRelease file is a Release file in a frame of two lines.
        text = release.partition("Hash: ")[2].partition("\n\n")[2] or release
        date = Parser().parsestr(text, headersonly=True)["Date"]
        return parsedate_to_datetime(date or "none").date()
