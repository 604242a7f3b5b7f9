# SPDX-License-Identifier: Apache-2.0
"""Whether the toolstack's units start on a machine, with the stand-ins as its daemons."""

import re
from collections.abc import Mapping

from .installed import Machine

# Their conditions ask for a hypervisor; the tests drop these, as a restart with Xen fulfils them.
_ON_XEN = ("squeezed.service", "xenopsd-xc.service")
# Daemons that leave a note once they have found what they cannot do without.
_STANDINS = (
    "forkexecd",
    "message-switch",
    "squeezed",
    "varstored-guard",
    "xapi",
    "xapi-nbd",
    "xapi-storage-script",
    "xcp-networkd",
    "xcp-rrdd",
    "xenopsd-xc",
)
_NOTES = "/run/stand-ins"
_SHOWN = "Id,Type,ActiveState,SubState,Result,ConditionResult"
_WAIT = f"""\
for daemon in {" ".join(_STANDINS)}; do
    while systemctl is-active --quiet $daemon && ! [ -e {_NOTES}/$daemon ]; do sleep 0.1; done
done"""
_JOURNAL = "journalctl --boot --no-pager --lines=200 --output=short-monotonic"
NOT_ON_XEN = "services: this machine has not been started with Xen: restart it, and run this again"


def set_up(machine: Machine) -> list[str]:
    """Makes a host of a machine by xenserver-core-setup(8).

    Returns:
        What it finds missing thereafter.
    """
    machine.write("/etc/default/grub", "GRUB_DEFAULT=saved\n")
    machine.write("/boot/grub2/grub.cfg", "")
    for daemon in _STANDINS:
        once = "[Service]\nRestart=no\n"
        machine.write(f"/etc/systemd/system/{daemon}.service.d/once.conf", once)
    for unit in _ON_XEN:
        condition = "[Unit]\nConditionPathExists=\n"
        machine.write(f"/etc/systemd/system/{unit}.d/xen.conf", condition)
    command = "xenserver-core-setup --interface=eth0"
    told = machine.boot(f"{command} >/dev/null 2>&1", "xenserver-core-setup --check")
    return told.splitlines()


def troubles(machine: Machine) -> tuple[dict[str, Mapping[str, str]], str]:
    """Boots a machine that has been set up.

    Returns:
        Unit that packages enable → what systemctl(1) shows of it, for those that did not start; and
        the journal.
    """
    show = f"systemctl show --property={_SHOWN} {' '.join(machine.enabled)}"
    output, _, journal = machine.boot(_WAIT, show, "echo -----", _JOURNAL).partition("-----\n")
    blocks = re.split(r"\n{2,}", output.strip())
    shown = [dict(line.split("=", 1) for line in block.splitlines()) for block in blocks]
    assert len(shown) == len(machine.enabled), output
    return {unit["Id"]: unit for unit in shown if not _has_started(unit)}, journal


def _has_started(unit: Mapping[str, str]) -> bool:
    """Whether it runs, waits for what starts another, or has done what it does once."""
    done = unit.get("Type") == "oneshot" and unit["ActiveState"] == "inactive"
    fine = unit["Result"] == "success" and unit["ConditionResult"] == "yes"
    return fine and (done or unit["ActiveState"] == "active")
