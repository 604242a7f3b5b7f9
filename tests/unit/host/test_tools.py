# SPDX-License-Identifier: Apache-2.0
"""The one list of host tools serves `make deps`, `doctor` and error messages."""

import subprocess
from pathlib import Path

from xsbuild.host.tools import TOOLS, install_command, missing_packages, package_of

ROOT = Path(__file__).parents[3]


def test_make_deps_can_read_the_list_before_anything_is_installed() -> None:
    command = ["/usr/bin/python3", "-S", "-I", str(ROOT / "src/xsbuild/host/tools.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert set(printed) == {tool.deb for tool in TOOLS if tool.deb}
    assert "tools.py" in (ROOT / "Makefile").read_text()


def test_every_program_that_the_code_runs_is_in_the_list() -> None:
    assert package_of("mmdebstrap") == "mmdebstrap"
    assert package_of("no-such-program") is None


def test_after_make_deps_nothing_is_missing() -> None:
    assert missing_packages() == []


def test_the_command_that_installs_names_the_packages() -> None:
    assert install_command(["git", "gnupg"]).endswith("install --no-install-recommends git gnupg")
