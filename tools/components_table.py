# SPDX-License-Identifier: Apache-2.0
"""The table of components in README.md, from the manifest, the locks and tests/data/built.yaml.

`make docs` writes it between its markers; a test compares the page with it.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from xsbuild.capabilities.lockfile import load_lock, lock_file
from xsbuild.capabilities.providers import decide
from xsbuild.distros.model import Distro
from xsbuild.manifest.reference import markdown_table
from xsbuild.project import Project, find_project
from xsbuild.settings import load_settings

# One of each family stands for the others; their aliases follow the newest stable ones.
REPRESENTATIVES = ("debian", "centos")
NOT_BUILT = "not built here"
_DATA = Path(__file__).parents[1] / "tests/data/built.yaml"
_STATES = TypeAdapter(dict[str, dict[str, str]])
_PLACE = re.compile(r"(?<=<!-- components -->\n).*?(?=<!-- end of components -->)", re.DOTALL)


def component_table(project: Project) -> str:
    """Return a Markdown table of components: version, licence, origin on some distros, state."""
    distros = [project.distros.get(name) for name in REPRESENTATIVES]
    titles = ("Component", "Version", "Licence", *(distro.title for distro in distros), "State")
    return markdown_table(titles, _rows(project, distros))


def _rows(project: Project, distros: Sequence[Distro]) -> Iterator[tuple[str, ...]]:
    manifest = project.manifest
    states = {name: state for state, shown in read_states().items() for name in shown}
    files = {distro.name: lock_file(project.locks, distro.name) for distro in distros}
    locks = {name: load_lock(file) for name, file in files.items() if file.exists()}
    for name, component in manifest.components.items():
        uses = [decide(name, component, distro, locks.get(distro.name)).use for distro in distros]
        origins = ("built" if use == "build" else "the distro's" for use in uses)
        yield name, component.version, component.license, *origins, states.get(name, NOT_BUILT)


def read_states() -> dict[str, dict[str, str]]:
    """Return the states of components that tests show: state → component → test."""
    return _STATES.validate_python(yaml.safe_load(_DATA.read_text(encoding="utf-8")))


def with_table(text: str, table: str) -> str:
    """Return a page with the table between its markers."""
    return _PLACE.sub(lambda _match: f"\n{table}\n", text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    made = component_table(find_project(load_settings(offline=True)))
    page.write_text(with_table(page.read_text(encoding="utf-8"), made), encoding="utf-8")
