# SPDX-License-Identifier: Apache-2.0
"""What an installation will do to a machine. Pure functions of data."""

from dataclasses import dataclass

from xenserver_installer.answers import Answers, StaticIpv4, StaticIpv6, dom0_memory_of
from xenserver_installer.bootchoice import BootChoice, Slot
from xenserver_installer.choose import choose_disk, choose_nic
from xenserver_installer.definitions import Definition, adapted, check_space, needed
from xenserver_installer.errors import InstallError
from xenserver_installer.machine import Disk, Machine, Nic, shown_size


@dataclass(frozen=True)
class Plan:
    """An installation.

    Attributes:
        answers: the answers.
        disk: the disk.
        slot: the system that is written.
        former: the boot choice before; None on a disk that is partitioned.
        nic: the network card of the management network; None if settings are kept.
        dom0_memory: in bytes.
        definitions: the partitions; empty on a disk that is not partitioned.
        has_efi: the machine was started by UEFI.
    """

    answers: Answers
    disk: Disk
    slot: Slot
    former: BootChoice | None
    nic: Nic | None
    dom0_memory: int
    definitions: tuple[Definition, ...]
    has_efi: bool

    @property
    def erased(self) -> tuple[str, ...]:
        """Descriptions of what is lost on the disk."""
        return self.disk.contents if self.former is None else ()


def make_plan(
    answers: Answers, machine: Machine, definitions: list[Definition], unpacked: int
) -> Plan:
    """Return the plan of an installation.

    Args:
        answers: the answers.
        machine: the machine.
        definitions: the partitions of an installed disk.
        unpacked: size of the system's files in bytes.

    Raises:
        InstallError: the answers do not fit the machine.
    """
    memory = dom0_memory_of(answers.dom0_memory, machine.memory)
    if memory > machine.memory * 9 // 10:
        raise InstallError(
            f"dom0-memory is {shown_size(memory)}, the host has {shown_size(machine.memory)}"
        )
    nic = None if answers.mode == "upgrade" else choose_nic(answers.network.nic, machine.nics)
    if answers.mode != "install":
        disk = _installed_disk(answers, machine)
        former = disk.choice
        assert former is not None
        _check_slot(disk, former.other, unpacked)
        return Plan(answers, disk, former.other, former, nic, memory, (), machine.has_efi)
    disk = choose_disk(answers.disk, machine.disks)
    parts = adapted(definitions, answers)
    check_space(parts, unpacked)
    _check_disk(disk, needed(parts), answers.wipe)
    return Plan(answers, disk, "a", None, nic, memory, tuple(parts), machine.has_efi)


def _installed_disk(answers: Answers, machine: Machine) -> Disk:
    installed = [disk for disk in machine.disks if disk.choice]
    if not installed:
        raise InstallError(f"no disk holds an installed system, which mode {answers.mode} needs")
    return choose_disk(answers.disk, installed)


def _check_slot(disk: Disk, slot: Slot, unpacked: int) -> None:
    region = disk.region(f"system-{slot}")
    if region is None:
        raise InstallError(f"{disk.path} has no partition `system-{slot}`")
    if region.size < unpacked * 5 // 4:
        raise InstallError(
            f"the partition `system-{slot}` of {shown_size(region.size)} is too small for a "
            f"system of {shown_size(unpacked)}"
        )


def _check_disk(disk: Disk, size: int, wipe: bool) -> None:
    if disk.used:
        raise InstallError(f"{disk.path} is {disk.used}")
    if disk.size < size:
        raise InstallError(
            f"{disk.path} of {shown_size(disk.size)} is too small; {shown_size(size)} are needed"
        )
    if disk.contents and not wipe:
        raise InstallError(
            f"{disk} is not empty: {', '.join(disk.contents)}; set `wipe: true` to erase it"
        )


def summary(plan: Plan) -> list[str]:
    """Return the plan in sentences, for a person."""
    answers, disk = plan.answers, plan.disk
    lines = [f"disk {disk}"]
    if plan.former is None:
        lost = ", ".join(plan.erased)
        lines.append(f"partition the disk; ERASES {lost}" if lost else "partition the empty disk")
        lines.append(f"local storage: {answers.storage.type}")
    else:
        lines.append(f"write the system to `system-{plan.slot}`; nothing else is written")
        lines.append(f"keep `system-{plan.former.active}` as rollback entry of the boot menu")
        lines.append("keep the local storage and the guests on it")
    if plan.nic:
        network = answers.network
        vlan = f", VLAN {network.vlan}" if network.vlan else ""
        lines.append(f"network: bridge {network.bridge} on {plan.nic}{vlan}")
        lines.append(f"IPv4: {_shown(network.ipv4)}; IPv6: {_shown(network.ipv6)}")
        lines.append(f"host name {answers.hostname}, time zone {answers.timezone}")
        lines.append(f"memory of dom0: {shown_size(plan.dom0_memory)}")
        keys = f", {len(answers.root.ssh_keys)} SSH keys" if answers.root.ssh_keys else ""
        lines.append(
            ("password set" if answers.root.password_hash else "password at first boot") + keys
        )
    else:
        lines.append("keep settings, keys, network and the toolstack's database")
    lines.append(f"at the end: {answers.after}")
    return lines


def _shown(address: str | StaticIpv4 | StaticIpv6) -> str:
    return address if isinstance(address, str) else str(address.address)
