# SPDX-License-Identifier: Apache-2.0
"""The toolstack's units, enabled in the order in which they need each other; its certificates."""

from collections.abc import Iterator, Sequence

from xenserver_core_setup.actions import Action, Command, Trouble
from xenserver_core_setup.host import Host, SetupError, output_of

# Without these a host does not work.
NEEDED = (
    "message-switch.service",
    "forkexecd.service",
    "xcp-networkd.service",
    "squeezed.service",
    "xcp-rrdd.service",
    "xenopsd-xc.service",
    "gencert.service",
    "network-init.service",
    "storage-init.service",
    "xapi.service",
    "xapi-domains.service",
    "xapi-init-complete.target",
)
# These come with packages that a host may lack.
OPTIONAL = (
    "varstored-guard.service",
    "xapi-storage-script.service",
    "xapi-nbd.path",
    "wsproxy.socket",
    "create-guest-templates.service",
    "dom0term.service",
    "xsconsole.service",
)
_DAEMONS = (*NEEDED[:6], "xapi.service")
# systemctl(1), is-enabled: what needs nothing more to be started at boot, or cannot be enabled
_SETTLED = ("enabled", "static", "indirect", "alias", "generated", "linked")
CERTIFICATE = "/etc/xensource/xapi-ssl.pem"


def services(host: Host) -> Iterator[Action]:
    """Every unit of the toolstack is there and enabled; on Xen, its daemons run.

    A host without a toolstack only has to run on Xen.
    """
    if host.is_platform_only:
        yield from _running(host, [])
        return
    there = [unit for unit in (*NEEDED, *OPTIONAL) if host.has_unit(unit)]
    missing = [unit for unit in NEEDED if unit not in there]
    if missing:
        yield Trouble(f"not installed: {', '.join(missing)}; xenserver-core brings them")
    states = _states(host.systemctl("is-enabled", *there), there)
    for unit in there:
        if states[unit].startswith("masked"):
            yield Trouble(f"{unit} is masked: `systemctl unmask {unit}` if that was a mistake")
    unsettled = [unit for unit in there if not states[unit].startswith(("masked", *_SETTLED))]
    if unsettled:
        yield Command(host.systemctl("enable", *unsettled), "start at boot", live=False)
    yield from _running(host, [unit for unit in _DAEMONS if unit in there])


def _states(command: Sequence[str], units: Sequence[str]) -> dict[str, str]:
    """What systemctl(1) says of each unit: one line each, in their order."""
    lines = output_of(command).splitlines() if units else []
    if len(lines) != len(units):
        raise SetupError(f"{' '.join(command)} says {len(lines)} lines of {len(units)} units")
    return dict(zip(units, lines))


def _running(host: Host, units: Sequence[str]) -> Iterator[Action]:
    if not host.live:
        return
    if not host.is_dom0:
        yield Trouble("this machine has not been started with Xen: restart it, and run this again")
        return
    states = _states(["systemctl", "is-active", *units], units)
    stopped = [unit for unit in units if states[unit] != "active"]
    if stopped:
        # as a unit of its own this must not wait for units that wait for it
        yield Command(["systemctl", "start", "--no-block", *stopped], "run now")


def certificates(host: Host) -> Iterator[Action]:
    """The host has the certificate that it shows to clients; the toolstack's own unit makes it."""
    if host.exists(CERTIFICATE) or not host.has_unit("gencert.service"):
        return
    yield Command(["systemctl", "start", "gencert.service"], f"makes {CERTIFICATE}")
