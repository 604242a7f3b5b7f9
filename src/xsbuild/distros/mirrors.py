# SPDX-License-Identifier: Apache-2.0
"""Mirrors of a distro's archives: the user's setting, else the host's own apt sources.

An archive may have several, which are tried in turn.
"""

from collections.abc import Iterator, Mapping, Sequence

from xsbuild.distros.model import Archive, Distro
from xsbuild.host import process
from xsbuild.settings import Settings

Mirrors = Mapping[str, Sequence[str]]

# mirror+file: and cdrom: lead to files of the host's, which a chroot does not have.
_SCHEMES = ("http:", "https:", "ftp:", "file:", "copy:")


def mirrors_of(archives: Sequence[Archive], settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return archive name → its mirrors, for archives of which the user or the host names one."""
    chosen = {a.name: own for a in archives if (own := settings.archives.get(a.name))}
    others = [archive for archive in archives if archive.name not in chosen]
    if not others:
        return chosen
    host = parse_indextargets(_indextargets())
    found = {a.name: host[a.origin, a.label] for a in others if (a.origin, a.label) in host}
    return {**chosen, **found}


def host_mirrors() -> frozenset[str]:
    """The mirrors in the host's own apt sources; none where it has no apt."""
    return frozenset(uri for uris in parse_indextargets(_indextargets()).values() for uri in uris)


def orders(mirrors: Mirrors) -> Iterator[dict[str, tuple[str, ...]]]:
    """Yield the mirrors in as many orders as it takes for each to be the first once."""
    for shift in range(max(map(len, mirrors.values()), default=0)):
        yield {name: (*uris[shift % len(uris) :], *uris[: shift % len(uris)])
               for name, uris in mirrors.items()}  # fmt: skip


def deb822_sources(distro: Distro, mirrors: Mirrors) -> str:
    """Write the sources file of a chroot (sources.list(5), deb822-style).

    Of several mirrors apt takes each package from the first that has it.

    Args:
        distro: whose archives it lists.
        mirrors: archive name → its mirrors, for each of them.
    """
    return "\n".join(
        f"Types: deb\nURIs: {' '.join(mirrors[archive.name])}\n"
        f"Suites: {' '.join(archive.suites)}\n"
        f"Components: {' '.join(archive.components)}\nSigned-By: {archive.keyring}\n"
        for archive in distro.archives
    )


def parse_indextargets(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Read lines ``ORIGIN tab LABEL tab URI``: the mirrors of each archive, in their order."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for line in text.splitlines():
        match line.split("\t"):
            case [origin, label, uri] if origin and uri.startswith(_SCHEMES):
                found.setdefault((origin, label), {})[uri] = None
    return {archive: tuple(uris) for archive, uris in found.items()}


def _indextargets() -> str:
    """The host's own sources; empty where it has no apt."""
    wanted = "$(ORIGIN)\t$(LABEL)\t$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    return process.run(command).output if process.is_program("apt-get") else ""
