# SPDX-License-Identifier: Apache-2.0
"""Reference of the manifest: JSON Schema for editors, docs/manifest.md for people.

`make docs` generates both from the model; a test compares the committed files.
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

`components.yaml` describes the components and packages of the product, once for both families of
packages. The recipes are rendered from it.

It is parsed strictly. An unknown key, a value of the wrong type, a duplicate key, an alias, a tag
or a missing file is an error with file, line and key; `xsbuild check` lists all errors at once.
Quote a version that looks like a number: YAML reads `1.10` as 1.1.

`docs/manifest.schema.json` is the JSON Schema of this page, for editors; the first lines of
`components.yaml` refer to it.

## Requirements

A dependency is a capability, independent of package names, with an optional version range:
`pkgconfig(libxml-2.0) >= 2.9, < 3`. A plain name is a package of the manifest. Packages may
require one of several: `bin(mail) | bin(sendmail)`, the preferred one first. `xsbuild lock`
resolves capabilities to a distro's package names by its metadata and writes them to `locks/`.
"""
_PLAIN_TYPES = {"string": "text", "boolean": "`true` or `false`", "integer": "number"}
_PLACES = """\
## Places

A path begins with `/` or with a place in braces: a directory whose path differs between families
or distros.
"""


_SYSTEMS = """\
## Build systems

`system` below `build` is one of these, or one in the project's own folder `systems/`
([how to add one](recipes.md#build-systems)).
"""


def schema() -> dict[str, object]:
    """Return the JSON Schema of a manifest, for editors."""
    made = _tidied(Manifest.model_json_schema())
    assert isinstance(made, dict)
    # Not an enumeration: a project may add build systems.
    made["$defs"]["Build"]["properties"]["system"]["examples"] = list(find_systems().files)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text() -> str:
    """Return the JSON Schema as the text of a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _tidied(value: object) -> object:
    """Return it without titles that repeat a key, and without empty defaults."""
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
            ("Kind", "Description"), ((f"`{kind}`", text) for kind, text in KINDS.items())
        ),
        _PLACES,
        markdown_table(("Place", *(family.name for family in Family)), _place_rows()),
        _SYSTEMS,
        markdown_table(("System", "Upstream's files", *tools), _system_rows()),
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
    """Return the schema of the values of a mapping with free keys."""
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
    """Return a Markdown table, bars in cells escaped."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


if __name__ == "__main__":
    sys.stdout.write(schema_text() if sys.argv[1:] == ["schema"] else reference())
