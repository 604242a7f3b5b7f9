# SPDX-License-Identifier: Apache-2.0
"""Every error has a code, every code an explanation, and the page of them is up to date."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tools.errors_page import page

from rendered import ROOT
from xsbuild.catalogue import catalogue
from xsbuild.cli.main import cli

_CODE = re.compile(r'"(XSB-[A-Z-]+)"')


def raised() -> set[str]:
    files = (ROOT / "src").rglob("*.py")
    return {code for file in files for code in _CODE.findall(file.read_text())}


def test_every_code_is_explained_and_every_explanation_is_of_a_code() -> None:
    assert raised() == set(catalogue())


@pytest.mark.parametrize("code", catalogue())
def test_a_code_names_area_and_kind(code: str) -> None:
    assert re.fullmatch(r"XSB-[A-Z]+(-[A-Z]+)+", code)


def test_titles_differ() -> None:
    titles = [kind.title for kind in catalogue().values()]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if title.endswith(".")]


def test_a_code_occurs_once_in_the_file() -> None:
    text = Path(ROOT / "src/xsbuild/errors.yaml").read_text()
    assert re.findall(r"^(XSB-\S+):$", text, re.MULTILINE) == list(catalogue())


def test_the_page_is_what_make_docs_writes() -> None:
    assert (ROOT / "docs/errors.md").read_text() == page()


def test_explains_a_code() -> None:
    result = CliRunner().invoke(cli, ["explain", "xsb-source-checksum"])
    assert result.exit_code == 0
    assert result.stdout.startswith("XSB-SOURCE-CHECKSUM: A source differs from its pin\n")


def test_lists_all_codes() -> None:
    result = CliRunner().invoke(cli, ["explain", "--json"])
    assert [row["code"] for row in json.loads(result.stdout)] == list(catalogue())


def test_an_unknown_code_gets_the_nearest() -> None:
    result = CliRunner().invoke(cli, ["explain", "XSB-SOURCE-CHEKSUM"])
    assert str(getattr(result.exception, "hint", "")) == "did you mean `XSB-SOURCE-CHECKSUM`?"
