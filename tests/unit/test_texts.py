# SPDX-License-Identifier: Apache-2.0
"""What texts of the manifest may contain: none of them becomes syntax."""

import pytest
from pydantic import TypeAdapter, ValidationError

from xsbuild import texts
from xsbuild.manifest.license import SpdxExpression
from xsbuild.manifest.model import Build, User, Version
from xsbuild.manifest.package import AbsolutePath, Name, Summary, Unit
from xsbuild.manifest.patch import PatchPath
from xsbuild.manifest.requirement import RequirementField
from xsbuild.manifest.source import GitAddress, GitTag, PoolPath, PypiName

BREAKS = ["a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\x85b", "a\u2028b", "a\x7fb"]


LINES: dict[str, TypeAdapter[str]] = {
    "line": TypeAdapter(texts.Line),
    "value": TypeAdapter(texts.Value),
    "section": TypeAdapter(texts.Section),
    "comment": TypeAdapter(texts.Gecos),
    "summary": TypeAdapter(Summary),
    "maintainer": TypeAdapter(texts.Maintainer),
}


@pytest.mark.parametrize("value", BREAKS)
@pytest.mark.parametrize("kind", LINES)
def test_one_line_has_no_breaks_and_no_control_characters(kind: str, value: str) -> None:
    given = f"{value} <a@b.c>" if kind == "maintainer" else f"{value} text"
    with pytest.raises(ValidationError):
        LINES[kind].validate_python(given)


@pytest.mark.parametrize("value", ["a\rb", "a\x00b", "a\x1b[31mb", "", " \n "])
def test_paragraphs_have_line_breaks_and_no_other_control_characters(value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(texts.Paragraphs).validate_python(value)


@pytest.mark.parametrize("value", ["a\n\n b\tc\n", "100 % größer", "#x", "%post\nrm"])
def test_paragraphs_may_hold_any_text(value: str) -> None:
    assert TypeAdapter(texts.Paragraphs).validate_python(value) == value


@pytest.mark.parametrize("value", ["a:b", "", " a", "a ", "-"])
def test_a_comment_of_passwd_has_no_colon(value: str) -> None:
    with pytest.raises(ValidationError):
        User(name="a", comment=value)


@pytest.mark.parametrize("name", ["A B", "1A", "A=B", "A;B", "", "A$"])
def test_a_variable_has_the_name_of_one(name: str) -> None:
    with pytest.raises(ValidationError):
        Build(system="make", environment={name: "x"})


@pytest.mark.parametrize("name", ["x@.service", r"var-lib-my\x2dhello.mount", "x.automount"])
def test_units_have_the_names_that_systemd_knows(name: str) -> None:
    assert Unit(name=name).name == name


@pytest.mark.parametrize(
    ("kind", "value", "is_valid"),
    [
        (texts.Url, "https://example.org/{version}.tar.gz?a=b%20c", True),
        (texts.Url, "-o/etc/passwd", False),
        (texts.Url, "https://example.org/a b", False),
        (texts.Url, "https://example.org/a\nb", False),
        (texts.PackageName, "/usr/bin/qemu-system-i386", True),
        (texts.PackageName, "a%{lua:x}", False),
        (texts.PackageName, "a, b", False),
        (texts.PackageVersion, "1:2.0~rc1-3", True),
        (texts.PackageVersion, "1 | x", False),
        (texts.Script, "if true; then\n\techo 100%\nfi\n", True),
        (texts.Script, "cat <<E\n%if 0\nE\n", False),
        (texts.Script, "true\n#DEBHELPER#\n", False),
        (PatchPath, "a b.patch", False),
        (PatchPath, "-p2", False),
        (PatchPath, "#1.patch", False),
        (PatchPath, "0001-a_b+c~d.patch", True),
        (GitAddress, "-uupload-pack=x", False),
        (GitAddress, "../my repository", True),
        (GitTag, "--upload-pack=x", False),
        (GitTag, "v{version}", True),
        (PoolPath, "pool/main/h/hello/hello_{version}.tar.gz", True),
        (PoolPath, "pool/main/$(x)", False),
        (PypiName, "../x", False),
        (PypiName, "zope.interface", True),
        (SpdxExpression, "LicenseRef-%{x}", False),
        (SpdxExpression, "MIT\nX: 1", False),
        (SpdxExpression, "LicenseRef-Own", True),
        (RequirementField, "package(deb: a|b, rpm: c)", False),
        (RequirementField, "package(deb: a, rpm: c%{x})", False),
        (RequirementField, "header(a\x07b)", False),
    ],
)
def test_a_text_fits_where_it_goes(kind: type[object], value: str, is_valid: bool) -> None:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        assert not is_valid
    else:
        assert is_valid


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "file://[", "https://[a]/x.tgz", "https://\u2100/x", "file:///a%00b", "-o/x"],
)
@pytest.mark.parametrize("kind", [texts.Url, GitAddress])
def test_an_address_can_be_split_into_its_parts(kind: type[str], address: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(address)
    assert TypeAdapter(kind).validate_python("https://[::1]:8/x#/y") == "https://[::1]:8/x#/y"


@pytest.mark.parametrize("tag", ["\0", "\x1b", "-x", "a b", "\u202e"])
def test_a_tag_is_of_printable_ascii(tag: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(GitTag).validate_python(tag)


@pytest.mark.parametrize("start", ["", "/"])
@pytest.mark.parametrize(
    ("path", "fits"),
    [("a" * 255, True), ("a" * 256, False), ("b/" + "a" * 256, False), ("a/" * 512, True),
     ("a/" * 513, False), ("é" * 128, False)],
)  # fmt: skip
def test_a_path_is_one_that_a_file_system_can_have(path: str, start: str, *, fits: bool) -> None:
    kind = TypeAdapter[str](AbsolutePath if start else texts.RelativePath)
    given = start + path.removesuffix("/" if start and len(path) == 1024 else "")
    if fits:
        assert kind.validate_python(given) == given
    else:
        with pytest.raises(ValidationError, match="at most"):
            kind.validate_python(given)


@pytest.mark.parametrize("kind", [Name, Version])
def test_names_and_versions_are_short(kind: type[str]) -> None:
    text = TypeAdapter[str](kind)
    assert text.validate_python("1" * 100)
    with pytest.raises(ValidationError, match="at most 100 characters"):
        text.validate_python("1" * 101)
