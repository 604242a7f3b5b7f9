# SPDX-License-Identifier: Apache-2.0
"""Reads what a yum repository says of itself: primary and filelists, by createrepo_c's reader."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import createrepo_c  # type: ignore[import-untyped]

from xsbuild.capabilities.index import PackageRecord
from xsbuild.capabilities.patterns import SKIPPED, normalized

if TYPE_CHECKING:
    from createrepo_c import Package

# What rpm packages provide in our words; more than that is read off their files.
_PROVIDED = re.compile(r"(pkgconfig|cmake|perl|python3dist)\(([^()]+)\)")
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:src|nosrc)\.rpm")
_SKIPPED = re.compile(SKIPPED)


def read_rpm_packages(repodata: Iterable[Path], architecture: str) -> Iterator[PackageRecord]:
    """Read the packages of some repositories.

    Args:
        repodata: their folders with ``repomd.xml``.
        architecture: packages of another one but noarch are left out.
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
    """Read the files of the packages of some repositories: path without its slash, its package."""
    for package in _packages(repodata, architecture):
        owner = (package.name,)
        for kind, folder, name in package.files:
            path = f"{folder}{name}"[1:]
            if kind != "dir" and not _SKIPPED.match(path):
                yield path, owner


def _packages(repodata: Iterable[Path], architecture: str) -> Iterator["Package"]:
    for folder in repodata:
        records = {
            record.type: str(folder.parent / record.location_href)
            for record in createrepo_c.Repomd(str(folder / "repomd.xml")).records
        }
        for package in createrepo_c.PackageIterator(
            primary_path=records["primary"], filelists_path=records["filelists"], other_path=None
        ):
            if package.arch in (architecture, "noarch"):
                yield package


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
