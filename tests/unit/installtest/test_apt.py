# SPDX-License-Identifier: Apache-2.0
"""Failures of apt and dpkg on bookworm and trixie, as an install test reports them."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xsbuild.distros import apt_output
from xsbuild.installtest import apt
from xsbuild.installtest.model import parse_left_running

TRANSACTION = """\
Unpacking closed (1.0-1) ...
Setting up harmless (1.0-1) ...
hello from harmless
Setting up closed (1.0-1) ...
the frobnicator is closed
dpkg: error processing package closed (--configure):
 installed closed package post-installation script subprocess returned error exit status 3
dpkg: dependency problems prevent configuration of user:
 user depends on closed; however:
  Package closed is not configured yet.

dpkg: error processing package user (--configure):
 dependency problems - leaving unconfigured
Errors were encountered while processing:
 closed
 user
E: Sub-process /usr/bin/dpkg returned an error code (1)
"""
CLASH = """\
Unpacking b (1.0-1) ...
dpkg: error processing archive /xsbuild/repository/pool/main/b/b/b_1.0-1_all.deb (--unpack):
 trying to overwrite '/usr/share/x', which is also in package a (1.0-1)
Errors were encountered while processing:
 /xsbuild/repository/pool/main/b/b/b_1.0-1_all.deb
E: Sub-process /usr/bin/dpkg returned an error code (1)
"""


def test_only_the_package_that_failed_is_blamed_with_what_its_script_said() -> None:
    [failure] = apt.explain_transaction(TRANSACTION)
    assert failure.package == "closed"
    assert failure.reason.startswith("configure: ")
    assert failure.reason.endswith("exit status 3")
    assert failure.output == "Setting up closed (1.0-1) ...\nthe frobnicator is closed"


def test_a_clash_of_files_names_both_packages() -> None:
    [failure] = apt.explain_transaction(CLASH)
    assert failure.package == "b"
    assert "'/usr/share/x', which is also in package a" in failure.reason


@given(st.text())
def test_every_output_of_a_failure_gives_a_reason(output: str) -> None:
    for explained in (
        apt.explain_transaction(output),
        apt.explain_refusal(output),
        apt.explain_dependencies(apt_output.unmet(output), output),
    ):
        assert explained
        assert all(failure.reason for failure in explained)


def test_processes_that_were_left_are_listed_as_they_were_called() -> None:
    output = (
        "Setting up x\nxsbuild: left running: sleep 1000 \nxsbuild: left running: /usr/sbin/xd -f\n"
    )
    assert parse_left_running(output) == ["sleep 1000", "/usr/sbin/xd -f"]


def test_a_repository_lists_versions_of_all_architectures(tmp_path: Path) -> None:
    for architecture, version in (("amd64", "1"), ("arm64", "2")):
        index = tmp_path / f"dists/x/main/binary-{architecture}/Packages"
        index.parent.mkdir(parents=True)
        index.write_text(f"Package: a\nVersion: {version}\n\nPackage: b\nVersion: 1\n")
    assert apt.packages_in(tmp_path) == {"a": {"1", "2"}, "b": {"1"}}
