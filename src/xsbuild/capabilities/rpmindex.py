# SPDX-License-Identifier: Apache-2.0
"""Read the metadata of a yum repository: primary and filelists, with createrepo_c's parser."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.capabilities.patterns import SKIPPED, normalized
from xsbuild.capabilities.records import Archives, PackageRecord
from xsbuild.distros.damaged import reading_index
from xsbuild.distros.dnf_metadata import PrivateDnf, make_private_dnf, read_repomd
from xsbuild.distros.model import Distro
from xsbuild.settings import Settings

if TYPE_CHECKING:
    from createrepo_c import Package

# Capabilities that rpm packages declare; others are derived from their files.
_PROVIDED = re.compile(r"(pkgconfig|cmake|perl|python3dist)\(([^()]+)\)")
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:src|nosrc)\.rpm")
_SKIPPED = re.compile(SKIPPED)


def private_dnf(distro: Distro, settings: Settings, folder: Path) -> PrivateDnf:
    """Return the dnf that fetches the archives of a distro, in the folder of its index."""
    return make_private_dnf(folder / "dnf", distro, distro.first_machine, settings)


def fetch_rpm(
    distro: Distro, settings: Settings, folder: Path, step: Callable[[str], None]
) -> Archives | None:
    """Fetch the repositories' metadata; see `CapabilityFamily.fetch`."""
    dnf = private_dnf(distro, settings, folder)
    if not settings.offline:
        step(f"{distro.name}: fetching the archives' indexes")
        dnf.run("--refresh", "makecache")
    stamp = dnf.stamp(distro)
    if stamp is None:
        return None
    repodata = dnf.repodata(distro)
    architecture = distro.architectures[distro.first_machine]
    return Archives(
        stamp,
        lambda: [path / "repomd.xml" for path in repodata],
        lambda: read_rpm_packages(repodata, architecture),
        lambda: read_rpm_files(repodata, architecture),
    )


def read_rpm_packages(repodata: Iterable[Path], architecture: str) -> Iterator[PackageRecord]:
    """Read the packages of some repositories.

    Args:
        repodata: their folders with ``repomd.xml``.
        architecture: packages of other architectures, except noarch, are skipped.
    """
    for package in _packages(repodata, architecture):
        version = _evr(package.epoch, package.version, package.release)
        source = _SOURCE.fullmatch(package.rpm_sourcerpm or "")
        yield PackageRecord(
            name=package.name,
            version=version,
            source=source["name"] if source else package.name,
            source_version=source["version"] if source else version,
            section=package.rpm_group or "",
            depends=", ".join(dict.fromkeys(item[0] for item in package.requires)),
            summary=package.summary or "",
            provides=tuple(_provides(package)),
        )


def read_rpm_files(
    repodata: Iterable[Path], architecture: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read the lists of files of some repositories: path without its leading slash, package."""
    for package in _packages(repodata, architecture):
        owner = (package.name,)
        for kind, folder, name in package.files:
            path = f"{folder}{name}"[1:]
            if kind != "dir" and not _SKIPPED.match(path):
                yield path, owner


def _packages(repodata: Iterable[Path], architecture: str) -> Iterator["Package"]:
    for folder in repodata:
        primary, filelists = _indexes(folder / "repomd.xml")
        with reading_index(primary, createrepo_c.CreaterepoCError):
            for package in createrepo_c.PackageIterator(
                primary_path=str(primary), filelists_path=str(filelists), other_path=None
            ):
                if package.arch in (architecture, "noarch"):
                    yield package


def _indexes(repomd: Path) -> tuple[Path, Path]:
    places = {record.type: record.location_href for record in read_repomd(repomd)}
    with reading_index(repomd):
        if not (places.get("primary") and places.get("filelists")):
            raise ValueError("it lists no primary or no filelists")
    root = repomd.parents[1]
    return root / places["primary"], root / places["filelists"]


def _provides(package: "Package") -> Iterator[tuple[str, str, str | None]]:
    for name, _flags, epoch, version, _release, _pre in package.provides:
        match = _PROVIDED.fullmatch(name)
        if match:
            kind, what = match.groups()
            spelled = normalized(what) if kind == "python3dist" else what
            yield kind, spelled, _evr(epoch, version, None) if version else None


def _evr(epoch: str | None, version: str, release: str | None) -> str:
    head = f"{epoch}:" if epoch and epoch != "0" else ""
    return f"{head}{version}-{release}" if release else f"{head}{version}"
