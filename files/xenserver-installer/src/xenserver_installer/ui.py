# SPDX-License-Identifier: Apache-2.0
"""The questions of an installation, which end in the same `Answers` as a file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from zoneinfo import available_timezones

import yaml

from xenserver_installer.answerfile import AnswersError, read_answers
from xenserver_installer.answers import Answers
from xenserver_installer.definitions import Definition
from xenserver_installer.errors import InstallError
from xenserver_installer.machine import Disk, Machine
from xenserver_installer.newt import BackError, Field, Screen
from xenserver_installer.plan import make_plan, summary
from xenserver_installer.run import run

Value = str | bool | dict[str, "Value"] | list[str]
_KEYMAPS = ("us", "gb", "de", "fr", "es", "it", "jp", "br", "ch", "se", "pl", "ru")
_MODES = {
    "install": "Install on an empty disk, or erase one",
    "upgrade": "Upgrade the installed system; settings and guests are kept",
    "reinstall": "Reinstall with new settings; the guests' storage is kept",
}


@dataclass
class Questions:
    """The questions, with what was answered so far.

    Attributes:
        screen: where they are shown.
        machine: the machine.
        definitions: the partitions of an installed disk.
        unpacked: size of the system's files in bytes.
        data: the answers as in a file.
    """

    screen: Screen
    machine: Machine
    definitions: list[Definition]
    unpacked: int
    data: dict[str, Value] = field(default_factory=dict)

    def ask(self) -> Answers:
        """Ask everything; return the answers once the person agrees to the plan.

        Raises:
            BackError: the person leaves the first question.
        """
        number = 0
        while number < len(self._windows()):
            try:
                self._windows()[number]()
                number += 1
            except BackError:
                if number == 0:
                    raise
                number -= 1
        return self._answers()

    def _windows(self) -> list[Callable[[], None]]:
        first: list[Callable[[], None]] = [self._mode, self._disk]
        if self.data.get("mode") != "upgrade":
            first += [self._card, self._network, self._host, self._keyboard, self._password]
            first += [self._sizes]
        return [*first, self._summary]

    def _answers(self) -> Answers:
        return read_answers(yaml.safe_dump(self.data))

    def _checked(self, new: dict[str, Value]) -> bool:
        """Take answers if they are right; else show why not."""
        before = dict(self.data)
        self.data.update(new)
        try:
            self._answers()
        except AnswersError as error:
            self.data = before
            lines = (f"{problem.key}: {problem.message}" for problem in error.problems)
            self.screen.show("This is not right", "\n".join(lines))
            return False
        return True

    def _mode(self) -> None:
        modes = list(_MODES) if any(disk.choice for disk in self.machine.disks) else ["install"]
        title = "What is to be done?"
        chosen = modes[self.screen.choose(title, "", [_MODES[mode] for mode in modes])]
        self.data = {"mode": chosen} | ({} if chosen != "install" else self.data)
        self.data["mode"] = chosen

    def _disk(self) -> None:
        is_new = self.data["mode"] == "install"
        disks = [disk for disk in self.machine.disks if is_new or disk.choice]
        if not disks:
            raise InstallError("this machine has no disk that can be written")
        labels = [f"{disk}: {', '.join(disk.contents) or 'empty'}" for disk in disks]
        disk = disks[self.screen.choose("Disk", "The system is installed to:", labels)]
        if disk.used:
            self.screen.show("This disk cannot be used", f"{disk.path} is {disk.used}.")
            raise BackError
        self.data["disk"] = {"path": str(disk.path)}
        self.data["wipe"] = is_new and bool(disk.contents)
        if self.data["wipe"]:
            self._erase(disk)

    def _erase(self, disk: Disk) -> None:
        """Ask for a typed confirmation."""
        wanted = f"erase {disk.path}"
        found = "\n".join(f"  {line}" for line in disk.contents[:8])
        text = f"All data on {disk} will be lost:\n{found}\nType `{wanted}` to erase it."
        (typed,) = self.screen.fill("The disk is not empty", text, [Field("Confirmation")])
        if typed != wanted:
            self.screen.show("Nothing was erased", f"`{typed}` is not `{wanted}`.")
            raise BackError

    def _card(self) -> None:
        nics = self.machine.nics
        if not nics:
            raise InstallError("this machine has no network card")
        labels = [f"{nic.name}  {nic.mac}  {'link' if nic.has_link else 'no link'}" for nic in nics]
        default = next((number for number, nic in enumerate(nics) if nic.has_link), 0)
        text = "The management network is on:"
        chosen = nics[self.screen.choose("Network card", text, labels, default)]
        wanted: dict[str, Value] = {"mac": chosen.mac} if chosen.mac else {"name": chosen.name}
        self.data["network"] = {**self._part("network"), "nic": wanted}

    def _part(self, key: str) -> dict[str, Value]:
        return cast("dict[str, Value]", self.data.get(key, {}))

    def _network(self) -> None:
        text = "Leave the address empty for DHCP."
        prompts = ["IPv4 address, as 192.0.2.3/24", "Gateway", "Name server", "VLAN"]
        address, gateway, server, vlan = self.screen.fill("Network", text, [*map(Field, prompts)])
        network: dict[str, Value] = {"nic": self._part("network")["nic"]}
        if address:
            static: dict[str, Value] = {"address": address}
            network["ipv4"] = static | ({"gateway": gateway} if gateway else {})
        if server:
            network["dns"] = [server]
        if vlan:
            network["vlan"] = cast("Value", int(vlan) if vlan.isdecimal() else vlan)
        if not self._checked({"network": network}):
            self._network()

    def _host(self) -> None:
        fields = [Field("Host name", "xenserver"), Field("Time zone", "UTC")]
        fields += [Field("Time servers (empty: by DHCP)")]
        name, zone, servers = self.screen.fill("Host", "", fields)
        zones = {known.lower(): known for known in available_timezones()}
        new: dict[str, Value] = {"hostname": name, "timezone": zones.get(zone.lower(), zone)}
        if not self._checked({**new, "ntp": servers.replace(",", " ").split()}):
            self._host()

    def _keyboard(self) -> None:
        chosen = self.screen.choose("Keyboard", "Key map of the console:", _KEYMAPS)
        self.data["keyboard"] = _KEYMAPS[chosen]

    def _password(self) -> None:
        text = "Leave both empty to be asked at the first boot."
        fields = [Field("Password of root", is_secret=True), Field("Again", is_secret=True)]
        first, again = self.screen.fill("Password", text, fields)
        if first != again:
            self.screen.show("This is not right", "The passwords differ.")
            self._password()
        elif first:
            hashed = run(["openssl", "passwd", "-6", "-stdin"], stdin=f"{first}\n").strip()
            self.data["root"] = {"password-hash": hashed}
        else:
            self.data.pop("root", None)

    def _sizes(self) -> None:
        kinds = ["lvm", "ext4", "none"]
        labels = ["LVM volume group", "ext4 file system, for disks as files", "none"]
        chosen = self.screen.choose("Local storage", "Disks of guests are kept in:", labels)
        self.data["storage"] = {"type": kinds[chosen]}
        text = "Leave it empty to choose by the memory of this host."
        (memory,) = self.screen.fill("Memory of dom0", text, [Field("Memory, as 2 GiB")])
        self.data.pop("dom0-memory", None)
        if memory and not self._checked({"dom0-memory": memory}):
            self._sizes()

    def _summary(self) -> None:
        try:
            plan = make_plan(self._answers(), self.machine, self.definitions, self.unpacked)
        except InstallError as error:
            self.screen.show("This is not possible", str(error))
            raise BackError from error
        self.screen.confirm("Plan", "\n".join(summary(plan)), "Start")
