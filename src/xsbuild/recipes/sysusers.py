# SPDX-License-Identifier: Apache-2.0
"""Users as sysusers.d(5) has them."""

from xsbuild.manifest.model import User

_NOLOGIN = "/usr/sbin/nologin"


def sysusers_lines(user: User) -> list[str]:
    """The line of a user, and one for each group it is in."""
    comment = user.comment.replace("\\", "\\\\").replace('"', '\\"')
    home = "-" if user.home == "/" else user.home
    shell = "-" if user.shell == _NOLOGIN else user.shell
    line = f'u {user.name} - "{comment}" {home} {shell}'.removesuffix(" -").removesuffix(" -")
    return [line, *(f"m {user.name} {group}" for group in user.groups)]
