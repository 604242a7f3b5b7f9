# SPDX-License-Identifier: Apache-2.0
"""The first difference between two builds of a package is said in words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from planted import Deb
from xsbuild.engine.package_diff import package_differences
from xsbuild.host import process

SAME = Deb("sample", files={"/usr/share/sample/text": "one\ntwo\n"})


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Deb, Deb], list[str]]:
    """Compares two packages, as on a machine without diffoscope."""
    monkeypatch.setattr(process, "is_program", lambda name: name != "diffoscope")

    def run(first: Deb, second: Deb) -> list[str]:
        made = []
        for name, deb in (("first", first), ("second", second)):
            (tmp_path / name).mkdir()
            made.append([deb.make(tmp_path / name)])
        (tmp_path / "scratch").mkdir()
        return package_differences(made[0], made[1], tmp_path / "scratch")

    return run


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"/usr/share/sample/text": "one\nTWO\n"}, "usr/share/sample/text: line 2: 'two' or 'TWO'"),
        ({"/usr/share/sample/text": "one\n"}, "usr/share/sample/text: line 2: 'two' or ''"),
        (
            {"/usr/share/sample/text": "one\0"},
            "usr/share/sample/text: byte 3: 0a 74 77 6f 0a or 00",
        ),
        (
            {"/usr/share/sample/text": "one\ntwo\n", "/usr/bin/x": "x"},
            "only one has usr/bin",
        ),
    ],
)
def test_the_first_file_that_differs_is_named(
    compare: Callable[[Deb, Deb], list[str]], files: dict[str, str], words: str
) -> None:
    [difference] = compare(SAME, replace(SAME, files=files))
    assert difference == f"sample_1.0-1_all.deb: {words}"


def test_what_only_one_build_makes_is_named(compare: Callable[[Deb, Deb], list[str]]) -> None:
    assert compare(SAME, replace(SAME, name="other")) == [
        "only one build makes other_1.0-1_all.deb",
        "only one build makes sample_1.0-1_all.deb",
    ]


def test_equal_packages_have_no_difference(tmp_path: Path) -> None:
    package = SAME.make(tmp_path)
    assert package_differences([package], [package], tmp_path / "scratch") == []


def test_a_time_that_differs_is_said(compare: Callable[[Deb, Deb], list[str]]) -> None:
    [difference] = compare(SAME, replace(SAME, fields={"Priority": "extra"}))
    assert "DEBIAN/control: line" in difference or "time of change" in difference
