# SPDX-License-Identifier: Apache-2.0
"""The model of answer files: every decision of an installation.

Both the text UI and unattended installations end in an `Answers`.
"""

import re
import reprlib
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_UNITS = {"MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_HOST_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_KEY_TYPES = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-")


def size_of(text: str) -> int:
    """Return a size such as ``8 GiB`` in bytes."""
    number, unit = text.split()
    return int(number) * _UNITS[unit]


def _matching(pattern: str, expected: str) -> AfterValidator:
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise ValueError(f"expected {expected}, not {reprlib.repr(text)}")
        return text

    return AfterValidator(check)


def _is_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"unknown time zone {name!r}; expected a name such as Europe/Berlin")
    return name


def _is_ssh_key(line: str) -> str:
    kind, _, key = line.partition(" ")
    if not key.strip() or not kind.startswith(_KEY_TYPES) or "\n" in line:
        raise ValueError("expected a public SSH key, as in a .pub file")
    return line


def _is_script(text: str) -> str:
    if not text.startswith("#!/"):
        raise ValueError("expected a script whose first line begins with #!/")
    return text


def _is_hash(text: str) -> str:
    # crypt(5): $method$…; never a password in plain text, which would stay in the file
    if not re.fullmatch(r"\$(y|gy|7|2b|6|5)\$[./A-Za-z0-9$,=]+", text):
        raise ValueError("expected a hash of crypt(5), as `openssl passwd -6` prints")
    return text


def _parsed(parse: Callable[[str], object], expected: str) -> BeforeValidator:
    """Return a validator of text that `parse` reads: pydantic alone would take numbers as well."""

    def check(value: object) -> object:
        try:
            return parse(value) if isinstance(value, str) else _no_text(value)
        except ValueError as error:
            raise ValueError(f"expected {expected}, not {reprlib.repr(value)}") from error

    return BeforeValidator(check)


def _no_text(value: object) -> object:
    raise ValueError(value)


Size = Annotated[str, _matching(r"[1-9][0-9]{0,6} [MGT]iB", "a size such as 8 GiB")]
Mac = Annotated[
    str, _matching(r"(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}", "a MAC address such as 52:54:00:12:34:56")
]
HostName = Annotated[
    str,
    _matching(
        rf"(?=.{{1,64}}$){_HOST_LABEL}(\.{_HOST_LABEL})*", "a host name such as host1.example.com"
    ),
]
Server = Annotated[
    str, _matching(rf"{_HOST_LABEL}(\.{_HOST_LABEL})*|[0-9a-fA-F:]+", "a host name or an address")
]
Word = Annotated[str, _matching(r"[A-Za-z0-9_@.+-]{1,60}", "a word without spaces")]
Interface = Annotated[
    str, _matching(r"[A-Za-z][A-Za-z0-9_.-]{0,14}", "a name of at most 15 characters")
]
Pattern = Annotated[
    str, _matching(r"[^\x00-\x1f]{1,100}", "a text of 1 to 100 characters; * matches any")
]
Script = Annotated[str, AfterValidator(_is_script)]
Ipv4 = Annotated[IPv4Address, _parsed(IPv4Address, "an address such as 192.0.2.1")]
Ipv6 = Annotated[IPv6Address, _parsed(IPv6Address, "an address such as 2001:db8::1")]
Address = Annotated[IPv4Address | IPv6Address, _parsed(ip_address, "an address such as 192.0.2.1")]
Ipv4WithPrefix = Annotated[
    IPv4Interface, _parsed(IPv4Interface, "an address with prefix length such as 192.0.2.3/24")
]
Ipv6WithPrefix = Annotated[
    IPv6Interface, _parsed(IPv6Interface, "an address with prefix length such as 2001:db8::3/64")
]


class Model(BaseModel):
    """A part of an answer file: no unknown keys, no guessed types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class DiskFilter(Model):
    """Which disk: all conditions hold. A text may contain `*`, which matches any characters."""

    path: Pattern | None = None
    """Device file, as `/dev/sda` or `/dev/disk/by-path/…`."""
    serial: Pattern | None = None
    """Serial number."""
    vendor: Pattern | None = None
    """Vendor."""
    model: Pattern | None = None
    """Model."""
    wwn: Pattern | None = None
    """World Wide Name."""
    transport: Literal["sata", "sas", "nvme", "usb", "virtio", "iscsi", "fc"] | None = None
    """How the disk is attached."""
    min_size: Size | None = None
    """Smallest size."""
    max_size: Size | None = None
    """Largest size."""

    @model_validator(mode="after")
    def _has_order(self) -> Self:
        if self.min_size and self.max_size and size_of(self.min_size) > size_of(self.max_size):
            raise ValueError("min-size is larger than max-size")
        return self


class NicFilter(Model):
    """Which network card: all conditions hold. A text may contain `*`."""

    name: Pattern | None = None
    """Name of the interface, as `eno1`."""
    mac: Mac | None = None
    """MAC address."""
    driver: Pattern | None = None
    """Kernel driver, as `ixgbe`."""
    vendor: Pattern | None = None
    """Vendor's number in hexadecimal, as `0x8086`."""


class StaticIpv4(Model):
    """A fixed IPv4 address."""

    address: Ipv4WithPrefix
    """Address with the length of its prefix, as `192.0.2.3/24`."""
    gateway: Ipv4 | None = None
    """Default gateway, within the network of the address."""

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.address.network.prefixlen == self.address.max_prefixlen:
            raise ValueError("the address needs the length of its prefix, as 192.0.2.3/24")
        if self.gateway and self.gateway not in self.address.network:
            raise ValueError(f"gateway {self.gateway} is outside {self.address.network}")
        return self


class StaticIpv6(Model):
    """A fixed IPv6 address."""

    address: Ipv6WithPrefix
    """Address with the length of its prefix, as `2001:db8::3/64`."""
    gateway: Ipv6 | None = None
    """Default gateway, within the network of the address or link-local."""

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.address.network.prefixlen == self.address.max_prefixlen:
            raise ValueError("the address needs the length of its prefix, as 2001:db8::3/64")
        gateway = self.gateway
        if gateway and not gateway.is_link_local and gateway not in self.address.network:
            raise ValueError(f"gateway {gateway} is outside {self.address.network}")
        return self


class Network(Model):
    """The management network: a bridge over one network card."""

    nic: NicFilter = NicFilter()
    """The network card; without conditions: the only one, or the only one with a link."""
    bridge: Interface = "xenbr0"
    """Name of the bridge, to which guests are attached as well."""
    vlan: Annotated[int, Field(ge=1, le=4094)] | None = None
    """VLAN of the management network; none: untagged."""
    ipv4: Literal["dhcp", "none"] | StaticIpv4 = "dhcp"
    """`dhcp`, `none`, or a fixed address."""
    ipv6: Literal["auto", "dhcp", "none"] | StaticIpv6 = "auto"
    """`auto` (router advertisements), `dhcp`, `none`, or a fixed address."""
    dns: tuple[Address, ...] = ()
    """Name servers, in addition to those of DHCP."""

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if self.ipv4 == self.ipv6 == "none":
            raise ValueError("neither IPv4 nor IPv6: the host could not be reached")
        return self


class Root(Model):
    """The administrator. Without a password and keys, SSH stays closed."""

    password_hash: Annotated[str, AfterValidator(_is_hash)] | None = None
    """Hash of the password, as `openssl passwd -6` prints; none: asked at first boot."""
    ssh_keys: tuple[Annotated[str, AfterValidator(_is_ssh_key)], ...] = ()
    """Public SSH keys."""


class Dom0Memory(Model):
    """Memory of dom0 as a function of the host's: `base` and a share of all, within bounds."""

    base: Size = "1 GiB"
    """Constant part."""
    percent: Annotated[int, Field(ge=0, le=90)] = 5
    """Share of the host's memory that is added."""
    max: Size = "8 GiB"
    """Upper bound."""


class Storage(Model):
    """The local storage of guests, in the rest of the disk."""

    type: Literal["lvm", "ext4", "none"] = "lvm"
    """LVM volume group `xenserver-storage`, ext4 on `/var/lib/xenserver-storage`, or none."""


class Scripts(Model):
    """Scripts that run during the installation; one that fails ends it.

    `ROOT` in their environment is the directory of the new root file system.
    """

    start: Script | None = None
    """Before anything is written."""
    partitioned: Script | None = None
    """After the disk was partitioned."""
    copied: Script | None = None
    """After the files were copied and configured."""
    complete: Script | None = None
    """After the boot loader was installed."""


class Answers(Model):
    """An answer file."""

    mode: Literal["install", "reinstall", "upgrade"] = "install"
    """`install`, `reinstall` (new settings, storage is kept) or `upgrade` (settings are kept)."""
    disk: DiskFilter = DiskFilter()
    """The disk; exactly one must match."""
    wipe: bool = False
    """Erase disks that hold anything. Without it such disks are refused."""
    system_size: Size | None = None
    """Size of each of the two system partitions; none: chosen by the size of the disk."""
    storage: Storage = Storage()
    """The local storage of guests."""
    language: Word = "C.UTF-8"
    """Locale of the host."""
    keyboard: Word = "us"
    """Key map of the console."""
    timezone: Annotated[str, AfterValidator(_is_time_zone)] = "UTC"
    """Time zone."""
    ntp: tuple[Server, ...] = ()
    """Time servers; none: those of DHCP or of the distro."""
    hostname: HostName = "xenserver"
    """Host name."""
    network: Network = Network()
    """The management network."""
    root: Root = Root()
    """The administrator."""
    dom0_memory: Size | Dom0Memory = Dom0Memory()
    """Memory of dom0: a size, or a function of the host's memory."""
    scripts: Scripts = Scripts()
    """Scripts that run during the installation."""
    after: Literal["reboot", "poweroff", "shell"] = "reboot"
    """At the end."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.mode != "install" and self.wipe:
            raise ValueError(f"wipe contradicts mode {self.mode}, which keeps the storage")
        return self


def dom0_memory_of(answer: str | Dom0Memory, host: int) -> int:
    """Return the memory of dom0 in bytes, in whole MiB.

    Args:
        answer: the answer.
        host: memory of the host in bytes.
    """
    if isinstance(answer, str):
        return size_of(answer)
    wanted = size_of(answer.base) + host * answer.percent // 100
    return min(wanted, size_of(answer.max)) >> 20 << 20
