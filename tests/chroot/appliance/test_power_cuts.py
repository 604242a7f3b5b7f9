# SPDX-License-Identifier: Apache-2.0
"""The power fails at a random moment of an installation or an upgrade.

Afterwards a whole system starts, the old or the new one, or the medium installs again.
"""

import random
from pathlib import Path

import pytest

from appliances import copy_disk, cut, empty_disk, install, start, with_answers
from machine import ConsoleError, Hardware, boot, needs_machine

pytestmark = [pytest.mark.chroot, pytest.mark.slow, needs_machine]
_MOMENTS = range(10)
_NO_SYSTEM = "No bootable device|no such device"  # of the firmware, of GRUB


def moment(steps: int) -> tuple[int, float]:
    """A random step, and some seconds of it."""
    chance = random.Random()
    return chance.randint(1, steps), chance.uniform(0, 20)


def starts(name: str, disk: Path, folder: Path) -> bool:
    """Whether a disk has a system that starts; False where it has none at all."""
    with boot(name, Hardware([disk], network=True), folder) as machine:
        if not machine.expect(r"\(XEN\)", _NO_SYSTEM)[0].startswith("("):
            return False
        start(machine)
        machine.check("xl list")
        assert machine.check("systemctl --failed --no-legend --plain") == ""
    return True


@pytest.mark.parametrize("number", _MOMENTS)
def test_installation(tmp_path: Path, medium: Path, number: int) -> None:
    disk = empty_disk(tmp_path / "disk0.img")
    hardware = Hardware([disk], with_answers(medium, tmp_path), network=True)
    step, seconds = moment(7)
    name = f"appliance-cut-{number}"
    finished = cut(name, hardware, tmp_path, step, seconds)
    if starts(f"{name}-disk", disk, tmp_path):
        return
    assert not finished, (step, seconds)
    # No answer has to change: what is on the disk is an installation that was never complete.
    assert install(f"{name}-again", hardware, tmp_path)[-1] == "finished", (step, seconds)


@pytest.mark.parametrize("number", _MOMENTS)
def test_upgrade(tmp_path: Path, installed: Path, newer_medium: Path, number: int) -> None:
    disk = copy_disk(installed, tmp_path / "disk0.img")
    cdrom = with_answers(newer_medium, tmp_path, mode="upgrade")
    step, seconds = moment(5)
    name = f"appliance-upgrade-cut-{number}"
    cut(name, Hardware([disk], cdrom, network=True), tmp_path, step, seconds)
    try:
        assert starts(f"{name}-disk", disk, tmp_path), "no system"
    except (AssertionError, ConsoleError) as error:
        error.add_note(f"cut {seconds} seconds after the begin of step {step}")
        raise
