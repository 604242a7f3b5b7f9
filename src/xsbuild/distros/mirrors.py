# SPDX-License-Identifier: Apache-2.0
"""Where a distro's archives are reached: the user's setting, else the host's own apt sources."""

from collections.abc import Mapping, Sequence

from xsbuild.distros.model import Archive, Distro
from xsbuild.host import process
from xsbuild.settings import Settings

# How the host reaches archives and whether it insists on fresh ones; nothing else of its apt
# configuration concerns a chroot.
_REACHING = ("Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date")


def mirrors_of(archives: Sequence[Archive], settings: Settings) -> dict[str, str]:
    """Returns archive name → mirror, for those archives whose mirror the user or the host names."""
    chosen = {a.name: own[0] for a in archives if (own := settings.archives.get(a.name))}
    others = [archive for archive in archives if archive.name not in chosen]
    if not others:
        return chosen
    host = parse_indextargets(_indextargets())
    found = {a.name: host[a.origin, a.label] for a in others if (a.origin, a.label) in host}
    return {**chosen, **found}


def mirror_of(archive: Archive, settings: Settings) -> str | None:
    """Returns the address of one archive's mirror; None where none is known."""
    return mirrors_of([archive], settings).get(archive.name)


def host_mirrors() -> frozenset[str]:
    """The mirrors in the host's own apt sources; none where it has no apt."""
    return frozenset(parse_indextargets(_indextargets()).values())


def deb822_sources(distro: Distro, mirrors: Mapping[str, str]) -> str:
    """Writes the sources file of a chroot (sources.list(5), deb822-style).

    Args:
        distro: whose archives it lists.
        mirrors: archive name → mirror, for each of them.
    """
    return "\n".join(
        f"Types: deb\nURIs: {mirrors[archive.name]}\nSuites: {' '.join(archive.suites)}\n"
        f"Components: {' '.join(archive.components)}\nSigned-By: {archive.keyring}\n"
        for archive in distro.archives
    )


def parse_indextargets(text: str) -> dict[tuple[str, str], str]:
    """Reads lines ``ORIGIN tab LABEL tab URI``; the first source of an archive is its mirror."""
    found: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        match line.split("\t"):
            case [origin, label, uri] if origin and uri:
                found.setdefault((origin, label), uri)
    return found


def _indextargets() -> str:
    """The host's own sources; empty where it has no apt."""
    wanted = "$(ORIGIN)\t$(LABEL)\t$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    return process.run(command).output if process.is_program("apt-get") else ""


def reaching_options() -> str:
    """The host's apt settings on proxies and freshness, as text for an apt.conf(5)."""
    command = ["apt-config", "dump", "--no-empty", "--format", '%f "%v";%n', *_REACHING]
    return process.run(command).output if process.is_program("apt-config") else ""
