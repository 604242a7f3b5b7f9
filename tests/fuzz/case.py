# SPDX-License-Identifier: Apache-2.0
"""One input of the fuzzer: a command line, and the files of the box that it finds changed."""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from tests.fuzz import box, sandbox
from tests.fuzz.box import Edits, Special
from tests.fuzz.commands import command_for, hostile_command
from tests.fuzz.mutate import mutate
from tests.fuzz.sandbox import Outcome

_SPECIALS = ("missing", "folder", "loop")
_MORE_SPECIALS = ("pipe", "device")  # in the place of a file that comes from someone else


@dataclass(frozen=True, slots=True)
class Case:
    """An input.

    Attributes:
        command: arguments of xsbuild, or one of the readers in `commands`.
        edits: files of the box, as they are instead.
    """

    command: tuple[str, ...]
    edits: Edits


def make_case(seed: str, targets: list[list[str]]) -> Case:
    """Make an input; the same for the same seed.

    Args:
        targets: groups of files that may be changed; each group is as likely as any other.
    """
    chance = random.Random(seed)
    if chance.random() < 0.08:
        return Case(tuple(hostile_command(chance)), {})
    name = (
        "project/components.yaml"
        if chance.random() < 0.3
        else chance.choice(chance.choice(targets))
    )
    command = tuple(command_for(chance, name))
    if chance.random() < 0.02:
        hostile = name.startswith(("project/", "config/"))
        kinds = (*_SPECIALS, *_MORE_SPECIALS) if hostile else _SPECIALS
        return Case(command, {name: Special(chance.choice(kinds))})
    return Case(command, {name: mutate(chance, name, box.content(name))})


def run(case: Case) -> Outcome:
    """Run an input; once more where it was slow, as anything may be on a busy machine."""
    outcome = _run(case)
    return _run(case) if sandbox.TOO_SLOW in outcome.findings else outcome


def _run(case: Case) -> Outcome:
    box.edit(case.edits)
    outcome = sandbox.run(case.command)
    box.restore(outcome.written)
    box.undo(case.edits)
    return outcome


def minimised(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a smaller input that fails, too: lines are left out (Zeller's ddmin)."""
    for name, data in case.edits.items():
        if isinstance(data, bytes):
            lines = data.splitlines(keepends=True)
            size = len(lines)
            while size := size // 2:
                at = 0
                while at < len(lines):
                    fewer = lines[:at] + lines[at + size :]
                    if fails(replace(case, edits={**case.edits, name: b"".join(fewer)})):
                        lines = fewer
                    else:
                        at += size
            case = replace(case, edits={**case.edits, name: b"".join(lines)})
    return case


def dump(case: Case) -> str:
    """Write an input as YAML."""
    files = {name: _plain(data) for name, data in case.edits.items()}
    data = {"command": list(case.command), "files": files}
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=90)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def _plain(data: bytes | Special) -> object:
    if isinstance(data, Special):
        return {"special": data.kind}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def load(file: Path) -> Case:
    """Read an input."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    edits = {name: _read(name, item) for name, item in data.get("files", {}).items()}
    return Case(tuple(data["command"]), edits)


def _read(name: str, item: dict[str, str]) -> bytes | Special:
    """Read a changed file: `special`, `text`, `base64`, or one text to `replace` `by` another."""
    if "special" in item:
        return Special(item["special"])
    if "replace" in item:
        old, good = item["replace"].encode(), box.content(name)
        assert old in good, f"{name} has no {item['replace']}"
        return good.replace(old, item["by"].encode())
    return base64.b64decode(item["base64"]) if "base64" in item else item["text"].encode()
