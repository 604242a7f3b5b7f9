# SPDX-License-Identifier: Apache-2.0
"""The medium starts Xen, without an installation."""

from pathlib import Path

import pytest

from appliances import LIVE, start_live
from machine import Firmware, Hardware, boot, needs_machine, needs_uefi

pytestmark = [pytest.mark.chroot, pytest.mark.slow, needs_machine]


@pytest.mark.parametrize("firmware", ["bios", pytest.param("uefi", marks=needs_uefi)])
def test_xen_runs(tmp_path: Path, medium: Path, firmware: Firmware) -> None:
    hardware = Hardware(cdrom=medium, firmware=firmware)
    with boot(f"appliance-live-{firmware}", hardware, tmp_path) as machine:
        machine.choose(LIVE)
        start_live(machine)
        assert "xen_version" in machine.check("xl info")
        assert "Domain-0" in machine.check("xl list")
        assert machine.check("systemctl --failed --no-legend --plain") == ""
        assert (firmware == "uefi") == (machine.run("test -d /sys/firmware/efi")[0] == 0)
