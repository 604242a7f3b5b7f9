# SPDX-License-Identifier: Apache-2.0
"""DEP-3 headers of carried patches."""

import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from xsbuild.manifest.patch import Patch
from xsbuild.manifest.patches import PatchHeader, check_patch, read_header

BODY = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-Origin: not the header's\n+y\n"
HEADER = """\
Description: Be polite
 Say please.
Origin: https://example.org/commit/1
Forwarded: https://example.org/pull/2
Applied-Upstream: 1.3
Last-Update: 2026-11-22
"""


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    return tmp_path / "polite.patch"


@pytest.mark.parametrize("end", ["", "---\n", "diff --git a/x b/x\n", "Index: x\n"])
def test_reads_a_header(patch: Path, end: str) -> None:
    patch.write_text(HEADER + end + BODY)
    assert read_header(patch) == PatchHeader(
        "Be polite",
        "https://example.org/commit/1",
        "https://example.org/pull/2",
        "1.3",
        datetime.date(2026, 11, 22),
    )
    assert not list(check_patch(patch))


def test_git_calls_it_a_subject(patch: Path) -> None:
    patch.write_text(HEADER.replace("Description", "Subject").replace(" Say please.\n", "") + BODY)
    assert read_header(patch).description == "Be polite"


@pytest.mark.parametrize(
    ("forwarded", "applied", "state", "upstream"),
    [
        ("no", None, "not forwarded", None),
        ("not-needed", None, "not needed", None),
        ("https://example.org/2", None, "forwarded", "https://example.org/2"),
        ("https://example.org/2", "1.3", "applied", "1.3"),
        ("no", "1.3", "applied", "1.3"),
    ],
)
def test_says_where_upstream_stands(
    forwarded: str, applied: str | None, state: str, upstream: str | None
) -> None:
    date = datetime.date(2026, 11, 22)
    header = PatchHeader("Be polite", "vendor", forwarded, applied, date)
    assert (header.state, header.upstream) == (state, upstream)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Description: Be polite\n Say please.\n", "", "DEP-3 header lacks Description"),
        (
            "Description: Be polite\n Say please.\n",
            "Description:\n",
            "DEP-3 header lacks Description",
        ),
        ("Origin: https://example.org/commit/1\n", "", "DEP-3 header lacks Origin"),
        ("Forwarded: https://example.org/pull/2\n", "", "DEP-3 header lacks Forwarded"),
        ("Last-Update: 2026-11-22\n", "", "DEP-3 header lacks Last-Update"),
        (
            "Last-Update: 2026-11-22",
            "Last-Update: 22.11.2026",
            "Last-Update is not a date: 22.11.2026",
        ),
        (HEADER, "", "DEP-3 header lacks Description, Origin, Forwarded, Last-Update"),
    ],
)
def test_says_what_is_missing(patch: Path, old: str, new: str, message: str) -> None:
    patch.write_text(HEADER.replace(old, new) + BODY)
    [problem] = check_patch(patch)
    assert problem.startswith(message)


def test_a_patch_has_to_be_a_file(patch: Path) -> None:
    assert list(check_patch(patch)) == [f"file {patch} does not exist"]
    patch.mkdir()
    [problem] = check_patch(patch)
    assert "it is a folder" in problem


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(), st.text(alphabet="Origin: \n-Forwade\t").map(str.encode)))
def test_any_file_has_a_header_or_says_what_is_missing(patch: Path, content: bytes) -> None:
    patch.write_bytes(content)
    assert len(list(check_patch(patch))) <= 1


@pytest.mark.parametrize("binary", ["GIT binary patch\nliteral 3\nKcmZQzWD", "GIT binary patch\n"])
def test_a_binary_patch_is_refused_with_that_reason(patch: Path, binary: str) -> None:
    text = HEADER + BODY
    patch.write_text(f"{text}\ndiff --git a/x b/x\nindex 1..2\n{binary}\n")
    [problem] = check_patch(patch)
    assert "GIT binary patch" in problem
    # its mention in the header is none
    patch.write_text(text.replace("Description: ", "Description: no GIT binary patch, "))
    assert not list(check_patch(patch))


def test_a_reference_is_written_as_it_was_read() -> None:
    adapter: TypeAdapter[Patch] = TypeAdapter(Patch)
    facts = {"description": "x", "origin": "vendor", "forwarded": "no"}
    date = {"last-update": datetime.date(2026, 1, 2)}
    for place in (
        {"git": "https://x.invalid/x.git", "commit": "0" * 40, "path": "a/b.patch"},
        {"url": "https://x.invalid/b.patch", "sha512": "0" * 128},
    ):
        read = adapter.validate_python({**facts, **date, **place})
        written = adapter.dump_python(read, by_alias=True, exclude_none=True, warnings="error")
        assert adapter.validate_python(written) == read
    assert adapter.validate_python("a.patch") == "a.patch"


@pytest.mark.parametrize("name", ["series", "a b.patch", "-a.patch", "a\n.patch", "#a", "", "ä"])
def test_names_that_a_series_file_cannot_have(name: str) -> None:
    adapter: TypeAdapter[Patch] = TypeAdapter(Patch)
    facts = {"description": "x", "origin": "vendor", "forwarded": "no"}
    place = {"url": "https://x.invalid/b.patch", "sha256": "0" * 64, "name": name}
    for value in (name, {**facts, **place, "last-update": datetime.date(2026, 1, 2)}):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
