# SPDX-License-Identifier: Apache-2.0
"""What dnf and rpm print, read."""

import pytest

from xsbuild.distros.dnf_output import parse_plan
from xsbuild.installtest.dnf import explain, parse_files, parse_verified
from xsbuild.installtest.model import Failure

PLAN = """\
================================================================================
 Package                Arch         Version              Repository       Size
================================================================================
Installing:
 salutd                 x86_64       0.9-2.test1          xsbuild          14 k
Installing dependencies:
 a-package-with-a-name-that-is-longer-than-its-column
                        noarch       2:1.0-1.test1        xsbuild         910  
 systemd                x86_64       252.39-1             testdistro      3.1 M

Transaction Summary
================================================================================
Install  3 Packages
"""  # noqa: W291
UNMET = """\
Error: 
 Problem: package greeting-runtime-1.0.0-1.noarch from xsbuild requires salutd, but none of the \
providers can be installed
  - conflicting requests
  - nothing provides libgreet.so.1()(64bit) needed by salutd-0.9-2.test1.x86_64 from xsbuild
"""  # noqa: W291


def test_a_plan_is_read_where_lines_are_broken() -> None:
    assert parse_plan(PLAN) == {
        "salutd": "0.9-2.test1",
        "a-package-with-a-name-that-is-longer-than-its-column": "2:1.0-1.test1",
        "systemd": "252.39-1",
    }


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("S.5....T.    /usr/share/greet/a b", ["/usr/share/greet/a b"]),
        (".....UG..    /usr/sbin/salutd", ["/usr/sbin/salutd"]),
        ("missing     /usr/share/greet", ["/usr/share/greet"]),
        ("missing   d /usr/share/man/man8/salutd.8.gz", ["/usr/share/man/man8/salutd.8.gz"]),
        ("missing     /root/x (Permission denied)", ["/root/x"]),
        ("S.5....T.  c /etc/salutd/salutd.conf", []),
        (".M.......  g /var/lib/salutd/state", []),
    ],
)
def test_verified_files(line: str, paths: list[str]) -> None:
    assert parse_verified(f"{line}\n") == paths


def test_files_that_something_else_makes_are_not_installed() -> None:
    output = " /usr/lib/x\ncn /etc/x y\ng /boot/vmlinuz-1\ncmng /etc/made\n"
    assert parse_files(output) == ["/usr/lib/x", "/etc/x y"]


BRIDGE = """\
Running transaction
  Installing       : hi01-3.0-1.noarch                                      1/2 
  Running scriptlet: hi01-3.0-1.noarch                                      1/2 
hi01: needs a bridge
warning: %post(hi01-3.0-1.noarch) scriptlet failed, exit status 1

Error in POSTIN scriptlet in rpm package hi01
  Running scriptlet: quiet-tool-2:1.0~rc1-1.el10.x86_64                     2/2 
warning: %triggerin(quiet-tool-2:1.0~rc1-1.el10.x86_64) scriptlet failed, signal 9
"""  # noqa: W291


def test_a_failed_scriptlet_is_named_with_what_it_printed() -> None:
    assert explain(BRIDGE) == [
        Failure("hi01", "", "%post failed, exit status 1", "hi01: needs a bridge"),
        Failure("quiet-tool", "", "%triggerin failed, signal 9"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("error: %prein(a-1-1.x86_64) scriptlet failed, exit status 7", "exit status 7"),
        ("error: %preun(a-1-1.x86_64) scriptlet failed, exit status 127", "exit status 127"),
        ("warning: %posttrans(a-1-1.noarch) scriptlet failed, signal 15", "signal 15"),
    ],
)
def test_scriptlets_of_every_kind(line: str, reason: str) -> None:
    (failure,) = explain(f"{line}\n")
    assert failure.package == "a"
    assert failure.reason.endswith(reason)


def test_what_nothing_provides_is_named_with_who_needs_it() -> None:
    package, need = "salutd-0.9-2.test1.x86_64", "libgreet.so.1()(64bit)"
    assert explain(UNMET) == [Failure(package, need, "nothing provides this")]


def test_another_error_is_told_with_its_output() -> None:
    output = "Error: Failed to download metadata for repo 'xsbuild': GPG verification is enabled"
    (failure,) = explain(output)
    assert failure.reason == output.removeprefix("Error: ")
    assert failure.output == output
