# SPDX-License-Identifier: Apache-2.0
"""Small projects, written as a person would write them."""

from pathlib import Path

from xsbuild.project import Project
from xsbuild.settings import Settings

HEAD = """\
product:
  name: x-core
  title: X
  homepage: https://x.invalid/
  license: MIT
  maintainer: A <a@x.invalid>
  version: "1.0"
  date: 2026-11-22
components:
"""
_COMPONENT = """\
  {name}:
    summary: Thing for tests
    description: For tests.
    homepage: https://x.invalid/
    license: MIT
    version: {version}
    sources: {sources}
    build: {{system: none}}
    packages: {{{name}: {{}}}}
    changelog:
      - {{version: {version}-1, date: 2026-11-20, changes: [First]}}
"""


def project_of(
    folder: Path, settings: Settings, sources: dict[str, str], version: str = "1.0.0"
) -> Project:
    """Writes a project.

    Args:
        folder: its folder, which exists.
        settings: the user's.
        sources: component → its list of sources, as YAML in one line.
        version: every component's.
    """
    components = (
        _COMPONENT.format(name=name, version=version, sources=text)
        for name, text in sources.items()
    )
    file = folder / "components.yaml"
    file.write_text(HEAD + "".join(components), encoding="utf-8")
    return Project(file, settings)
