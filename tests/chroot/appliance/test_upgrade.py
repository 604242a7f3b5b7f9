# SPDX-License-Identifier: Apache-2.0
"""Installing on a machine that is a host already: what is kept, and the way back."""

from pathlib import Path

import pytest

from appliances import FORMER, copy_disk, install, start, with_answers
from machine import Hardware, Machine, boot, needs_machine

pytestmark = [pytest.mark.chroot, pytest.mark.slow, needs_machine]
_VOLUME = "/dev/xenserver-storage/volume"


def version(machine: Machine) -> str:
    """The version of a package, in either family."""
    query = "dpkg-query -W -f '${Version}' xenserver-core-setup || rpm -q xenserver-core-setup"
    return machine.check(query)


def use(machine: Machine) -> None:
    """Leaves something in the settings and on the storage of a host."""
    machine.check("hostnamectl set-hostname renamed")
    machine.check(f"lvcreate --yes -L 64M -n volume xenserver-storage && mkfs.ext4 -q {_VOLUME}")
    machine.check(f"mount {_VOLUME} /mnt && echo kept > /mnt/file && umount /mnt")


def check_storage(machine: Machine) -> None:
    machine.check(f"mount {_VOLUME} /mnt")
    assert machine.check("cat /mnt/file; umount /mnt") == "kept"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Path:
    """The disk of a host that has been used."""
    folder = tmp_path_factory.mktemp("used")
    disk = copy_disk(installed, folder / "disk0.img")
    with boot("appliance-used", Hardware([disk], network=True), folder) as machine:
        start(machine)
        use(machine)
        machine.power_off()
    return disk


def test_a_reinstallation_keeps_the_storage(tmp_path: Path, used: Path, medium: Path) -> None:
    disk = copy_disk(used, tmp_path / "disk0.img")
    cdrom = with_answers(medium, tmp_path, mode="reinstall", hostname="again")
    lines = install("appliance-reinstall", Hardware([disk], cdrom, network=True), tmp_path)
    assert lines[-1] == "finished"
    with boot("appliance-reinstalled", Hardware([disk], network=True), tmp_path) as machine:
        start(machine)
        assert machine.check("hostname") == "again"
        check_storage(machine)


def test_an_upgrade_keeps_settings_and_can_be_taken_back(
    tmp_path: Path, used: Path, newer_medium: Path
) -> None:
    disk = copy_disk(used, tmp_path / "disk0.img")
    cdrom = with_answers(newer_medium, tmp_path, mode="upgrade")
    lines = install("appliance-upgrade", Hardware([disk], cdrom, network=True), tmp_path)
    assert lines[-1] == "finished"
    hardware = Hardware([disk], network=True)
    with boot("appliance-upgraded", hardware, tmp_path) as machine:
        start(machine)
        assert "9.9.9" in version(machine)
        assert machine.check("hostname") == "renamed"
        check_storage(machine)
        machine.check("xenserver-core-setup --check")
        machine.power_off()
    with boot("appliance-former", hardware, tmp_path) as machine:
        start(machine, FORMER)
        assert "9.9.9" not in version(machine)
        check_storage(machine)
