# SPDX-License-Identifier: Apache-2.0
"""What apt and dpkg print on bookworm and trixie."""

from textwrap import dedent

import pytest

from xsbuild.distros import apt_output
from xsbuild.distros.apt_output import Relation


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


def test_relations_that_do_not_hold() -> None:
    text = """
The following packages have unmet dependencies:
 builddeps:./demo : Depends: nosuch-dev but it is not installable
                    Depends: a (>= 3) but it is not going to be installed
 one : Conflicts: other but 1.0-1 is to be installed
"""
    assert apt_output.unmet_relations(text) == [
        Relation("builddeps:./demo", "Depends", "nosuch-dev", "it is not installable"),
        Relation("builddeps:./demo", "Depends", "a (>= 3)", "it is not going to be installed"),
        Relation("one", "Conflicts", "other", "1.0-1 is to be installed"),
    ]


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
