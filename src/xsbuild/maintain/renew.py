# SPDX-License-Identifier: Apache-2.0
"""Refresh the metadata of vendored libraries from opam, without fetching archives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xsbuild.errors import InputError
from xsbuild.maintain.opam import OpamFile, parse_opam
from xsbuild.maintain.opam_depends import dependencies_of
from xsbuild.manifest.libraries import DUNE, Archive, Libraries
from xsbuild.manifest.requirement import Capability, Requirement
from xsbuild.plainfile import read_text
from xsbuild.yamlfile import nearest


@dataclass(frozen=True, slots=True)
class Renewal:
    """The outcome of refreshing opam metadata.

    Attributes:
        libraries: as they are now.
        unread: archives of which no repository has the version, left as they were.
    """

    libraries: Libraries
    unread: tuple[str, ...]


def renew(libraries: Libraries, repositories: Sequence[Path], moves: Mapping[str, str]) -> Renewal:
    """Refresh address, checksums and requirements of every archive.

    Where Debian's archive has the file, and where it has no address, only requirements are read.

    Args:
        libraries: as they were.
        repositories: folders of opam repositories; the first that has a package wins.
        moves: archive → the version it moves to.

    Raises:
        InputError: an archive is not known, or no repository has the version it moves to.
        ProblemsError: an opam file cannot be read, with the line.
    """
    known = [archive.name for archive in libraries.archives]
    for name in moves:
        if name not in known:
            raise InputError(
                f"unknown archive {name!r}",
                hint=nearest(name, known),
                code="XSB-USAGE-UNKNOWN-NAME",
            )
    names = _Names(libraries)
    archives, unread = [], []
    for archive in libraries.archives:
        version = moves.get(archive.name, archive.version)
        files = list(_opam_files(archive, version, repositories))
        if files:
            archives.append(_renewed(archive, version, files, names))
            continue
        if version != archive.version:
            raise InputError(
                f"no opam repository has {archive.name} {version}", code="XSB-VENDOR-OPAM"
            )
        archives.append(archive)
        unread.append(archive.folder)
    renewed = libraries.model_copy(update={"archives": tuple(archives)})
    return Renewal(renewed, tuple(unread))


class _Names:
    """Mapping of opam packages to capabilities.

    Args:
        libraries: the set whose lock file is refreshed.
    """

    def __init__(self, libraries: Libraries) -> None:
        self._stated = libraries.names
        packages = {name for archive in libraries.archives for name in archive.packages}
        self.known = packages | self._stated.keys()

    def of(self, package: str) -> Capability | None:
        if package in self._stated:
            return self._stated[package]
        return Capability("ocamlfind", package)


def _opam_files(archive: Archive, version: str, repositories: Sequence[Path]) -> Iterator[OpamFile]:
    for package in archive.packages:
        for repository in repositories:
            # Some repositories group packages by where they come from.
            found = sorted(repository.glob(f"packages/*/{package}.{version}/opam"))
            if found:
                yield parse_opam(found[0], read_text(found[0]))
                break


def _renewed(archive: Archive, version: str, files: Sequence[OpamFile], names: _Names) -> Archive:
    needs = list(_needs(archive, files, names))
    changed: dict[str, object] = {
        "version": version,
        "requires": tuple(dict.fromkeys(item for item, build in needs if not build)),
        "build_requires": tuple(dict.fromkeys(item for item, build in needs if build)),
    }
    url, checksums = _source(files)
    if url and (archive.url or version != archive.version):
        is_new = version != archive.version or url != archive.url
        changed |= {"url": url, **_pins(archive, checksums, is_new=is_new)}
    return archive.model_copy(update=changed)


def _pins(archive: Archive, checksums: Sequence[str], *, is_new: bool) -> dict[str, object]:
    """Return the pin: opam's sha256, else the known one, else opam's sha512.

    Without any, the other checksums serve to pin it later, or to find it in an opam cache.
    """
    stated = dict(text.split("=", 1) for text in checksums)
    sha256 = stated.get("sha256") or (None if is_new else archive.sha256)
    sha512 = None if sha256 else stated.get("sha512")
    changed: dict[str, object] = {"sha256": sha256, "sha512": sha512}
    if (sha256, sha512) != (archive.sha256, archive.sha512):
        changed["debian_pool"] = None
    if sha256 or sha512:
        return {**changed, "opam_cache": None, "checksums": ()}
    return {**changed, "checksums": tuple(checksums)}


def _source(files: Sequence[OpamFile]) -> tuple[str | None, tuple[str, ...]]:
    for file in files:
        urls = file.texts("url.src") or file.texts("url.archive")
        if urls:
            # Without a kind it is md5 (opam's manual, "url").
            sums = [text if "=" in text else f"md5={text}" for text in file.texts("url.checksum")]
            return urls[0], tuple(sums)
    return None, ()


def _needs(
    archive: Archive, files: Sequence[OpamFile], names: _Names
) -> Iterator[tuple[Requirement, bool]]:
    """Yield requirements and whether only the build has them; known C libraries are kept."""
    known_to_build = {item.capability for item in archive.build_requires}
    for file in files:
        for dependency in dependencies_of(file, names.known):
            capability = names.of(dependency.name)
            if capability is None or capability in archive.provides:
                continue
            if capability == DUNE and archive.overlay:
                continue
            build = dependency.build or capability in known_to_build or capability.kind == "bin"
            yield Requirement(capability, dependency.constraints), build
    for item in archive.requires:
        if item.capability.kind != "ocamlfind":
            yield item, False
