# SPDX-License-Identifier: Apache-2.0
"""Writes lock files of vendored libraries: the same facts are the same bytes."""

import yaml

from xsbuild.manifest.libraries import Archive, Libraries

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Libraries that are built inside a component where a distro lacks them. `xsbuild vendor` reads
# addresses, checksums and requirements anew from opam; its changes are reviewed like code.
"""


def format_libraries(libraries: Libraries) -> str:
    """A lock file of vendored libraries, as text."""
    head = libraries.model_dump(mode="json", by_alias=True, exclude={"archives"})
    parts = [_dump({key: value}) for key, value in head.items() if value]
    archives = "\n".join(map(_archive, libraries.archives))
    return f"{_HEADER}{''.join(parts)}archives:\n{archives}"


def _archive(archive: Archive) -> str:
    data = archive.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    lines = _dump(data).splitlines()
    return "".join(f"{'- ' if index == 0 else '  '}{line}\n" for index, line in enumerate(lines))


def _dump(data: dict[str, object]) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, width=96, allow_unicode=True, default_flow_style=None
    )


class _Dumper(yaml.SafeDumper):
    """Lists of texts in one line where they fit, mappings a key a line."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base's
        return True


def _mapping(dumper: yaml.SafeDumper, data: dict[str, object]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)


_Dumper.add_representer(dict, _mapping)
