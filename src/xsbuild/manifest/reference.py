# SPDX-License-Identifier: Apache-2.0
"""What a manifest may say, for editors (JSON Schema) and for people (docs/manifest.md).

Both are made from the model by `make docs`; a test compares the committed files with it.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping

from xsbuild.distros.model import Family
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.places import PLACES, family_places
from xsbuild.manifest.requirement import KINDS
from xsbuild.manifest.systems import find_systems, tool_names

Schema = Mapping[str, object]

_INTRODUCTION = """\
<!-- Made by `make docs` from src/xsbuild/manifest/model.py. -->
# The manifest

`components.yaml` says what the product is made of: facts in the words of packaging, once for both
families of packages. Recipes read them; nothing is written twice.

It is read strictly. An unknown key, a value of another type, a duplicate, an alias, a tag or a
missing file is an error that names file, line and key; `xsbuild check` lists all of them at once. A
version that looks like a number stands in quotes, as YAML would read `1.10` as 1.1.

`docs/manifest.schema.json` is the same as a JSON Schema, for editors; the first lines of
`components.yaml` name it.

## Requirements

What a component needs is named by what it is, with a range of versions where it matters:
`pkgconfig(libxml-2.0) >= 2.9, < 3`. A name alone is a package of this manifest. What a distro calls
a capability is found in its own metadata and kept in `locks/`.
"""
_PLAIN_TYPES = {"string": "text", "boolean": "`true` or `false`", "integer": "number"}
_PLACES = """\
## Places

A path begins with `/` or with a place in braces, which families and distros put in different spots.
"""


_SYSTEMS = """\
## Build systems

`system` below `build` is one of these, or one that the project has in its own folder
`systems/` ([how to add one](recipes.md#build-systems)).
"""


def schema() -> dict[str, object]:
    """Return the JSON Schema of a manifest, for editors."""
    made = _tidied(Manifest.model_json_schema())
    assert isinstance(made, dict)
    # Not an enumeration: a project may have build systems of its own.
    made["$defs"]["Build"]["properties"]["system"]["examples"] = list(find_systems().files)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text() -> str:
    """Return the JSON Schema as a file has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _tidied(value: object) -> object:
    """Without the titles that repeat a key, and the defaults that only say that nothing is."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _tidied(item)
        for key, item in value.items()
        if not (key == "title" and isinstance(item, str))
        and not (key == "default" and _says_nothing(item))
    }


def _says_nothing(default: object) -> bool:
    if isinstance(default, dict):
        return all(map(_says_nothing, default.values()))
    return default is None or default == []


def reference() -> str:
    """Return the reference as Markdown."""
    whole = schema()
    definitions = {name: _mapping(item) for name, item in _mapping(whole["$defs"]).items()}
    tools = (f"Tools, {family.name}" for family in Family)
    parts = [
        _INTRODUCTION,
        markdown_table(
            ("Kind", "What it is"), ((f"`{kind}`", text) for kind, text in KINDS.items())
        ),
        _PLACES,
        markdown_table(("Place", *(family.name for family in Family)), _place_rows()),
        _SYSTEMS,
        markdown_table(("System", "Upstream has", *tools), _system_rows()),
        _section("components.yaml", whole),
    ]
    parts += [_section(name, definitions[name]) for name in _in_reading_order(whole, definitions)]
    return "\n".join(parts)


def _place_rows() -> Iterator[tuple[str, ...]]:
    for name in sorted(PLACES):
        yield f"`{{{name}}}`", *(f"`{family_places(family)[name]}`" for family in Family)


def _system_rows() -> Iterator[tuple[str, ...]]:
    systems = find_systems()
    for name in systems.files:
        system = systems.get(name)
        tools = (*system.tools, *system.compile_tools)
        yield (
            f"`{name}`",
            system.summary,
            *(
                ", ".join(" or ".join(names) for names in tool_names(tools, family))
                for family in Family
            ),
        )


def _in_reading_order(whole: Schema, definitions: Mapping[str, Schema]) -> list[str]:
    """Return mappings in reading order."""
    found: dict[str, None] = {}

    def visit(value: object) -> None:
        if isinstance(value, dict):
            name = _referred(value)
            if name and name not in found:
                found[name] = None
                visit(definitions[name])
            for item in value.values():
                visit(item)
        elif isinstance(value, list):
            for item in value:
                visit(item)

    visit(whole.get("properties"))
    return list(found)


def _section(name: str, definition: Schema) -> str:
    text = str(definition.get("description", "")).replace("``", "`")
    if "enum" in definition:
        return f"## {name}\n\n{text} One of {_choices(definition, ', ')}.\n"
    required = _list(definition.get("required", []))
    rows = [
        (
            f"`{key}`",
            _type(_mapping(value)),
            "**required**" if key in required else _default(_mapping(value)),
            str(_mapping(value).get("description", "")),
        )
        for key, value in _mapping(definition["properties"]).items()
    ]
    return f"## {name}\n\n{text}\n\n{markdown_table(('Key', 'Type', 'Default', 'Meaning'), rows)}"


def _type(value: Schema) -> str:
    name = _referred(value)
    options = [_mapping(item) for key in ("anyOf", "oneOf") for item in _list(value.get(key, []))]
    if name:
        return f"[{name}](#{name.lower()})"
    if options:
        return " or ".join(_type(item) for item in options if item.get("type") != "null")
    if "enum" in value:
        return _choices(value, " or ")
    if value["type"] == "array":
        return f"list of {_type(_mapping(value['items']))}"
    if value["type"] == "object":
        return f"mapping of name to {_type(_values(value))}"
    return str(value.get("format") or _PLAIN_TYPES[str(value["type"])])


def _choices(value: Schema, between: str) -> str:
    return between.join(f"`{item}`" for item in _list(value["enum"]))


def _values(value: Schema) -> Schema:
    """Return the schema of what is in a mapping with free keys."""
    by_pattern = value.get("patternProperties")
    if by_pattern:
        return _mapping(next(iter(_mapping(by_pattern).values())))
    return _mapping(value["additionalProperties"])


def _referred(value: Schema) -> str:
    return str(value.get("$ref", "")).rpartition("/")[2]


def _default(value: Schema) -> str:
    return f"`{json.dumps(value['default'])}`" if "default" in value else ""


def _mapping(value: object) -> Schema:
    assert isinstance(value, dict)
    return value


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a bar in a cell would end it."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


if __name__ == "__main__":
    sys.stdout.write(schema_text() if sys.argv[1:] == ["schema"] else reference())
