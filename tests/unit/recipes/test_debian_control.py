# SPDX-License-Identifier: Apache-2.0
"""Relations mean what the manifest means, and descriptions are as Policy wants them."""

import pytest
from debian.deb822 import PkgRelation
from debian.debian_support import Version
from hypothesis import given
from hypothesis import strategies as st

from greetings import greetings
from xsbuild.errors import RecipeError
from xsbuild.manifest.requirement import Capability, parse_constraints, parse_requirement
from xsbuild.recipes.debian_control import binary_relations, bounds, description, relations

NAMES = {
    Capability("bin", "a"): ("a",),
    Capability("bin", "b"): ("b", "b-ng"),
    Capability("bin", "greetctl"): ("greetctl",),
}


def satisfies(version: str, constraint: str) -> bool:
    """What dpkg makes of a version where a manifest states a constraint."""
    compare = {
        ">=": lambda found, bound: found >= bound,
        "<<": lambda found, bound: found < bound,
    }
    return all(
        compare[operator](Version(version), Version(bound))
        for operator, bound in (
            text.strip("()").split(" ") for text in bounds(parse_constraints(constraint))
        )
    )


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        (">= 4.20", ["4.20-1~deb13", "4.20.1-1", "4.20+dfsg-1"], ["4.19-1", "4.20~rc1-1"]),
        ("> 4.20", ["4.20.1-1", "4.21-1"], ["4.20-1", "4.20+dfsg-1~deb13", "4.19-1"]),
        ("< 4.21", ["4.20.9-1", "4.20-1"], ["4.21-1~deb13", "4.21~rc1-1", "4.21+dfsg-1"]),
        ("<= 4.20", ["4.20-1", "4.20+dfsg-2"], ["4.20.1-1", "4.21-1"]),
        ("= 4.20", ["4.20-1~deb13", "4.20+dfsg-1"], ["4.20.1-1", "4.19-1", "4.20~rc1-1"]),
        ("= 26.4.0-2", ["26.4.0-2~deb13", "26.4.0-2"], ["26.4.0-1", "26.4.0-3", "26.4.0-20"]),
        (">= 26.4.0-2", ["26.4.0-2~deb13", "26.4.0-3~deb12"], ["26.4.0-1~deb13"]),
        (">= 4.20, < 4.21", ["4.20.3-1"], ["4.19-1", "4.21-1"]),
    ],
)
def test_bounds(constraint: str, inside: list[str], outside: list[str]) -> None:
    assert [version for version in inside if not satisfies(version, constraint)] == []
    assert [version for version in outside if satisfies(version, constraint)] == []


@pytest.mark.parametrize(
    ("texts", "profile", "expected"),
    [
        (["bin(a)"], "", ["a"]),
        (["bin(a)", "bin(a)"], "", ["a"]),
        (["bin(a) >= 1, < 3"], "", ["a (>= 1)", "a (<< 3~)"]),
        (["bin(b)"], "", ["b | b-ng"]),
        (["bin(b) >= 2"], "<!nocheck>", ["b (>= 2) <!nocheck> | b-ng (>= 2) <!nocheck>"]),
        (["xapi-core"], "", ["xapi-core"]),
    ],
)
def test_relations(texts: list[str], profile: str, expected: list[str]) -> None:
    found = relations([parse_requirement(text) for text in texts], NAMES, profile)
    assert found == expected
    assert PkgRelation.parse_relations(", ".join(found))


def test_a_capability_without_a_package_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"no package is known for lib\(pci\)"):
        relations([parse_requirement("lib(pci)")], NAMES)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("greetd", "greetctl", ["greetctl (= ${binary:Version})"]),
        ("greetd", "bin(greetctl) >= 1", ["greetctl (= ${binary:Version})"]),
        ("greetd", "greetd-common", ["greetd-common (= ${source:Version})"]),
        ("greetd", "libgreet1", ["libgreet1"]),
        ("greetd", "greetd", []),
        (
            "greetd-common",
            "greetd",
            ["greetd (>= ${source:Version})", "greetd (<< ${source:Version}.1~)"],
        ),
    ],
)
def test_siblings_are_wanted_in_this_version(name: str, text: str, expected: list[str]) -> None:
    component = greetings().components["greetd"]
    assert binary_relations(name, [parse_requirement(text)], component, NAMES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n", "s\n One."),
        ("One\ntwo.\n\n\nThree.\n", "s\n One two.\n .\n Three."),
        ("List:\n - a\n - b\n\nEnd.", "s\n  List:\n   - a\n   - b\n .\n End."),
        ("word " * 40, "s\n" + "\n".join(" " + " ".join(["word"] * n) for n in (15, 15, 10))),
    ],
)
def test_description(text: str, expected: str) -> None:
    assert description("s", text) == expected


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.just("\n")))
def test_every_description_is_one_field(text: str) -> None:
    lines = description("s", text).split("\n")[1:]
    assert all(line.startswith(" ") and line.strip() for line in lines if line)
