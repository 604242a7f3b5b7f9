# SPDX-License-Identifier: Apache-2.0
"""The configuration that dnf gets, and what it prints, read."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from xsbuild.distros.dnf import INSTALLING, dnf_configuration, private_configuration
from xsbuild.distros.dnf_output import last_error, unprovided


def options(text: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.read_string(text)
    return dict(parser["main"])


def test_it_asks_nothing_and_fails_where_a_repository_does() -> None:
    written = options(dnf_configuration({**INSTALLING, "metadata_expire": -1}))
    assert written["assumeyes"] == "1"
    assert written["skip_if_unavailable"] == "0"
    assert written["protected_packages"] == ""
    assert written["metadata_expire"] == "-1"


def test_a_private_dnf_reads_nothing_of_the_host() -> None:
    written = options(private_configuration(Path("/private/repositories"), {}))
    assert written["reposdir"] == "/private/repositories"
    assert written["plugins"] == "0"
    assert written["varsdir"] == "/dev/null"


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("", ""),
        ("Error: one\nmore\nError: two\n", "two"),
        (
            "Error: Transaction test error:\n  file /a conflicts\n",
            "Transaction test error: file /a conflicts",
        ),
    ],
)
def test_the_last_error(output: str, error: str) -> None:
    assert last_error(output) == error


def test_what_nothing_provides_is_named_once() -> None:
    line = (
        "  - nothing provides libgreet.so.1()(64bit) needed by salutd-0.9-2.x86_64 from xsbuild\n"
    )
    assert unprovided(line * 2) == [("libgreet.so.1()(64bit)", "salutd-0.9-2.x86_64")]
