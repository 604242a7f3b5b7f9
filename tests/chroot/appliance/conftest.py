# SPDX-License-Identifier: Apache-2.0
"""Media and installed disks that all tests of a run share."""

from pathlib import Path

import pytest

from appliances import empty_disk, install, make_medium, newer_project, once, with_answers
from machine import Hardware
from rendered import copy_product

DISTRO = "debian-13"


@pytest.fixture(scope="session")
def shared(run_folder: Path) -> Path:
    folder = run_folder / "appliance"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def medium(shared: Path) -> Path:
    """The medium of the product."""

    def make(image: Path) -> None:
        make_medium(copy_product(shared / "project"), DISTRO, image)

    return once(shared / "medium.iso", make)


@pytest.fixture(scope="session")
def newer_medium(shared: Path) -> Path:
    """The medium of a later version, with a later version of xenserver-core-setup."""

    def make(image: Path) -> None:
        make_medium(newer_project(shared / "newer"), DISTRO, image)

    return once(shared / "newer.iso", make)


@pytest.fixture(scope="session")
def installed(shared: Path, medium: Path) -> Path:
    """A disk that the medium was installed on, of a machine with BIOS."""

    def make(disk: Path) -> None:
        folder = shared / "installed.folder"
        folder.mkdir(exist_ok=True)
        made = empty_disk(folder / "disk0.img")
        cdrom = with_answers(medium, folder)
        lines = install("appliance-install", Hardware([made], cdrom, network=True), folder)
        assert lines[-1] == "finished"
        made.rename(disk)

    return once(shared / "installed.img", make)
