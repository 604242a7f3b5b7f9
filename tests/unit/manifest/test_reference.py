# SPDX-License-Identifier: Apache-2.0
"""What people and editors are told of the manifest."""

from pathlib import Path

import pytest

from xsbuild.manifest.reference import reference, schema, schema_text

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("manifest.md", reference()),
        ("manifest.schema.json", schema_text()),
    ],
)
def test_the_committed_files_are_current(file: str, expected: str) -> None:
    assert (DOCS / file).read_text(encoding="utf-8") == expected, "run `make docs`"


def test_every_key_has_a_meaning() -> None:
    whole = schema()
    definitions = whole["$defs"]
    assert isinstance(definitions, dict)
    silent = [
        f"{name}.{key}"
        for name, definition in {"Manifest": whole, **definitions}.items()
        for key, value in definition.get("properties", {}).items()
        if not value.get("description")
    ]
    assert not silent


@pytest.mark.parametrize(
    "row",
    [
        "| `license` | spdx | **required** | SPDX expression |",
        "| `release` | number | `1` | release of the packaging of this version |",
        "| `provider` | [Provider](#provider) |  | rules for using the distro's own packages;"
        " without them it is always built |",
        "| `offers` | list of capability |  | capabilities that the distro's packages must provide"
        " to be used |",
        "| `packages` | mapping of name to [Package](#package) |  | binary packages, by name |",
        "| `units` | list of text or [Unit](#unit) |  | systemd units |",
        "| `reason` | text | **required** | the reason, shown in the plan |",
        '| `mode` | text | `"0644"` | octal permissions |',
        "| `scripts` | [Scripts](#scripts) |  | maintainer scripts |",
        "| `unit` | a systemd unit, as unit(stunnel.service) |",
        "| `{sysconfdir}` | `/etc` | `%{_sysconfdir}` |",
    ],
)
def test_says_what_a_key_may_be(row: str) -> None:
    assert row in reference().splitlines()


def test_a_table_stays_a_table() -> None:
    widths: dict[int, int] = {}
    for number, line in enumerate(reference().splitlines()):
        if line.startswith("|"):
            columns = line.replace("\\|", "").count("|")
            assert widths.get(number - 1, columns) == columns
            widths[number] = columns
