# SPDX-License-Identifier: Apache-2.0
"""The manifest's model of an appliance."""

from typing import Annotated

from pydantic import Field

from xsbuild.manifest.package import Name
from xsbuild.strict import Documented, Like, Size
from xsbuild.texts import Word

UnitName = Annotated[Word, Like(r"[A-Za-z0-9@:_.\\-]+\.[a-z]+", "a unit such as sshd.service")]


class Appliance(Documented):
    """A medium that starts a distro with the product, and installs it."""

    title: Annotated[
        str, Like(r"[A-Za-z0-9][A-Za-z0-9 .,:+()-]{2,40}", "a title such as XenServer platform")
    ]
    """display name, in the boot menu"""
    label: Annotated[str, Like(r"[A-Z0-9_]{1,16}", "a volume label such as XENSERVER")] = (
        "XENSERVER"
    )
    """volume label of the medium"""
    packages: Annotated[tuple[Name, ...], Field(min_length=1)]
    """packages and meta-packages of the manifest that it has, with all they require"""
    enable: tuple[UnitName, ...] = ()
    """units that are enabled besides those that packages enable"""
    mask: tuple[UnitName, ...] = ()
    """units that are masked"""
    live_memory: Size = "1 GiB"
    """memory of dom0 when Xen is started from the medium"""
