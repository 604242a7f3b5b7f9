# SPDX-License-Identifier: Apache-2.0
"""Answer files of the appliance's installer, checked by the installer's own model."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel

from xenserver_installer.answerfile import AnswersError, read_answers
from xenserver_installer.answers import Answers
from xsbuild import plainfile
from xsbuild.errors import Problem, ProblemsError

_HEAD = "# Answers for the installer of an appliance. All keys are optional.\n"


def check_answers(file: Path) -> None:
    """Check an answer file.

    Raises:
        InputError: it cannot be read.
        ProblemsError: with all of its problems.
    """
    try:
        read_answers(plainfile.read_text(file))
    except AnswersError as error:
        raise ProblemsError(
            [
                Problem(file, item.line, item.key, item.message, "XSB-APPLIANCE-ANSWERS")
                for item in error.problems
            ]
        ) from error


def example_answers() -> str:
    """Return an answer file with every key as a comment, at its default."""
    defaults = Answers().model_dump(mode="json", by_alias=True)
    return _HEAD + "".join(_example(Answers, defaults))


def _example(model: type[BaseModel], defaults: dict[str, object]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield f"\n# {field.description}\n"
        text = yaml.safe_dump({key: defaults[key]}, sort_keys=False, default_flow_style=False)
        yield "".join(f"#{line}\n" for line in text.splitlines())
