# SPDX-License-Identifier: Apache-2.0
"""What apt and dpkg print on bookworm and trixie, and what we make of it."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.installtest import apt_output
from xsbuild.installtest.apt import packages_in


def test_a_plan_has_every_package_once_with_its_new_version() -> None:
    output = dedent("""\
        The following NEW packages will be installed:
          libxen4.20 xl
        Inst libxen4.20 (4.20.0+68-1 Debian:13.1/stable, Debian-Security:13/stable-security [amd64])
        Inst base-files [13.8] (13.8+deb13u1 Debian:13.1/stable [amd64])
        Inst libc6:i386 (2.41-12 Debian:13.1/stable [i386]) []
        Conf libxen4.20 (4.20.0+68-1 Debian:13.1/stable [amd64])
        """)
    assert apt_output.parse_plan(output) == {
        "libxen4.20": "4.20.0+68-1",
        "base-files": "13.8+deb13u1",
        "libc6": "2.41-12",
    }


UNMET = """\
The following packages have unmet dependencies:
 m1 : Depends: m2 but it is not going to be installed
      Depends: nope but it is not installable
 m2:amd64 : PreDepends: no (>= 1) but it is not installable or
                        nothing but it is not installable
 c : Conflicts: a but 1.0-1 is to be installed
E: Unable to correct problems, you have held broken packages.
E: The following information from --solver 3.0 may provide additional context:
   Unable to satisfy dependencies. Reached two conflicting decisions:
   1. m1:amd64=1.0-1 is selected for install
"""


def test_unmet_needs_are_read_with_their_alternatives() -> None:
    assert apt_output.unmet(UNMET) == {
        "m1": [
            "Depends: m2 but it is not going to be installed",
            "Depends: nope but it is not installable",
        ],
        "m2": [
            "PreDepends: no (>= 1) but it is not installable or nothing but it is not installable"
        ],
        "c": ["Conflicts: a but 1.0-1 is to be installed"],
    }


@pytest.mark.parametrize(
    ("output", "package"),
    [
        ("E: Unable to locate package zzz\n", "zzz"),
        ("E: Package 'xen' has no installation candidate\n", "xen"),
        ("E: Package xen has no installation candidate\n", "xen"),
    ],
)
def test_what_no_repository_has_is_named(output: str, package: str) -> None:
    assert apt_output.unmet(output) == {package: ["no repository has it"]}


@pytest.mark.parametrize(
    ("need", "package"),
    [
        ("Depends: m2 but it is not going to be installed", "m2"),
        ("Depends: m2:any (>= 2) but it is not going to be installed", "m2"),
        ("Depends: m2 but it is not installable", None),
        ("Conflicts: a but 1.0-1 is to be installed", None),
    ],
)
def test_what_is_asked_for_next(need: str, package: str | None) -> None:
    assert apt_output.not_going(need) == package


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
    [failure] = apt_output.explain_transaction(TRANSACTION)
    assert failure.package == "closed"
    assert failure.reason.startswith("configure: ")
    assert failure.reason.endswith("exit status 3")
    assert failure.output == "Setting up closed (1.0-1) ...\nthe frobnicator is closed"


def test_a_clash_of_files_names_both_packages() -> None:
    [failure] = apt_output.explain_transaction(CLASH)
    assert failure.package == "b"
    assert "'/usr/share/x', which is also in package a" in failure.reason


@given(st.text())
def test_every_output_of_a_failure_gives_a_reason(output: str) -> None:
    for explained in (
        apt_output.explain_transaction(output),
        apt_output.explain_refusal(output),
        apt_output.explain_dependencies(apt_output.unmet(output), output),
    ):
        assert explained
        assert all(failure.reason for failure in explained)


def test_processes_that_were_left_are_listed_as_they_were_called() -> None:
    output = (
        "Setting up x\nxsbuild: left running: sleep 1000 \nxsbuild: left running: /usr/sbin/xd -f\n"
    )
    assert apt_output.parse_left_running(output) == ["sleep 1000", "/usr/sbin/xd -f"]


def test_a_repository_lists_versions_of_all_architectures(tmp_path: Path) -> None:
    for architecture, version in (("amd64", "1"), ("arm64", "2")):
        index = tmp_path / f"dists/x/main/binary-{architecture}/Packages"
        index.parent.mkdir(parents=True)
        index.write_text(f"Package: a\nVersion: {version}\n\nPackage: b\nVersion: 1\n")
    assert packages_in(tmp_path) == {"a": {"1", "2"}, "b": {"1"}}
