# SPDX-License-Identifier: Apache-2.0
"""Addresses: reaching them by mirrors, hiding of credentials, file names."""

from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from xsbuild.distros.mirrors import rewrite
from xsbuild.errors import InputError, SourceError
from xsbuild.settings import Settings


def require_network(what: str, settings: Settings) -> None:
    """Refuse to look for something outside the cache where the user wants the cache alone.

    Raises:
        SourceError: the user does.
    """
    if settings.offline:
        raise SourceError(
            f"{what} is not in the cache",
            hint="run `xsbuild fetch` without --offline to download it",
            code="XSB-SOURCE-NOT-CACHED",
        )


def reach(address: str, settings: Settings) -> str:
    """Return the address to fetch from, rewritten to the user's mirror.

    Raises:
        SourceError: the user wants the cache alone.
    """
    require_network(shown(address), settings)
    return rewrite(address, settings.rewrite)


def parts_of(address: str) -> SplitResult:
    """Split an address into its parts.

    Raises:
        InputError: it is no URL.
    """
    try:
        return urlsplit(address)
    except ValueError as error:
        message = f"{address!r} is not a valid URL: {error}"
        raise InputError(message, code="XSB-SOURCE-ADDRESS") from error


def shown(address: str) -> str:
    """Return an address without its user name and password: keys never reach a log."""
    parts = parts_of(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def file_name_of(address: str) -> str:
    """Return the name of the file that an address leads to.

    A fragment ``#/NAME`` is that name, as in spec files.

    Raises:
        InputError: it leads to none, or to a name that is no plain file name.
    """
    parts = parts_of(address)
    path = parts.fragment if parts.fragment.startswith("/") else parts.path
    return checked_file_name(unquote(path.rpartition("/")[2]), address)


def checked_file_name(name: str, address: str) -> str:
    """Return a file name from an index or an address, checked to be a plain file name.

    Raises:
        InputError: it is not.
    """
    if not name or name.startswith((".", "-")) or not name.isprintable() or "/" in name:
        raise InputError(f"{shown(address)} does not end in a file name", code="XSB-SOURCE-ADDRESS")
    return name
