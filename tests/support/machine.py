# SPDX-License-Identifier: Apache-2.0
"""A machine without a hypervisor: QEMU's emulation, driven over its serial console.

What the console shows is kept in build/test-logs/. The process ends with its context, and with
the tests when they are killed, as it loses its terminal.
"""

import re
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pexpect
import pytest

LOGS = Path(__file__).parents[2] / "build/test-logs"
Firmware = Literal["bios", "uefi"]
_QEMU = "qemu-system-x86_64"
_OVMF = {
    Path("/usr/share/OVMF/OVMF_CODE_4M.fd"): "OVMF_VARS_4M.fd",
    Path("/usr/share/edk2/ovmf/OVMF_CODE.fd"): "OVMF_VARS.fd",
}
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>M78c])")
# libvirt finds no model for QEMU's default, and what is emulated of `max` ends dom0.
_CPU = "Nehalem"
# Not QEMU's own, which dom0's QEMU gives to another card.
_MAC = "52:54:00:00:00:01"
# After these nothing more is to come.
_CRASHES = (r"Dom0 crashed", r"Kernel panic - not syncing", r"Panic on CPU", r"emergency mode")
# Ctrl-A and Ctrl-N: one byte each, which GRUB cannot take for a lone Escape
_FIRST_ENTRY, _NEXT_ENTRY = "\x01", "\x0e"
_SHELL = (
    "PS1= PS2= TERM=dumb; export TERM PAGER=cat SYSTEMD_COLORS=0; stty -echo cols 200; dmesg -n 1"
)


def code_of_uefi() -> Path | None:
    """OVMF on this host, with its variables beside it."""
    return next((path for path in _OVMF if path.exists()), None)


needs_machine = pytest.mark.skipif(
    shutil.which(_QEMU) is None, reason="no QEMU: `apt-get install qemu-system-x86`"
)
needs_uefi = pytest.mark.skipif(code_of_uefi() is None, reason="no OVMF: `apt-get install ovmf`")


@dataclass(frozen=True)
class Hardware:
    """The parts of a machine.

    Attributes:
        disks: raw images; each has its file's name as serial number.
        cdrom: a medium to boot from, before the disks.
        firmware: its variables are kept beside the first disk.
        memory: in MiB.
        network: whether there is a network card, with DHCP and the host's loopback at 10.0.2.2.
        more: further arguments for QEMU.
    """

    disks: Sequence[Path] = ()
    cdrom: Path | None = None
    firmware: Firmware = "bios"
    memory: int = 2048
    processors: int = 1
    network: bool = False
    more: Sequence[str] = ()

    def command(self, folder: Path) -> list[str]:
        """QEMU's arguments; `folder` is for the variables of UEFI where there is no disk."""
        command = [
            *("-machine", "q35,graphics=off", "-accel", "tcg,thread=multi"),
            *("-cpu", _CPU, "-smp", str(self.processors), "-m", str(self.memory)),
            *("-nodefaults", "-no-reboot", "-display", "none", "-vga", "none"),
            *("-monitor", "none", "-serial", "stdio"),
            *("-nic", f"user,model=virtio-net-pci,mac={_MAC}" if self.network else "none"),
        ]
        if self.cdrom:
            command += ["-drive", f"if=none,id=cd,media=cdrom,format=raw,file={self.cdrom}"]
            command += ["-device", "ide-cd,drive=cd,bootindex=0"]
        for index, disk in enumerate(self.disks, 1):
            command += ["-drive", f"if=none,id=disk{index},format=raw,discard=unmap,file={disk}"]
            device = f"virtio-blk-pci,drive=disk{index},serial={disk.stem},bootindex={index}"
            command += ["-device", device]
        if self.firmware == "uefi":
            command += _uefi(self.disks[0].parent if self.disks else folder)
        return [*command, *self.more]


def _uefi(folder: Path) -> list[str]:
    code = code_of_uefi()
    assert code is not None
    variables = folder / "uefi-variables.fd"
    if not variables.exists():
        shutil.copy(code.with_name(_OVMF[code]), variables)
    return [
        *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}"),
        *("-drive", f"if=pflash,format=raw,unit=1,file={variables}"),
    ]


class ConsoleError(AssertionError):
    """The console did not show what was expected; has the end of what it showed."""


class Machine:
    """A running machine.

    Attributes:
        log: the file with all that the console has shown.
    """

    def __init__(self, console: "pexpect.spawn[str]", log: Path) -> None:
        self.log = log
        self._console = console
        self._commands = 0

    def expect(self, *patterns: str, timeout: float = 300) -> re.Match[str]:
        """Waits for the first of several regular expressions on the console."""
        try:
            seen = self._console.expect([*patterns, *_CRASHES], timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            why = "the machine is off" if isinstance(error, pexpect.EOF) else f"{timeout} seconds"
            raise self._error(f"{' or '.join(patterns)}: not seen ({why})") from None
        match = self._console.match
        assert isinstance(match, re.Match)
        if seen >= len(patterns):
            raise self._error(f"{' or '.join(patterns)}: not seen before {match[0]!r}")
        return match

    def send(self, text: str) -> None:
        """Types on the console."""
        self._console.send(text)

    def choose(self, entry: int) -> None:
        """Starts an entry of GRUB's menu, counted from 0, when the menu appears."""
        self.expect("GNU GRUB")
        self.send(_FIRST_ENTRY + _NEXT_ENTRY * entry + "\r")

    def log_in(self, password: str, user: str = "root", timeout: float = 300) -> None:
        """Logs in, and prepares the shell for `run`."""
        self.expect("login: ", timeout=timeout)
        self.send(f"{user}\r")
        self.expect("assword: ")
        self.send(f"{password}\r")
        self.expect(r"[#$] ")
        self.use_shell()

    def use_shell(self) -> None:
        """Prepares a shell that has shown its prompt for `run`."""
        self.send(f"{_SHELL}\r")
        self.run("true")

    def run(self, command: str, timeout: float = 300) -> tuple[int, str]:
        """Runs a command of the shell; its exit status and what it printed."""
        self._commands += 1
        mark = f"[{self._commands}]"
        # In the echo of the command the mark is quoted, in its output it is not.
        self.send(f"{{ {command}; }} 2>&1; echo \"\"':{mark}:'$?:\r")
        match = self.expect(
            rf"(?s)(?P<output>.*?):{re.escape(mark)}:(?P<status>\d+):", timeout=timeout
        )
        return int(match["status"]), plain(match["output"]).strip("\n")

    def check(self, command: str, timeout: float = 300) -> str:
        """Runs a command that must succeed; what it printed."""
        status, output = self.run(command, timeout)
        assert status == 0, f"{command}: exit status {status}\n{output}"
        return output

    def wait_until_off(self, timeout: float = 300) -> None:
        """Waits until the machine is off, or would start again."""
        try:
            self._console.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            raise self._error(f"still on after {timeout} seconds") from None

    def _error(self, message: str) -> ConsoleError:
        tail = plain(self._console.before or "")[-2000:]
        return ConsoleError(f"{message}, see {self.log}\n{tail}")

    def watch(self, seconds: float) -> str:
        """Lets it run for some time; what the console showed, also where the machine went off."""
        self._console.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=seconds)
        return plain(self._console.before or "")

    def power_off(self, timeout: float = 300) -> None:
        """Shuts the system down."""
        self.send("systemctl poweroff\r")
        self.wait_until_off(timeout)

    def cut_power(self) -> None:
        """Ends it at once; what was written to its disks is there, its caches are lost."""
        self._console.kill(signal.SIGKILL)
        self.wait_until_off()


def plain(text: str) -> str:
    """What the console showed, without control sequences."""
    return _ESCAPES.sub("", text).replace("\r", "")


@contextmanager
def boot(name: str, hardware: Hardware, folder: Path) -> Iterator[Machine]:
    """Switches a machine on; off at the end.

    Args:
        name: of the log of its console, in build/test-logs/.
        hardware: its parts.
        folder: for the variables of UEFI, where it has no disk.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("w", encoding="utf-8") as file:
        console = pexpect.spawn(
            _QEMU,
            hardware.command(folder),
            encoding="utf-8",
            codec_errors="replace",
            echo=False,
            dimensions=(25, 200),
            logfile=None,
        )
        console.logfile_read = file
        console.delaybeforesend = None
        try:
            yield Machine(console, log)
        finally:
            console.close(force=True)
