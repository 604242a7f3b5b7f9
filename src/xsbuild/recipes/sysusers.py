# SPDX-License-Identifier: Apache-2.0
"""Users as sysusers.d(5) has them."""

from xsbuild.manifest.model import Package, User

_NOLOGIN = "/usr/sbin/nologin"


def sysusers_lines(package: Package) -> list[str]:
    """The lines of a package's groups and users."""
    groups = [f"g {group.name} {group.id or '-'}" for group in package.groups]
    return [*groups, *(line for user in package.users for line in _user_lines(user))]


def _user_lines(user: User) -> list[str]:
    comment = user.comment.replace("\\", "\\\\").replace('"', '\\"')
    home = "-" if user.home == "/" else user.home
    shell = "-" if user.shell == _NOLOGIN else user.shell
    line = f'u {user.name} {user.id or "-"} "{comment}" {home} {shell}'.removesuffix(
        " -"
    ).removesuffix(" -")
    return [line, *(f"m {user.name} {group}" for group in user.groups)]
