# SPDX-License-Identifier: Apache-2.0
"""What is shipped can be planned for every distro, with no network and an empty cache."""

from pathlib import Path

import pytest

from xsbuild.planner.plan import Planned, State, plan
from xsbuild.planner.target import target_for
from xsbuild.project import Project
from xsbuild.settings import Folders, Settings
from xsbuild.shipped import shipped

NAMES = sorted(file.stem for file in shipped("distros").glob("*.yaml"))
# Distro → component → the reason why it can never be built there as it is.
INCOMPATIBLE = {
    "debian-12": {
        "xapi": "xapi goes with xen >= 4.20, < 4.21, not 4.17",
        "xen-ocaml": "xen-ocaml goes with xen >= 4.20, < 4.21, not 4.17",
        "xenguest": "xenguest goes with xen >= 4.20, < 4.21, not 4.17",
        "xenserver-installer": "python3dist(pydantic) >= 2: debian-12 has python3-pydantic 1.10",
    },
}


def planned(name: str, cache: Path) -> dict[str, Planned]:
    folders = Folders(cache, cache / "data", cache / "config")
    project = Project(shipped("components.yaml"), Settings(folders, offline=True))
    target = target_for(project, project.distros.get(name))
    tasks = plan(target, frozenset(target.graph.built), target.distro.family.value).tasks
    return {task.component: task for task in tasks}


def test_there_are_eighteen() -> None:
    assert len(NAMES) == 18


@pytest.mark.parametrize("name", NAMES)
def test_only_incompatible_components_are_blocked(name: str, tmp_path: Path) -> None:
    tasks = planned(name, tmp_path)
    blocked = {item: task.reason for item, task in tasks.items() if task.state is State.BLOCKED}
    expected = INCOMPATIBLE.get(name, {})
    assert blocked.keys() == expected.keys()
    for component, reason in expected.items():
        assert reason in blocked[component]
    assert {"xapi", "sm", "xha", "blktap"} <= tasks.keys()
