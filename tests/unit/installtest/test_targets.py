# SPDX-License-Identifier: Apache-2.0
"""Which packages are tried, and what is said where that is not clear."""

from pathlib import Path

import pytest

from xsbuild.errors import InputError
from xsbuild.installtest.checks import complaints
from xsbuild.installtest.install_test import install_targets, manifest_users
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Manifest

MANIFEST = """\
product:
  name: host
  title: Host
  homepage: https://example.org/
  license: Apache-2.0
  maintainer: Nobody <nobody@example.org>
  version: 1.0.0
  date: 2026-11-22
meta-packages:
  host-core: {summary: All of a host, description: All., requires: [host-runtime, tools]}
  host-runtime: {summary: What runs, description: Runs., requires: [daemon, bin(sed)]}
components:
  daemon:
    summary: The daemon
    description: Waits.
    homepage: https://example.org/
    license: Apache-2.0
    version: "1.0"
    sources: [{local: daemon}]
    build: {system: none}
    changelog: [{version: 1.0-1, date: 2026-11-22, changes: [First]}]
    packages:
      daemon: {users: [{name: waiter, comment: Waits}]}
      tools: {}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    file = tmp_path / "components.yaml"
    file.write_text(MANIFEST)
    (tmp_path / "daemon").mkdir()
    return load_manifest(file)


@pytest.mark.parametrize(
    ("offered", "named", "targets"),
    [
        ({"daemon", "tools", "host-runtime", "host-core"}, (), ("host-core", "host-runtime")),
        ({"daemon", "host-runtime", "host-core"}, (), ("host-runtime",)),
        ({"daemon", "host-runtime"}, ("daemon",), ("daemon",)),
        ({"tools", "host-runtime"}, (), ("host-runtime", "tools")),
    ],
)
def test_complete_meta_packages_are_tried(
    manifest: Manifest, offered: set[str], named: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    assert set(install_targets(manifest, offered, named)) == set(targets)


@pytest.mark.parametrize(
    ("requires", "offered", "complete"),
    [
        ("tools | daemon", {"daemon"}, True),
        ("tools | daemon", set(), False),
        ("tools | bin(sed)", set(), True),
        ("waiting >= 2", {"daemon"}, True),
        ("waiting", {"tools"}, False),
    ],
)
def test_alternatives_and_virtual_packages(
    requires: str, offered: set[str], complete: bool, tmp_path: Path
) -> None:
    text = MANIFEST.replace("[daemon, bin(sed)]", f"[{requires}]")
    (tmp_path / "components.yaml").write_text(
        text.replace("daemon: {users:", "daemon: {provides: [waiting = 2], users:")
    )
    (tmp_path / "daemon").mkdir()
    manifest = load_manifest(tmp_path / "components.yaml")
    found = install_targets(manifest, offered | {"host-runtime", "other"}, [])
    assert ("host-runtime" in found and "other" not in found) == complete


def test_a_package_that_is_not_there_is_an_error_with_the_nearest_name(manifest: Manifest) -> None:
    with pytest.raises(InputError, match="no package demon") as caught:
        install_targets(manifest, {"daemon", "tools"}, ["demon"])
    assert caught.value.hint == "did you mean `daemon`?"


def test_an_empty_repository_is_an_error(manifest: Manifest) -> None:
    with pytest.raises(InputError, match="empty"):
        install_targets(manifest, set(), [])


def test_users_are_those_of_the_manifest(manifest: Manifest) -> None:
    assert manifest_users(manifest) == {"daemon": ("waiter",)}


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
