# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of what an upgrade changes on the file system beside replacing files.

Neither package manager replaces a directory by a symbolic link or back, moves what an administrator
wrote, or forgets a configuration file by itself. The names are those of dpkg-maintscript-helper(1).
"""

from typing import Annotated

from pydantic import Discriminator, Tag

from xsbuild.strict import Documented, Like

# These paths become words of shell and Lua scripts.
_CHARACTERS = r"[A-Za-z0-9_.+@:~/{}-]"
UpgradePath = Annotated[
    str,
    Like(
        rf"[/{{]{_CHARACTERS}*[^/]",
        "a path of letters, digits and _ . + @ : ~ - without a slash at its end",
        "path",
    ),
]
LinkTarget = Annotated[
    str, Like(rf"{_CHARACTERS}+", "a path of letters, digits and _ . + @ : ~ -", "path")
]
Since = Annotated[
    str,
    Like(
        r"([0-9]+:)?[0-9][A-Za-z0-9.+~^_]*(-[A-Za-z0-9.+~^_]+)?",
        "a version such as 2.0-1",
        "version",
    ),
]


class _Change(Documented):
    since: Since
    """the first version with the change; upgrades from earlier ones make it"""


class RmConffile(_Change):
    """A configuration file that is no longer part of the package; an edited one is kept aside."""

    rm_conffile: UpgradePath
    """its path"""


class MvConffile(_Change):
    """A configuration file with a new path; an edited one takes its text along."""

    mv_conffile: UpgradePath
    """its former path"""
    to: UpgradePath
    """its path now, also in `config`"""


class DirToSymlink(_Change):
    """A directory that has become a symbolic link."""

    dir_to_symlink: UpgradePath
    """its path"""
    to: LinkTarget
    """the link's target, as in `links`"""


class SymlinkToDir(_Change):
    """A symbolic link that has become a directory."""

    symlink_to_dir: UpgradePath
    """its path"""
    to: LinkTarget
    """the former link's target"""


_KINDS = ("rm-conffile", "mv-conffile", "dir-to-symlink", "symlink-to-dir")


def _kind(value: object) -> str | None:
    kinds = [kind for kind in _KINDS if isinstance(value, dict) and kind in value]
    return kinds[0] if len(kinds) == 1 else None


Upgrade = Annotated[
    Annotated[RmConffile, Tag("rm-conffile")]
    | Annotated[MvConffile, Tag("mv-conffile")]
    | Annotated[DirToSymlink, Tag("dir-to-symlink")]
    | Annotated[SymlinkToDir, Tag("symlink-to-dir")],
    Discriminator(
        _kind,
        custom_error_type="upgrade",
        custom_error_message=f"an upgrade has exactly one of {', '.join(_KINDS)}",
    ),
]
