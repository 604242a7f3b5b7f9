# SPDX-License-Identifier: Apache-2.0
"""Configure the root of an appliance, and remove what binds it to this machine or moment."""

import re
from pathlib import Path

from xsbuild.appliance.family import RootFamily
from xsbuild.appliance.model import Order
from xsbuild.appliance.place import put
from xsbuild.buildroots.buildroot import Buildroot
from xsbuild.host import process
from xsbuild.repos.signing import KEY

_INSTALLER = "/usr/share/xenserver-installer"
_DAY = 24 * 3600
# machine-id(5): an empty one is made at each start, and kept where the root may be written.
_EMPTIED = ("etc/machine-id",)
_CLEARED = (
    "etc/*-",
    "etc/.pwd.lock",
    "etc/resolv.conf",
    "etc/ssh/ssh_host_*",
    "root/.[a-z]*_history",
    "tmp/*",
    "var/tmp/*",
    "var/cache/ldconfig/aux-cache",
    "var/cache/man/*",
    "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed",
    "var/log/*.log",
    "var/log/apt",
    "var/log/journal/*",
)
# shadow(5): the third field is the day of the last change
_CHANGED = re.compile(r"^([^:\n]*:[^:\n]*:)[0-9]+(?=:)", re.MULTILINE)


def make_initrds(root: Buildroot, family: RootFamily, log: Path) -> None:
    """Make the initrd of each kernel that has none."""
    top = f"{root.path}/lib/"
    depth = ("-mindepth", "2", "-maxdepth", "2", "-path", f"{top}modules/*")
    modules = root.namespace.run("find", top, *depth, "-printf", "%f\\n")
    for version in modules.split():
        initrd = f"/boot/{family.initrd.format(version=version)}"
        if root.run(["test", "-e", initrd], ok=(0, 1)).status:
            root.run(["dracut", "--quiet", "--kver", version, initrd], log=log)


def settle(order: Order, root: Buildroot, family: RootFamily, dependencies: list[str]) -> None:
    """Configure a root with all its packages.

    Args:
        order: the appliance.
        root: its root.
        family: of its distro.
        dependencies: the distro's packages in it.
    """
    family.settle(root, order.repository, dependencies)
    put(root, f"{_INSTALLER}/key.asc", (order.repository / KEY).read_bytes())
    _choose_units(order, root)
    _date_passwords(root, order.epoch // _DAY)
    _clear(root, (*_CLEARED, *family.cleared))
    # systemd.unit(5), ConditionNeedsUpdate: packages have made all caches, no start need do it
    root.run(["touch", "--reference=/usr", "/etc/.updated", "/var/.updated"])
    resolved = "../run/systemd/resolve/stub-resolv.conf"
    root.namespace.run("ln", "--symbolic", resolved, root.path / "etc/resolv.conf")


def _choose_units(order: Order, root: Buildroot) -> None:
    for verb, units in (("enable", order.appliance.enable), ("mask", order.appliance.mask)):
        if units:
            root.run(["systemctl", "--quiet", verb, *units], log=order.log)


def _date_passwords(root: Buildroot, day: int) -> None:
    if root.run(["test", "-e", "/etc/shadow"], ok=(0, 1)).status:
        return
    shadow = root.path / "etc/shadow"
    text = _CHANGED.sub(rf"\g<1>{day}", root.namespace.run("cat", shadow))
    # in place: its owner and permissions stay
    process.run(["dd", f"of={shadow}", "status=none"], within=root.namespace.enter,
                stdin=text.encode())  # fmt: skip


def _clear(root: Buildroot, patterns: tuple[str, ...]) -> None:
    for name in _EMPTIED:
        root.namespace.run("truncate", "--size=0", root.path / name)
    listed = root.namespace.run("find", root.path, "-xdev", "-depth", "-mindepth", "1", "(",
                                *_either(root.path, patterns), ")", "-print0")  # fmt: skip
    gone = [path for path in listed.split("\0") if path]
    if gone:
        root.namespace.run("rm", "--recursive", "--force", "--", *gone)


def _either(top: Path, patterns: tuple[str, ...]) -> list[str]:
    words = [word for pattern in patterns for word in ("-o", "-path", f"{top}/{pattern}")]
    return words[1:]
