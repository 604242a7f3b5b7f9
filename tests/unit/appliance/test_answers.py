# SPDX-License-Identifier: Apache-2.0
"""Commands about answer files, and the pages that `make docs` writes of them."""

import json
import re
from pathlib import Path

import pytest
from tools.answers_page import page, schema

from rendered import ROOT
from xenserver_installer.answerfile import read_answers
from xenserver_installer.answers import Answers
from xsbuild.appliance.answers import example_answers
from xsbuild.cli.main import run


def test_the_example_has_every_key_at_its_default() -> None:
    text = re.sub(r"^#(?! \S)", "", example_answers(), flags=re.MULTILINE)
    answers = read_answers(text)
    assert answers == Answers()
    assert answers.model_fields_set == set(Answers.model_fields)


def test_the_example_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.yaml"
    assert run(["appliance", "write-answers", str(file)]) == 0
    assert run(["appliance", "check-answers", str(file)]) == 0
    assert run(["appliance", "write-answers", str(file)]) == 2
    assert "answers.yaml exists already" in capsys.readouterr().err
    assert file.read_text() == example_answers()


def test_a_wrong_file_is_named_with_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("hostname: a\nwipe: maybe\n")
    assert run(["appliance", "check-answers", str(file)]) == 2
    error = capsys.readouterr().err
    assert "answers.yaml:2: wipe: expected true or false, not 'maybe'" in error


def test_no_medium_is_made_with_a_wrong_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("wipe: maybe\n")
    command = ["--manifest", str(ROOT / "components.yaml"), "appliance", "-d", "debian-13"]
    assert run([*command, "--answers", str(file)]) == 2
    assert "answers.yaml:1: wipe" in capsys.readouterr().err


def test_the_pages_are_what_make_docs_writes() -> None:
    assert (ROOT / "docs/answers.md").read_text() == page()
    assert (ROOT / "docs/answers.schema.json").read_text() == schema() + "\n"
    assert json.loads(schema())["additionalProperties"] is False
