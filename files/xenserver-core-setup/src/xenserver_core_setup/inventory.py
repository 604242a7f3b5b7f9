# SPDX-License-Identifier: Apache-2.0
"""The host's inventory, which XenServer's installer would have written."""

import uuid
from collections.abc import Iterator
from importlib import import_module

from xenserver_core_setup.actions import Action, Write
from xenserver_core_setup.host import Host, SetupError
from xenserver_core_setup.network import Wanted, bridge_of, card_of
from xenserver_core_setup.settings import parse, updated

INVENTORY = "/etc/xensource-inventory"
# What xapi tells its clients of the host (ocaml/util/xapi_version.ml); without PLATFORM_VERSION it
# is 0.0.0, which they take for a host that is too old for them.
_PRODUCT = (
    "PRODUCT_BRAND",
    "PRODUCT_NAME",
    "PRODUCT_VERSION",
    "PRODUCT_VERSION_TEXT",
    "PRODUCT_VERSION_TEXT_SHORT",
    "PLATFORM_NAME",
    "PLATFORM_VERSION",
)


def inventory(host: Host, wanted: Wanted) -> Iterator[Action]:
    """The inventory has every key that the toolstack asks for; what is there stays.

    The identities are made once: the host and its dom0 are known by them in the pool's database.
    Names and versions of the product follow its packages. A host without toolstack has none.
    """
    if host.is_platform_only:
        return
    before = host.read(INVENTORY) or ""
    known = parse(before)
    values = {
        "INSTALLATION_UUID": known.get("INSTALLATION_UUID") or str(uuid.uuid4()),
        "CONTROL_DOMAIN_UUID": known.get("CONTROL_DOMAIN_UUID") or str(uuid.uuid4()),
        "MANAGEMENT_INTERFACE": known.get("MANAGEMENT_INTERFACE") or _bridge(host, wanted),
        "MANAGEMENT_ADDRESS_TYPE": known.get("MANAGEMENT_ADDRESS_TYPE") or "IPv4",
        **_product(),
    }
    if wanted.card:
        values["MANAGEMENT_INTERFACE"] = bridge_of(wanted.card)
    text = updated(before, values)
    if text != before:
        new = [key for key, value in values.items() if known.get(key) != value]
        yield Write(INVENTORY, text, ", ".join(new))


def _product() -> dict[str, str]:
    """Names and versions of the product, of the module that its tools have them from."""
    try:
        branding = import_module("xcp.branding")
    except ImportError:
        return {}  # it comes with xapi-core
    return {key: str(getattr(branding, key)) for key in _PRODUCT}


def _bridge(host: Host, wanted: Wanted) -> str:
    try:
        return bridge_of(card_of(host, wanted))
    except SetupError:
        return ""  # the network's own step says so
