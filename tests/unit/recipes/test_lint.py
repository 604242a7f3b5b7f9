# SPDX-License-Identifier: Apache-2.0
"""Overrides of lintian and rpmlint: what the manifest says is what each tool reads."""

import dataclasses
import re
from pathlib import PurePosixPath

import pytest

from greetings import request_for
from xsbuild.manifest.package import Lint
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.lint import rpmlintrc
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm

WHY = "a reason"
# How rpmlint 2 reads a filter (rpmlint/config.py); rpmlint 1 runs the line.
_FILTER = re.compile(r"^\s*addFilter\s*\(\s*r?[\"'](.*)[\"']\s*\)")


def linted(kind: str, lint: Lint, source: Lint | None = None) -> RecipeRequest:
    distro = {"debian": "debian-13", "specs": "centos-stream-10"}[kind]
    found = request_for("colours", distro, folder=kind)
    package = found.component.packages["colours"].model_copy(update={"lint": lint})
    component = found.component.model_copy(
        update={"packages": {"colours": package}, "lint": source or Lint()}
    )
    return dataclasses.replace(found, component=component)


def filters(request: RecipeRequest) -> list[re.Pattern[str]]:
    lines = rpmlintrc(request.name, request.component).splitlines()
    return [re.compile(match[1]) for line in lines if (match := _FILTER.match(line))]


def test_lintian_gets_a_line_with_the_reason_above() -> None:
    tree = render_debian(linted("debian", Lint(lintian={"no-manual-page [usr/bin/*]": WHY})))
    assert tree[PurePosixPath("colours.lintian-overrides")].content.decode() == (
        "# a reason\ncolours: no-manual-page [usr/bin/*]\n"
    )


def test_overrides_of_the_source_package() -> None:
    tree = render_debian(linted("debian", Lint(), Lint(lintian={"some-tag *": WHY})))
    assert tree[PurePosixPath("source/lintian-overrides")].content.decode() == (
        "# a reason\ncolours source: some-tag *\n"
    )
    (one,) = filters(linted("specs", Lint(), Lint(rpmlint={"some-tag in *": WHY})))
    assert one.search("colours.spec:34: E: some-tag in %{_prefix}/lib")
    assert one.search("colours.spec: E: some-tag in a line")
    assert one.search("colours.src: E: some-tag in a tag")
    assert not one.search("colours.x86_64: E: some-tag in a file")


def test_a_long_reason_stays_a_comment() -> None:
    request = linted("debian", Lint(lintian={"a-tag": "word " * 80 + "#end"}))
    text = render_debian(request)[PurePosixPath("colours.lintian-overrides")].content.decode()
    *comments, last = text.splitlines()
    assert last == "colours: a-tag"
    assert len(comments) > 1
    assert all(line.startswith("# ") for line in comments)


def test_the_overrides_of_rpmlint_are_a_source_of_the_spec_file() -> None:
    tree = render_rpm(linted("specs", Lint(rpmlint={"no-documentation": WHY})))
    assert tree[PurePosixPath("colours-rpmlintrc")].content.startswith(b"# a reason\naddFilter(")
    spec = tree[PurePosixPath("colours.spec")].content.decode()
    assert re.search(r"^Source\d+: +colours-rpmlintrc$", spec, re.MULTILINE)


@pytest.mark.parametrize("kind", ["debian", "specs"])
def test_without_overrides_there_is_no_file(kind: str) -> None:
    render = {"debian": render_debian, "specs": render_rpm}[kind]
    assert not [path for path in render(linted(kind, Lint())) if "lint" in path.name]


@pytest.mark.parametrize(
    ("finding", "line", "overridden"),
    [
        ("no-documentation", "colours.x86_64: W: no-documentation", True),
        ("no-documentation", "colours.x86_64: W: no-documentation-at-all", False),
        ("no-documentation", "colours-more.x86_64: W: no-documentation", False),
        ("no-documentation", "colours.src: W: no-documentation", False),
        ("no-documentation", "colours.spec:3: W: no-documentation", False),
        ("zero-length /etc/*", "colours.x86_64: E: zero-length /etc/colours", True),
        ("zero-length /etc/*", "colours.x86_64: E: zero-length (Badness: 9) /etc/colours", True),
        ("zero-length /etc/*", "colours.x86_64: E: zero-length /usr/etc/colours", False),
        ("zero-length /etc/a.b", "colours.x86_64: E: zero-length /etc/a-b", False),
        ('no-%post says "a\\b" (c)', 'colours.noarch: W: no-%post says "a\\b" (c)', True),
    ],
)
def test_rpmlint_drops_the_finding_and_no_other(finding: str, line: str, overridden: bool) -> None:
    (one,) = filters(linted("specs", Lint(rpmlint={finding: WHY})))
    assert bool(one.search(line)) is overridden


def test_paths_below_opt_are_overridden_for_both() -> None:
    deb = render_debian(request_for("greetd"))
    assert b"greetd: dir-or-file-in-opt *" in deb[PurePosixPath("greetd.lintian-overrides")].content
    (one,) = filters(request_for("greetd", "centos-stream-10", folder="specs"))
    assert one.search("greetd.x86_64: E: dir-or-file-in-opt /opt/greetd/banner")


@pytest.mark.parametrize("finding", ["", "No-Tag", "a-tag ", "# tag", "a-tag\nb", "a-tag  b"])
def test_a_finding_begins_with_a_tag(finding: str) -> None:
    with pytest.raises(ValueError, match="expected a tag"):
        Lint(lintian={finding: WHY})
