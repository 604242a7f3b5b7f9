# SPDX-License-Identifier: Apache-2.0
"""How capabilities and requirements are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsbuild.manifest.requirement import (
    INTERNAL,
    KINDS,
    PACKAGE,
    Capability,
    Constraint,
    Requirement,
    any_of,
    parse_alternatives,
    parse_capability,
    parse_constraints,
    parse_requirement,
)


@pytest.mark.parametrize(
    ("text", "kind", "name", "bounds"),
    [
        ("pkgconfig(libxml-2.0)", "pkgconfig", "libxml-2.0", ""),
        ("header(xen/xen.h)", "header", "xen/xen.h", ""),
        ("perl(Foo::Bar)", "perl", "Foo::Bar", ""),
        ("file(/usr/share/hwdata/pci.ids)", "file", "/usr/share/hwdata/pci.ids", ""),
        ("unit(getty@.service)", "unit", "getty@.service", ""),
        ("lib( pci )", "lib", "pci", ""),
        ("bin(dune) >= 3.20", "bin", "dune", ">= 3.20"),
        ("bin(dune)>=3.20,<4", "bin", "dune", ">= 3.20, < 4"),
        ("  greet-libs  ", INTERNAL, "greet-libs", ""),
        ("xen >= 4.20, < 4.21", INTERNAL, "xen", ">= 4.20, < 4.21"),
        ("libstdc++ = 1.0~rc1", INTERNAL, "libstdc++", "= 1.0~rc1"),
        ("package(deb: a, rpm: b)", PACKAGE, "deb: a, rpm: b", ""),
        ("package(rpm:/usr/bin/b,deb:a)", PACKAGE, "deb: a, rpm: /usr/bin/b", ""),
        ("package(deb: a) >= 1", PACKAGE, "deb: a", ">= 1"),
    ],
)
def test_reads_a_requirement(text: str, kind: str, name: str, bounds: str) -> None:
    requirement = parse_requirement(text)
    assert requirement == Requirement(Capability(kind, name), parse_constraints(bounds))
    assert parse_requirement(str(requirement)) == requirement


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pkgconifg(x)", "unknown kind 'pkgconifg'; did you mean `pkgconfig`?"),
        ("zzz(x)", "unknown kind 'zzz'; known kinds: bin, cmake, file"),
        ("bin()", "expected `kind(name)` or a package's name, not 'bin()'"),
        ("bin( )", "expected a program on PATH, as bin(cmake), not bin()"),
        ("bin(a b)", "expected a program on PATH, as bin(cmake), not bin(a b)"),
        ("bin(a\nb)", "expected a program on PATH"),
        ("bin(a))", "expected a version range"),
        ("bin(a) 3.20", "expected a version range such as `>= 4.20, < 4.21`, not '3.20'"),
        ("bin(a) >= 1,", "expected a version range"),
        ("bin(a) => 1", "expected a version range"),
        ("bin(a) >> 1", "expected a version range"),
        ("Xen", "expected `kind(name)` or a package's name, not 'Xen'"),
        ("xen>=4", "expected `kind(name)` or a package's name, not 'xen>=4'"),
        ("", "expected `kind(name)` or a package's name, not ''"),
        ("package(x)", "expected package(deb: NAME, rpm: NAME), not package(x)"),
        ("package(deb: a, deb: b)", "expected package(deb: NAME, rpm: NAME)"),
        ("package(deb: a, apk: b)", "expected package(deb: NAME, rpm: NAME)"),
        ("package(deb: a b)", "expected package(deb: NAME, rpm: NAME)"),
        ("package(deb: a,)", "expected package(deb: NAME, rpm: NAME)"),
        (
            "package(rpm: /usr/bin/b) >= 1",
            "a path has no version in RPM: expected package(rpm: /usr",
        ),
        (["bin(a)"], "expected text such as pkgconfig(libxml-2.0), not ['bin(a)']"),
        (None, "expected text such as pkgconfig(libxml-2.0), not None"),
    ],
)
def test_refuses_anything_else(text: object, expected: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its text is compared below
        parse_requirement(text)
    assert str(error.value).startswith(expected)


def test_a_capability_has_no_version() -> None:
    assert parse_capability("bin(xl)") == Capability("bin", "xl")
    with pytest.raises(ValueError, match=r"without a version, not bin\(xl\) >= 4"):
        parse_capability("bin(xl) >= 4")


def test_package_names_by_family() -> None:
    capability = parse_capability("package(rpm: xen-hypervisor, deb: xen-system-amd64)")
    assert capability.package_names() == {"deb": "xen-system-amd64", "rpm": "xen-hypervisor"}


names = st.from_regex(r"[A-Za-z0-9_./@:+-]+", fullmatch=True)
packages = st.from_regex(r"[a-z0-9][a-z0-9+._-]*", fullmatch=True)
capabilities = st.one_of(
    st.builds(Capability, st.sampled_from(sorted(set(KINDS) - {PACKAGE})), names),
    st.builds(Capability, st.just(INTERNAL), packages),
    st.builds(lambda deb, rpm: Capability(PACKAGE, f"deb: {deb}, rpm: {rpm}"), packages, packages),
)
constraints = st.builds(
    Constraint,
    st.sampled_from(["<", "<=", "=", ">=", ">"]),
    st.from_regex(r"[A-Za-z0-9.+~^_-]+", fullmatch=True),
)
requirements = st.builds(
    Requirement, capabilities, st.lists(constraints, max_size=3).map(tuple), st.just(())
)


@given(requirements)
def test_what_is_written_is_read(requirement: Requirement) -> None:
    assert parse_requirement(str(requirement)) == requirement


@given(st.lists(requirements, min_size=1, max_size=3).map(any_of))
def test_alternatives_that_are_written_are_read(requirement: Requirement) -> None:
    assert parse_alternatives(str(requirement)) == requirement


@given(st.text())
def test_text_is_a_requirement_or_a_value_error(text: str) -> None:
    try:
        requirement = parse_requirement(text)
    except ValueError:
        return
    assert parse_requirement(str(requirement)) == requirement
