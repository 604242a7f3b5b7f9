# SPDX-License-Identifier: Apache-2.0
"""The host's own distro, found in os-release(5)."""

import pytest

from xsbuild.distros.load import distro_of, find_distros
from xsbuild.shipped import shipped

KNOWN = find_distros([shipped("distros")]).files


@pytest.mark.parametrize(
    ("name", "identifier", "version", "distro"),
    [
        ("Debian GNU/Linux", "debian", "13", "debian-13"),
        ("Ubuntu", "ubuntu", "24.04", "ubuntu-24.04"),
        ("CentOS Stream", "centos", "10", "centos-stream-10"),
        ("AlmaLinux", "almalinux", "10.0", "almalinux-10"),
        ("Rocky Linux", "rocky", "9.6", "rocky-9"),
        ("Fedora Linux", "fedora", "44", "fedora-44"),
        ("openSUSE Leap", "opensuse-leap", "15.6", "opensuse-leap-15.6"),
        ("openSUSE Tumbleweed", "opensuse-tumbleweed", "20261128", "opensuse-tumbleweed"),
        ("Debian GNU/Linux", "debian", "", None),  # testing and unstable have no version
        ("Arch Linux", "arch", "", None),
    ],
)
def test_by_name_and_version(name: str, identifier: str, version: str, distro: str | None) -> None:
    release = {"NAME": name, "ID": identifier, "VERSION_ID": version}
    assert distro_of(release, KNOWN) == distro
