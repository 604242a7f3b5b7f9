# SPDX-License-Identifier: Apache-2.0
"""Bounds of versions get the epochs that the lock records."""

import json

import pytest
import yaml

from capabilities.test_lock import lock
from xsbuild.capabilities.epochs import bounded, epochs_built, epochs_in, joined, with_epochs
from xsbuild.errors import InputError
from xsbuild.manifest.model import Component, MetaPackage, Package
from xsbuild.manifest.requirement import Capability, Requirement, parse_capability
from xsbuild.recipes.debian_control import relations
from xsbuild.recipes.rpm_package import requirements

LOCK = lock(
    {
        "pkgconfig(zlib)": ("zlib1g-dev", "1:1.3.dfsg+really1.3.1-1+b1"),
        "bin(ssh)": ("openssh-client", "1:10.0p1-7"),
        "bin(dig)": ("bind9-dnsutils", "1:9.20"),
        "bin(gcc)": ("gcc", "4:14.2.0-1"),
        "bin(jq)": ("jq", "1.7.1-6"),
        # the version of the capability, which has no epoch
        "perl(Foo)": ("perl-foo", "2.1"),
        "bin(foo)": ("perl-foo", "2:2.1-1"),
        "perl(Foo::Bar)": ("perl-foo", "2.1"),
    }
)
COMPONENT = """
summary: Some library
description: Some text.
homepage: https://e.org
license: MIT
version: "1"
sources: [{local: src}]
build:
  system: make
  requires: ["pkgconfig(zlib) >= 1.2, < 2", "bin(gcc) > 4", bin(ssh)]
  check-requires: ["bin(jq) <= 9"]
packages:
  lib: {}
  tool:
    requires: ["bin(ssh) >= 5, < 100", lib, "inner < 3"]
    recommends: ["bin(dig) = 9.20"]
    suggests: ["perl(Foo) < 3"]
    conflicts: ["bin(gcc) < 3"]
    replaces: ["old < 2"]
"""


def names_of(*capabilities: str) -> dict[Capability, tuple[str, ...]]:
    found: dict[Capability, tuple[str, ...]] = {Capability("", "inner"): ("inner",)}
    for text in capabilities:
        capability = parse_capability(text)
        found[capability] = (LOCK.capabilities[capability].package,)
    return found


NAMES = names_of(*map(str, LOCK.capabilities))


def test_bounds_of_a_component() -> None:
    component = Component.model_validate_json(json.dumps(yaml.safe_load(COMPONENT)))
    made = with_epochs(component, NAMES, epochs_in([LOCK]))
    assert made.build
    assert [*map(str, made.build.requires)] == [
        "pkgconfig(zlib) >= 1:1.2, < 1:2", "bin(gcc) > 4:4", "bin(ssh)",
    ]  # fmt: skip
    assert [*map(str, made.build.check_requires)] == ["bin(jq) <= 9"]
    tool = made.packages["tool"]
    assert [*map(str, tool.requires)] == ["bin(ssh) >= 1:5, < 1:100", "lib", "inner < 3"]
    groups = (tool.recommends, tool.suggests, tool.conflicts, tool.replaces)
    assert [[*map(str, group)] for group in groups] == [
        ["bin(dig) = 1:9.20"], ["perl(Foo) < 2:3"], ["bin(gcc) < 4:3"], ["old < 2"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "deb", "rpm"),
    [
        (
            "bin(ssh) >= 5, < 100",
            ["openssh-client (>= 1:5)", "openssh-client (<< 1:100~)"],
            ["openssh-client >= 1:5", "openssh-client < 1:100"],
        ),
        (
            "bin(gcc) = 14",
            ["gcc (>= 4:14)", "gcc (<< 4:14.0~)"],
            ["gcc = 4:14"],
        ),
        ("bin(jq) < 2", ["jq (<< 2~)"], ["jq < 2"]),
    ],
)
def test_both_families_write_them(text: str, deb: list[str], rpm: list[str]) -> None:
    meta = MetaPackage.model_validate(
        {"summary": "All of it", "description": "Text.", "requires": (text,)}
    )
    made = bounded(meta, NAMES, epochs_in([LOCK]))
    assert relations(made.requires, NAMES) == deb
    assert requirements(made.requires, NAMES) == rpm


def test_no_bound_holds_for_several_epochs() -> None:
    other = lock({"bin(ssh)": ("openssh-client", "2:11.0-1")})
    meta = MetaPackage.model_validate(
        {"summary": "All of it", "description": "Text.", "requires": ("bin(ssh) < 100",)}
    )
    with pytest.raises(InputError) as caught:
        bounded(meta, NAMES, epochs_in([LOCK, other]))
    assert "openssh-client" in str(caught.value)
    free = meta.model_copy(update={"requires": (Requirement(Capability("bin", "ssh")),)})
    assert bounded(free, NAMES, epochs_in([LOCK, other])) == free


def test_epochs_of_built_packages() -> None:
    text = COMPONENT.replace("packages:", "epoch: 3\npackages:").replace(
        "  lib: {}", "  lib: {provides: [old = 2], requires: [lib > 1, old >= 1]}"
    )
    component = Component.model_validate_json(json.dumps(yaml.safe_load(text)))
    other = component.model_copy(update={"epoch": 0, "packages": {"tool": Package()}})
    own = epochs_built([component])
    made = with_epochs(component, {Capability("", "old"): ("old",)}, own)
    assert [*map(str, made.packages["lib"].requires)] == ["lib > 3:1", "old >= 1"]
    assert [*map(str, made.packages["lib"].provides)] == ["old = 2"]
    assert joined(own, epochs_built([other])) == {
        "lib": frozenset({"3"}),
        "tool": frozenset({"3", ""}),
    }
