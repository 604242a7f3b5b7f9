# SPDX-License-Identifier: Apache-2.0
"""The management bridge: which network card it is on, and that nobody else configures that card.

xcp-networkd makes the bridge when it first starts, from ``management.conf``, which XenServer's
installer would have written; the toolstack derives the bridge's name from the card's.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from xenserver_core_setup.actions import Action, Trouble, Write
from xenserver_core_setup.host import Host, SetupError
from xenserver_core_setup.settings import parse, updated

MANAGEMENT = "/etc/firstboot.d/data/management.conf"
_INTERFACES = "/etc/network/interfaces"
_MARK = "# xcp-networkd has it: "
_STANZAS = ("iface", "mapping", "auto", "source", "source-directory", "rename")
_ROUTES = "/proc/net/route"
_MANAGERS = {
    "/etc/NetworkManager/conf.d": (
        "xenserver-core.conf",
        "[keyfile]\nunmanaged-devices=interface-name:{card};interface-name:{bridge}\n",
    ),
    "/etc/systemd/network": (
        "05-xenserver-core.network",
        "[Match]\nName={card} {bridge}\n\n[Link]\nUnmanaged=yes\n",
    ),
}


@dataclass(frozen=True)
class Wanted:
    """What was asked for; anything else stays as it is.

    Attributes:
        card: the network card; the one of the default route where None.
        address: a fixed address with its network; by DHCP where None.
        gateway: for a fixed address.
        dns: addresses of name servers, for a fixed address.
    """

    card: Optional[str] = None
    address: Optional[ipaddress.IPv4Interface] = None
    gateway: Optional[str] = None
    dns: tuple[str, ...] = ()


def bridge_of(card: str) -> str:
    """The toolstack's name for the bridge on a card: ``eth0`` → ``xenbr0``, others get ``br``."""
    return f"xenbr{card[3:]}" if card.startswith("eth") else f"br{card}"


def card_of(host: Host, wanted: Wanted) -> str:
    """The card of the management bridge: as asked for, as set up before, or the default route's.

    Raises:
        SetupError: nothing says which it is.
    """
    known = wanted.card or parse(host.read(MANAGEMENT) or "").get("LABEL")
    card = known or _card_of_default_route(host.read(_ROUTES) or "")
    if not card:
        raise SetupError(
            "no network card has a default route: say with --interface which one is for management"
        )
    return card


def _card_of_default_route(routes: str) -> Optional[str]:
    # proc(5): Iface, Destination, …; the columns are separated by tabs
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 1 and fields[1] == "00000000":
            return fields[0]
    return None


def network(host: Host, wanted: Wanted) -> Iterator[Action]:
    """The bridge's configuration is there, and other programs leave its card alone.

    Without a toolstack the bridge is the distribution's to configure.
    """
    if host.is_platform_only:
        return
    try:
        card = card_of(host, wanted)
    except SetupError as error:
        yield Trouble(str(error))
        return
    before = host.read(MANAGEMENT) or ""
    text = updated(before, _configuration(before, card, wanted))
    if text != before:
        yield Write(MANAGEMENT, text, f"the management bridge is on {card}")
    yield from _left_alone(host, card)


def _configuration(before: str, card: str, wanted: Wanted) -> dict[str, str]:
    if wanted.address is None:
        return {"LABEL": card} if "MODE" in parse(before) else {"LABEL": card, "MODE": "dhcp"}
    values = {
        "LABEL": card,
        "MODE": "static",
        "IP": str(wanted.address.ip),
        "NETMASK": str(wanted.address.netmask),
    }
    if wanted.gateway:
        values["GATEWAY"] = wanted.gateway
    if wanted.dns:
        values["DNS"] = ",".join(wanted.dns)
    return values


def _left_alone(host: Host, card: str) -> Iterator[Action]:
    for folder, (name, form) in _MANAGERS.items():
        text = form.format(card=card, bridge=bridge_of(card))
        if host.exists(folder) and host.read(f"{folder}/{name}") != text:
            yield Write(f"{folder}/{name}", text, f"leave {card} to xcp-networkd")
    interfaces = host.read(_INTERFACES)
    if interfaces is not None:
        text = without_card(interfaces, card)
        if text != interfaces:
            yield Write(_INTERFACES, text, f"leave {card} to xcp-networkd")


def without_card(interfaces: str, card: str) -> str:
    """interfaces(5) with what is said of a card made a comment."""
    lines = []
    inside = False
    for line in interfaces.splitlines(keepends=True):
        words = line.split()
        first = words[0] if words else "#"
        if first in _STANZAS or first.startswith("allow-"):
            inside = first == "iface" and words[1] == card
        if first == "auto" or first.startswith("allow-"):
            lines.append(_started(line, words, card))
        else:
            lines.append(f"{_MARK}{line}" if inside and not first.startswith("#") else line)
    return "".join(lines)


def _started(line: str, words: list[str], card: str) -> str:
    """A line that names cards to be started, without one of them."""
    others = [word for word in words[1:] if word != card]
    if len(others) == len(words) - 1:
        return line
    return f"{words[0]} {' '.join(others)}\n" if others else f"{_MARK}{line}"
