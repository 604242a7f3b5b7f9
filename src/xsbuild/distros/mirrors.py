# SPDX-License-Identifier: Apache-2.0
"""Mirrors of a distro's archives: the user's setting, else the host's own apt sources.

An archive may have several, which are tried in turn.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from xsbuild.distros.model import Archive, Distro
from xsbuild.host import process
from xsbuild.settings import Settings

Mirrors = Mapping[str, Sequence[str]]

# cdrom: leads to a device of the host's, which a chroot does not have.
_SCHEMES = ("http:", "https:", "ftp:", "file:", "copy:")


def rewrite(address: str, prefixes: Mapping[str, str]) -> str:
    """Put a user's mirror in the place of the longest prefix that fits.

    Args:
        address: as a file of the project has it.
        prefixes: prefix → what replaces it.
    """
    fitting = [prefix for prefix in prefixes if address.startswith(prefix)]
    if not fitting:
        return address
    longest = max(fitting, key=len)
    return prefixes[longest] + address.removeprefix(longest)


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
    """Read lines ``ORIGIN tab LABEL tab URI``: the mirrors of each archive, in their order.

    A list of mirrors (apt-transport-mirror(1)) stands for those in it.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for line in text.splitlines():
        match line.split("\t"):
            case [origin, label, uri] if origin:
                known = [one for one in _listed(uri) if one.startswith(_SCHEMES)]
                if known:
                    found.setdefault((origin, label), {}).update(dict.fromkeys(known))
    return {archive: tuple(uris) for archive, uris in found.items()}


def _listed(uri: str) -> list[str]:
    """Return the mirrors of a list, by their priority; for all else the address itself."""
    if not uri.startswith("mirror+file:"):
        return [uri]
    file = Path(urlsplit(uri).path.rstrip("/"))
    try:
        lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return []
    mirrors = [words for words in lines if words and not words[0].startswith("#")]
    return [words[0] for words in sorted(mirrors, key=_priority)]


def _priority(words: Sequence[str]) -> int:
    found = (word.removeprefix("priority:") for word in words if word.startswith("priority:"))
    number = next(found, "")
    return int(number) if number.isdecimal() else sys.maxsize


def _indextargets() -> str:
    """The host's own sources; empty where it has no apt."""
    wanted = "$(ORIGIN)\t$(LABEL)\t$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]
    return process.run(command).output if process.is_program("apt-get") else ""
