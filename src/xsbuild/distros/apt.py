# SPDX-License-Identifier: Apache-2.0
"""A private apt for one distro: its own folders, its distro's archives, nothing of the host."""

import datetime
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from email.parser import Parser
from email.utils import parsedate_to_datetime
from pathlib import Path

from xsbuild.distros.mirrors import deb822_sources, mirrors_of, reaching_options
from xsbuild.distros.model import Distro, IndexStamp
from xsbuild.errors import InputError
from xsbuild.host import process
from xsbuild.settings import Settings

_APT_ERROR = 100
_FOLDERS = (
    "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d",
    "etc/apt/trusted.gpg.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial",
    "var/lib/dpkg",
)  # fmt: skip

# apt.conf(5). Packages files are kept as text: apt looks up records in them, which takes it ten
# seconds more in a compressed one. Contents files come in gzip, and Python reads that. Fetched as
# the user who runs this: apt's own user may not enter the cache.
_CONFIGURATION = """\
Dir "{folder}";
Dir::State::status "{folder}/var/lib/dpkg/status";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "";
APT::Get::List-Cleanup "true";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::GzipIndexes "false";
Acquire::IndexTargets::deb::Contents {{
  MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)";
  ShortDescription "Contents-$(ARCHITECTURE)";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents";
  KeepCompressed "true";
  KeepCompressedAs "gz";
}};
"""


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """apt with its own Dir.

    Attributes:
        folder: apt's Dir.
    """

    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes apt use it."""
        return {"APT_CONFIG": str(self.folder / "etc/apt/private.conf")}

    @property
    def sources(self) -> Path:
        """The folder of its sources files."""
        return self.folder / "etc/apt/sources.list.d"

    def run(self, *args: str, ok: Collection[int] = (0,)) -> str:
        """Runs apt-get and returns its output.

        Args:
            ok: exit statuses that are no failure.

        Raises:
            CommandFailedError: it failed.
        """
        return process.run(["apt-get", *args], env=self.environment, ok=ok).output

    def targets(self, created_by: str) -> list[Path]:
        """Fetched index files of one kind, as ``Packages`` or ``Contents``."""
        lines = self.run("indextargets", "--format", "$(FILENAME)", f"Created-By: {created_by}")
        return [file for file in map(Path, lines.splitlines()) if file.exists()]

    def stamp(self) -> IndexStamp | None:
        """The state of the archives when it last updated; None where it never did."""
        lists = self.folder / "var/lib/apt/lists"
        releases = sorted([*lists.glob("*_InRelease"), *lists.glob("*_Release")])
        if not releases:
            return None
        contents = [release.read_bytes() for release in releases]
        digests = sorted(hashlib.sha256(content).hexdigest() for content in contents)
        return IndexStamp(
            date=max(_date(content.decode()) for content in contents),
            hash=hashlib.sha256("".join(digests).encode()).hexdigest(),
        )


def make_private_apt(folder: Path, architecture: str) -> PrivateApt:
    """Makes a private apt that has no sources yet."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "var/lib/dpkg/status").touch()
    text = _CONFIGURATION.format(folder=folder, architecture=architecture) + reaching_options()
    (folder / "etc/apt/private.conf").write_text(text, encoding="utf-8")
    return PrivateApt(folder)


def update_packages(apt: PrivateApt, distro: Distro, settings: Settings) -> None:
    """Fetches what has changed of the archives' lists of packages, and checks their signatures.

    Raises:
        InputError: an archive has no mirror, or its keyring is not there.
        CommandFailedError: they could not be fetched, or are not signed as they must be.
    """
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
    sources = deb822_sources(distro, mirrors)
    (apt.sources / "distro.sources").write_text(sources, encoding="utf-8")
    alone = ("Acquire::IndexTargets::deb::Contents::DefaultEnabled=false",)
    kept = ("APT::Get::List-Cleanup=false",)
    options = [word for option in (*alone, *kept) for word in ("-o", option)]
    apt.run("update", "--error-on=any", *options)


def update_contents(apt: PrivateApt, distro: Distro, step: Callable[[str], None]) -> None:
    """Fetches what has changed of the archives' lists of files, after their lists of packages.

    A suite of updates may lack its list, as mirrors are not always whole; `step` is told.

    Raises:
        InputError: there is none.
    """
    output = apt.run("update", ok=(0, _APT_ERROR))
    for line in output.splitlines():
        if line.startswith("E: Failed to fetch"):
            step(f"{distro.name}: {line.removeprefix('E: ')}")
    if not apt.targets("Contents"):
        raise InputError(
            f"{distro.title}: its archives have no lists of files (Contents)",
            code="XSB-DISTRO-METADATA",
        )


def _date(release: str) -> datetime.date:
    # An InRelease file is a Release file in a frame of two lines.
    text = release.partition("Hash: ")[2].partition("\n\n")[2] or release
    return parsedate_to_datetime(Parser().parsestr(text, headersonly=True)["Date"]).date()
