# SPDX-License-Identifier: Apache-2.0
"""Which packages are tried, and what is said where that is not clear."""

from pathlib import Path

import pytest

from xsbuild.checks.install import complaints
from xsbuild.checks.targets import install_targets, manifest_users
from xsbuild.errors import InputError
from xsbuild.manifest.load import load_manifest

MANIFEST = load_manifest(Path(__file__).parents[1] / "project/components.yaml")
RUNTIME = {"greetd", "greet-libs", "greet-data"}


@pytest.mark.parametrize(
    ("offered", "named", "targets"),
    [
        ({*RUNTIME, "greeting-runtime", "greeting-core"}, (), ("greeting-runtime",)),
        ({*RUNTIME, "greeting-runtime"}, ("greetd",), ("greetd",)),
        ({"greet-libs", "greet-data"}, (), ("greet-data", "greet-libs")),
        ({"greeting-runtime", "greetd"}, (), ("greetd", "greeting-runtime")),
    ],
)
def test_complete_meta_packages_are_tried(
    offered: set[str], named: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    assert install_targets(MANIFEST, offered, named) == targets


def test_a_package_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="no package gretd") as caught:
        install_targets(MANIFEST, RUNTIME, ["gretd"])
    assert caught.value.hint == "did you mean greetd?"


def test_an_empty_repository_is_an_error() -> None:
    with pytest.raises(InputError, match="empty"):
        install_targets(MANIFEST, set(), [])


def test_users_are_those_of_the_manifest() -> None:
    assert manifest_users(MANIFEST) == {"greetd": ("greetd",)}


@pytest.mark.parametrize(
    ("line", "unit", "reason"),
    [
        ("bad.service: Command /x is not executable: No such file", "bad.service", "Command /x is"),
        (
            "/usr/lib/systemd/system/bad.service:6: Unknown key 'X'",
            "bad.service",
            "line 6: Unknown",
        ),
        ("Unit bad.service has a bad unit file setting.", "bad.service", "has a bad unit"),
        ("dep@i.service: Failed to create dep@i.service/start", "dep@.service", "Failed to create"),
    ],
)
def test_complaints_about_our_units_are_found(line: str, unit: str, reason: str) -> None:
    owners = {"bad.service": "bad", "dep@.service": "dep", "good.service": "good"}
    [failure] = complaints(f"{line}\n{line}\n", owners)
    assert (failure.package, failure.subject) == (owners[unit], unit)
    assert failure.reason.startswith(reason)


def test_complaints_about_the_distros_units_do_not_matter() -> None:
    output = "dbus.service: x\n/usr/lib/systemd/system/not-bad.service:1: x\nbadxservice: x\n"
    assert complaints(output, {"bad.service": "bad"}) == []
