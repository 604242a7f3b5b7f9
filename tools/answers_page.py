# SPDX-License-Identifier: Apache-2.0
"""Prints docs/answers.md, the keys of answer files, or with `schema` their JSON Schema."""

import json
import sys
from collections.abc import Iterator
from inspect import getdoc
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from xenserver_installer.answers import Answers

_HEAD = """\
<!-- written by `make docs` from files/xenserver-installer/src/xenserver_installer/answers.py -->
# Answer files

An answer file makes an installation from an [appliance](appliance.md) unattended. It is YAML; every
key is optional. `docs/answers.schema.json` is its JSON Schema, for editors.

    xsbuild appliance write-answers answers.yaml
    xsbuild appliance check-answers answers.yaml

A file for a host with a fixed address, on the NVMe disk of at least 200 GiB:

```yaml
disk: {transport: nvme, min-size: 200 GiB}
hostname: host1.example.com
network:
  nic: {mac: "52:54:00:12:34:56"}
  ipv4: {address: 192.0.2.3/24, gateway: 192.0.2.1}
  dns: [192.0.2.1]
root:
  ssh-keys: [ssh-ed25519 AAAA… admin@example.com]
```
"""


def page() -> str:
    """Return the text of the page."""
    return _HEAD + "".join(_table(Answers, "Keys", set()))


def schema() -> str:
    """Return the JSON Schema."""
    made = Answers.model_json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **made}, indent=1)


def _table(model: type[BaseModel], title: str, seen: set[str]) -> Iterator[str]:
    """Return the tables of a model and of those within it."""
    if title in seen:
        return
    seen.add(title)
    yield f"\n## {title}\n"
    if model is not Answers:
        yield f"\n{getdoc(model)}\n"
    yield "\n| Key | Default | |\n| --- | --- | --- |\n"
    inner: list[tuple[type[BaseModel], str]] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        kinds = [
            kind
            for kind in (field.annotation, *get_args(field.annotation))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        inner += [(kind, f"{title}.{key}".removeprefix("Keys.")) for kind in kinds]
        yield f"| `{key}` | {_default(field)} | {field.description} |\n"
    for kind, place in inner:
        yield from _table(kind, place, seen)


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if field.is_required():
        return "required"
    if value is None or value == () or isinstance(value, BaseModel):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    sys.stdout.write(schema() + "\n" if "schema" in sys.argv else page())
