# SPDX-License-Identifier: Apache-2.0
"""The driver of machines: what their firmware shows, and that none is left running."""

from pathlib import Path

import pexpect
import pytest

from machine import (
    ConsoleError,
    Firmware,
    Hardware,
    Machine,
    boot,
    needs_machine,
    needs_uefi,
    plain,
)


@needs_machine
@pytest.mark.parametrize(
    ("firmware", "text"),
    [("bios", "SeaBIOS"), pytest.param("uefi", "BdsDxe", marks=needs_uefi)],
)
def test_the_firmware_appears_on_the_console(tmp_path: Path, firmware: Firmware, text: str) -> None:
    disk = tmp_path / "empty"
    disk.write_bytes(bytes(1 << 20))
    with boot(
        f"firmware-{firmware}", Hardware([disk], firmware=firmware, memory=256), tmp_path
    ) as it:
        it.expect(text, timeout=60)
    assert text in plain(it.log.read_text())


@needs_machine
def test_what_does_not_appear_is_an_error_with_the_end_of_the_console(tmp_path: Path) -> None:
    with (
        pytest.raises(
            ConsoleError, match=r"(?s)no such text: not seen .*firmware-error.log.*SeaBIOS"
        ),
        boot("firmware-error", Hardware(memory=256), tmp_path) as machine,
    ):
        machine.expect("no such text", timeout=2)


@needs_machine
def test_wrong_hardware_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ConsoleError, match="the machine is off"),
        boot("firmware-hardware", Hardware([tmp_path / "none"]), tmp_path) as machine,
    ):
        machine.expect("SeaBIOS", timeout=60)


@needs_machine
def test_a_power_cut_ends_it(tmp_path: Path) -> None:
    with boot("firmware-cut", Hardware(memory=256), tmp_path) as machine:
        machine.expect("SeaBIOS", timeout=60)
        machine.cut_power()
        with pytest.raises(ConsoleError):
            machine.expect("more", timeout=5)


def test_a_command_has_status_and_output(tmp_path: Path) -> None:
    shell = pexpect.spawn("/bin/sh", ["-i"], encoding="utf-8", env={"PS1": "# "})
    machine = Machine(shell, tmp_path / "log")
    machine.expect("# ")
    machine.use_shell()
    assert machine.run("echo one; echo two; (exit 3)") == (3, "one\ntwo")
    assert machine.check("printf 'no end of line'") == "no end of line"
    with pytest.raises(AssertionError, match="exit status 1"):
        machine.check("false")
    machine.cut_power()
