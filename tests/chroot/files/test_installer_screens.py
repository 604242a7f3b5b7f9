# SPDX-License-Identifier: Apache-2.0
"""The installer's questions on a terminal; `--update-golden` also draws the pictures in docs/."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from installer_medium import Medium, installer
from rendered import ROOT
from terminal import ENTER, F12, TAB, Terminal, terminal

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts loop devices"),
]
GOLDEN = Path(__file__).with_name("screens")
PICTURES = ROOT / "docs/pictures"
Shown = Callable[[Terminal, str, str], None]


@pytest.fixture
def shown(pytestconfig: pytest.Config, golden: Callable[[Path, str], None]) -> Shown:
    """Waits for a window by its title, and compares the screen."""

    def check(screen: Terminal, title: str, name: str) -> None:
        screen.wait(title)
        golden(GOLDEN / f"{name}.txt", screen.text)
        if pytestconfig.getoption("--update-golden"):
            screen.picture(PICTURES / f"installer-{name}.svg", "XenServer installer")

    return check


@pytest.fixture
def image(medium: Medium) -> Path:
    file = medium.work / "disk.img"
    with file.open("wb") as stream:
        stream.truncate(20 << 30)
    return file


@pytest.fixture
def screen(medium: Medium, image: Path) -> Iterator[Terminal]:
    with medium.started() as prefix:
        command = [*prefix, *installer("install", "--image", f"/work/{image.name}")]
        with terminal(command) as running:
            yield running


def test_an_installation_by_questions(screen: Terminal, shown: Shown, image: Path) -> None:
    shown(screen, "What is to be done?", "mode")
    screen.press(ENTER)
    shown(screen, "The system is installed to", "disk")
    screen.press(ENTER)
    screen.wait("Network card")
    screen.press(ENTER)
    screen.wait("Leave the address empty")
    screen.press("192.0.2.3/24", TAB, "198.51.100.1", F12)
    screen.wait("gateway 198.51.100.1 is outside 192.0.2.0/24")
    screen.press(ENTER)
    screen.wait("Leave the address empty")
    screen.press("192.0.2.3/24", TAB, "192.0.2.1", TAB, "192.0.2.1")
    shown(screen, "192.0.2.3/24", "network")
    screen.press(F12)
    screen.wait("Time zone")
    screen.press("\b" * 9, "host1", F12)
    screen.wait("Key map")
    screen.press(ENTER)
    screen.wait("Password of root")
    screen.press("one", TAB, "other", F12)
    screen.wait("The passwords differ")
    screen.press(ENTER)
    screen.wait("Password of root")
    screen.press("secret", TAB, "secret")
    shown(screen, "Password of root", "password")
    screen.press(F12)
    screen.wait("Disks of guests")
    screen.press(ENTER)
    screen.wait("Memory of dom0")
    screen.press("1 GiB", F12)
    shown(screen, "partition the empty disk", "plan")
    assert image.stat().st_blocks == 0
    screen.press(TAB, ENTER)
    screen.wait("step 2/7 partition /work/disk.img")


def test_a_disk_is_erased_after_a_typed_confirmation_only(
    screen: Terminal, shown: Shown, image: Path
) -> None:
    with image.open("r+b") as stream:
        stream.write(b"precious")
    screen.wait("What is to be done?")
    screen.press(ENTER)
    screen.wait("unrecognised data")
    screen.press(ENTER)
    shown(screen, "The disk is not empty", "erase")
    screen.press("yes", F12)
    screen.wait("Nothing was erased")
    screen.press(ENTER)
    screen.wait("What is to be done?")
    screen.press(TAB, TAB, ENTER)
    screen.wait("cancelled; nothing was written")
    assert image.read_bytes()[:8] == b"precious"
