# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of system users and groups, created by sysusers.d(5)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from xsbuild.strict import Documented, Like
from xsbuild.texts import Gecos

Account = Annotated[str, Like(r"[a-z_][a-z0-9_-]{0,30}", "a name such as _greetd")]
# sysusers.d(5) separates fields by spaces, passwd(5) by colons; `%` begins a specifier.
Home = Annotated[
    str, Like(r"/[A-Za-z0-9_.+/-]*", "an absolute path without spaces", "absolute path")
]


# -1 in 16 bits, an error value of old programs: sysusers.d(5) refuses it.
_NO_ID = 0xFFFF


def _id(value: int) -> int:
    if value == _NO_ID:
        raise ValueError(
            f"sysusers.d(5) does not accept the id {value}; create the user in `scripts`"
        )
    return value


Id = Annotated[int, Field(ge=1, lt=0xFFFFFFFF), AfterValidator(_id)]


class Group(Documented):
    """A system group, created by sysusers.d(5)."""

    name: Account
    """its name"""
    id: Id | None = None
    """fixed GID, if programs rely on it"""


class User(Documented):
    """A system user (and its group of the same name), created by sysusers.d(5)."""

    name: Account
    """its name"""
    id: Id | None = None
    """fixed UID and GID, if programs rely on it"""
    comment: Gecos
    """its purpose (GECOS)"""
    home: Home = "/"
    """its home directory, which is not created"""
    shell: Home = "/usr/sbin/nologin"
    """its shell"""
    groups: tuple[Account, ...] = ()
    """its supplementary groups"""
