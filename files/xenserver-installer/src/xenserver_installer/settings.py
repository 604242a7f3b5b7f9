# SPDX-License-Identifier: Apache-2.0
"""The files that configure an installed system. Pure functions of the answers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from xenserver_installer.answers import Answers, Network, StaticIpv4, StaticIpv6
from xenserver_installer.machine import Nic

DIRECTORY = "/etc/xenserver-installer"
STORAGE_PATH = "/var/lib/xenserver-storage"
VOLUME_GROUP = "xenserver-storage"
_NETWORKD = "/etc/systemd/network"


@dataclass(frozen=True)
class File:
    """A file of the installed system.

    Attributes:
        path: absolute path there.
        text: its content.
        mode: its permissions.
    """

    path: str
    text: str
    mode: int = 0o644


def basic_files(answers: Answers) -> Iterator[File]:
    """Host name, locale, keyboard, time and console of a new system."""
    name = answers.hostname
    short = name.partition(".")[0]
    aliases = name if short == name else f"{name} {short}"
    yield File("/etc/hostname", f"{name}\n")
    yield File("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {aliases}\n")
    yield File("/etc/locale.conf", f"LANG={answers.language}\n")
    yield File("/etc/default/locale", f"LANG={answers.language}\n")
    yield File("/etc/vconsole.conf", f"KEYMAP={answers.keyboard}\n")
    yield File("/etc/default/keyboard", f'XKBMODEL="pc105"\nXKBLAYOUT="{answers.keyboard}"\n')
    if answers.ntp:
        text = f"[Time]\nNTP={' '.join(answers.ntp)}\n"
        yield File("/etc/systemd/timesyncd.conf.d/xenserver-installer.conf", text)
    if answers.root.ssh_keys:
        keys = "".join(f"{key}\n" for key in answers.root.ssh_keys)
        yield File("/root/.ssh/authorized_keys", keys, 0o600)
    if answers.root.password_hash:
        yield File("/etc/ssh/sshd_config.d/xenserver-installer.conf", "PermitRootLogin yes\n")
    yield File("/etc/issue.d/xenserver.issue", _issue(answers))
    # An empty file masks the medium's, which asks for addresses on all cards.
    yield File(f"{_NETWORKD}/90-xenserver-live.network", "")


def _issue(answers: Answers) -> str:
    bridge = answers.network.bridge
    # agetty(8) inserts the addresses, and shows the page again when they change
    return (
        "\nXenServer host \\n\n"
        f"  management network: \\4{{{bridge}}}  \\6{{{bridge}}}\n"
        "  guests: log in as root, `xl list` or `virsh -c xen:/// list`\n"
        "  upgrade: start the medium of a newer version\n\n"
    )


def network_files(network: Network, nic: Nic) -> Iterator[File]:
    """Files of systemd-networkd for a bridge over a network card."""
    bridge = network.bridge
    # the bridge has the card's address, which DHCP servers know
    address = f"MACAddress={nic.mac}\n" if nic.mac else ""
    yield File(
        f"{_NETWORKD}/10-{bridge}.netdev", f"[NetDev]\nName={bridge}\nKind=bridge\n{address}"
    )
    # a card only, as bridge and VLAN have the same address
    name = f"Name={nic.name}\n"
    match = f"[Match]\n{address or name}Kind=!*\n"
    if network.vlan:
        vlan = f"vlan{network.vlan}"
        yield File(f"{_NETWORKD}/20-card.network", f"{match}\n[Network]\nVLAN={vlan}\n{_SILENT}")
        yield File(
            f"{_NETWORKD}/10-{vlan}.netdev",
            f"[NetDev]\nName={vlan}\nKind=vlan\n\n[VLAN]\nId={network.vlan}\n",
        )
        yield File(
            f"{_NETWORKD}/20-{vlan}.network",
            f"[Match]\nName={vlan}\n\n[Network]\nBridge={bridge}\n{_SILENT}",
        )
    else:
        yield File(
            f"{_NETWORKD}/20-card.network", f"{match}\n[Network]\nBridge={bridge}\n{_SILENT}"
        )
    lines = "".join(f"{line}\n" for line in _addresses(network))
    yield File(f"{_NETWORKD}/30-{bridge}.network", f"[Match]\nName={bridge}\n\n[Network]\n{lines}")


_SILENT = "LinkLocalAddressing=no\n"


def _addresses(network: Network) -> Iterator[str]:
    dhcp = (network.ipv4 == "dhcp", network.ipv6 == "dhcp")
    names = {(True, True): "yes", (True, False): "ipv4", (False, True): "ipv6"}
    yield f"DHCP={names.get(dhcp, 'no')}"
    yield f"IPv6AcceptRA={'yes' if network.ipv6 in ('auto', 'dhcp') else 'no'}"
    yield f"LinkLocalAddressing={'no' if network.ipv6 == 'none' else 'ipv6'}"
    for address in (network.ipv4, network.ipv6):
        if isinstance(address, StaticIpv4 | StaticIpv6):
            yield f"Address={address.address}"
            if address.gateway:
                yield f"Gateway={address.gateway}"
    yield from (f"DNS={server}" for server in network.dns)


def setup_arguments(network: Network, nic: Nic) -> list[str]:
    """Arguments of xenserver-core-setup(8) for a host whose toolstack makes the bridge."""
    words = ["--interface", nic.name]
    if isinstance(network.ipv4, StaticIpv4):
        words += ["--address", str(network.ipv4.address)]
        if network.ipv4.gateway:
            words += ["--gateway", str(network.ipv4.gateway)]
        words += [word for server in network.dns for word in ("--dns", str(server))]
    return words


def grub_settings(dom0_memory: int, console: str) -> str:
    """Return settings of GRUB's menu of one system, as in /etc/default/grub.

    Args:
        dom0_memory: in bytes.
        console: `com1` or `vga`.
    """
    memory = f"dom0_mem={dom0_memory >> 20}M,max:{dom0_memory >> 20}M"
    if console == "com1":
        xen, linux, terminal = (
            "console=com1,vga com1=115200,8n1",
            "console=tty0 console=hvc0",
            _SERIAL,
        )
        alone = "console=tty0 console=ttyS0,115200"
    else:
        xen, linux, terminal, alone = "console=vga", "console=hvc0 console=tty0", "", ""
    return (
        "# Written by xenserver-installer(8). The menu before this one waits for a choice.\n"
        "GRUB_TIMEOUT=0\nGRUB_DISABLE_OS_PROBER=true\n"
        f'GRUB_CMDLINE_LINUX_DEFAULT="{alone}"\n'
        f'GRUB_CMDLINE_XEN_DEFAULT="{memory} {xen}"\n'
        f'GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT="{linux}"\n{terminal}'
    )


_SERIAL = 'GRUB_TERMINAL="serial console"\nGRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"\n'


def first_boot_file(answers: Answers, storage: str | None) -> File:
    """Return the file of tasks that only the running host can do; see `firstboot`.

    Args:
        answers: the answers.
        storage: the device of the local storage that is to become an LVM volume group.
    """
    tasks = {"ask-password": answers.root.password_hash is None, "volume-group-on": storage}
    return File(f"{DIRECTORY}/first-boot", json.dumps(tasks) + "\n", 0o600)


def toolstack_storage(device: str, kind: str) -> File:
    """Return the file by which the toolstack's storage-init makes the local storage repository."""
    kind = "ext" if kind == "ext4" else kind
    text = f"XSPARTITIONS='{device}'\nXSTYPE='{kind}'\nPARTITIONS='{device}'\nTYPE='{kind}'\n"
    return File("/etc/firstboot.d/data/default-storage.conf", text)


def fstab(root: str, esp: str, storage: str | None) -> str:
    """Return fstab(5).

    Args:
        root: UUID of the root file system.
        esp: UUID of the EFI system partition.
        storage: UUID of the local storage; None if it is not a file system.
    """
    lines = [f"UUID={root} / ext4 errors=remount-ro 0 1"]
    lines.append(f"UUID={esp} /boot/efi vfat umask=0077,nofail 0 2")
    if storage:
        lines.append(f"UUID={storage} {STORAGE_PATH} ext4 nofail 0 2")
    return "".join(f"{line}\n" for line in lines)


def with_root_of(fstab_text: str, former: str, root: str) -> str:
    """Return the former system's fstab(5) with the UUID of the new root file system."""
    return fstab_text.replace(f"UUID={former} ", f"UUID={root} ")


def with_password(shadow: str, password: str) -> str:
    """Return shadow(5) with another password field of root."""
    lines = []
    for line in shadow.splitlines():
        fields = line.split(":")
        if fields[0] == "root":
            fields[1] = password
        lines.append(":".join(fields))
    return "".join(f"{line}\n" for line in lines)


def password_of(shadow: str) -> str:
    """Return root's password field of shadow(5); `*` if there is none."""
    fields = next((line.split(":") for line in shadow.splitlines() if line.startswith("root:")), [])
    return fields[1] if len(fields) > 1 else "*"
