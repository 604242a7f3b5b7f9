# SPDX-License-Identifier: Apache-2.0
"""An unattended installation becomes a host that runs guests."""

from pathlib import Path

import pytest

from appliances import copy_disk, empty_disk, install, start, tar_disk, with_answers
from machine import Hardware, Machine, boot, needs_machine, needs_uefi

pytestmark = [pytest.mark.chroot, pytest.mark.slow, needs_machine]
_GUEST = Path(__file__).parents[2] / "support/guest"
_ADDRESS = "10.0.2.77"


def check_host(machine: Machine) -> None:
    """A host that is set up: Xen runs, nothing has failed."""
    assert "Domain-0" in machine.check("xl list")
    machine.check("systemctl is-system-running --wait", timeout=600)
    assert machine.check("systemctl --failed --no-legend --plain") == ""
    machine.check("xenserver-core-setup --check")


def check_guest(machine: Machine, starts: int) -> None:
    """The guest runs, answers, and has counted its starts on its disk."""
    machine.check("xl list guest")
    machine.check(f"/root/ping {_ADDRESS}", timeout=600)
    disk = "/dev/xenserver-storage/guest"
    counted = machine.check(f"dd if={disk} iflag=direct bs=512 count=1 2>/dev/null | head -c 16")
    assert counted.split() == [str(starts)]


def test_a_guest_runs_and_keeps_its_disk(tmp_path: Path, installed: Path) -> None:
    disk = copy_disk(installed, tmp_path / "disk0.img")
    files = {name: (_GUEST / name).read_text() for name in ("make-guest", "init", "ping")}
    hardware = Hardware([disk, tar_disk(tmp_path / "files.tar", files)], network=True)
    with boot("appliance-guest", hardware, tmp_path) as machine:
        start(machine)
        check_host(machine)
        machine.check("cd /root && tar xf /dev/disk/by-id/virtio-files")
        machine.check("lvcreate --yes -L 64M -n guest xenserver-storage")
        machine.check("sh make-guest init /dev/xenserver-storage/guest")
        machine.check("xl create /etc/xen/auto/guest.cfg")
        check_guest(machine, starts=1)
        machine.power_off()
    with boot("appliance-guest-again", hardware, tmp_path) as machine:
        start(machine)
        check_host(machine)
        check_guest(machine, starts=2)


@needs_uefi
def test_uefi(tmp_path: Path, medium: Path) -> None:
    disk = empty_disk(tmp_path / "disk0.img")
    cdrom = with_answers(medium, tmp_path, storage={"type": "ext4"})
    hardware = Hardware([disk], cdrom, firmware="uefi", network=True)
    assert install("appliance-install-uefi", hardware, tmp_path)[-1] == "finished"
    with boot(
        "appliance-uefi", Hardware([disk], firmware="uefi", network=True), tmp_path
    ) as machine:
        start(machine)
        check_host(machine)
        machine.check("mountpoint /var/lib/xenserver-storage")
