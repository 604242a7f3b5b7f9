# SPDX-License-Identifier: Apache-2.0
"""Xen as what GRUB starts by default."""

import re
from collections.abc import Iterator
from typing import Optional

from xenserver_core_setup.actions import Action, Command, Trouble, Write
from xenserver_core_setup.host import Host
from xenserver_core_setup.settings import parse

_MENUS = ("/boot/grub2/grub.cfg", "/boot/grub/grub.cfg")
_SNIPPETS = "/etc/default/grub.d"
SNIPPET = f"{_SNIPPETS}/xenserver-core.cfg"
# GRUB's 20_linux_xen names the newest kernel on the newest hypervisor so.
_ENTRY = re.compile(r"\$menuentry_id_option\s+'(xen-gnulinux-simple-[^']+)'")
_COMMENT = "# Written by xenserver-core-setup(8): Xen is what starts by default.\n"


def boot(host: Host) -> Iterator[Action]:
    """GRUB's menu has Xen, and starts it by default.

    Debian's GRUB reads snippets of its defaults; elsewhere the default is in GRUB's environment.
    """
    menu = next((name for name in _MENUS if host.exists(name)), None)
    if menu is None:
        yield Trouble("GRUB has no menu here: make Xen the default of the boot loader by hand")
        return
    if not any(host.path("/boot").glob("xen*")):
        yield Trouble("no hypervisor in /boot: install the distribution's Xen, or xen-hypervisor")
        return
    entry = _ENTRY.search(host.read(menu) or "")
    if entry is None:
        yield from _remade(host, menu, "put Xen into GRUB's menu")
    elif host.exists(_SNIPPETS):
        yield from _by_snippet(host, menu, entry[1])
    else:
        yield from _by_environment(host, menu, entry[1])


def _remade(host: Host, menu: str, why: str) -> Iterator[Action]:
    maker = host.program("grub2-mkconfig", "grub-mkconfig")
    if maker is None:
        yield Trouble(f"no grub-mkconfig here, so that nothing can {why}")
    else:
        yield Command([maker, "-o", menu], why)


def _by_snippet(host: Host, menu: str, entry: str) -> Iterator[Action]:
    text = f'{_COMMENT}GRUB_DEFAULT="{entry}"\n'
    if host.read(SNIPPET) != text:
        yield Write(SNIPPET, text, "Xen is the default")
    if f'set default="{entry}"' not in (host.read(menu) or ""):
        yield from _remade(host, menu, "start Xen by default")


def _by_environment(host: Host, menu: str, entry: str) -> Iterator[Action]:
    default = parse(host.read("/etc/default/grub") or "").get("GRUB_DEFAULT")
    if default != "saved":
        yield Trouble(
            "GRUB_DEFAULT in /etc/default/grub is not `saved`: set it, and run this again"
        )
        return
    if _saved_entry(host, menu) != entry:
        setter = host.program("grub2-set-default", "grub-set-default")
        if setter is None:
            yield Trouble("no grub2-set-default here, so that Xen cannot be made the default")
        else:
            yield Command([setter, entry], "start Xen by default")


def _saved_entry(host: Host, menu: str) -> Optional[str]:
    environment = host.read(menu.replace("grub.cfg", "grubenv")) or ""
    return parse(environment).get("saved_entry")
