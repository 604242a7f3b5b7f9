# SPDX-License-Identifier: Apache-2.0
"""The keys of the test project change only on purpose: another key rebuilds a component everywhere.

Everything that differs between machines is left out: pins, the base chroot, the default builder.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from own_settings import settings_in
from upstreams import pinned_project
from xsbuild.families.family import family_of
from xsbuild.planner.inputs import inputs_of
from xsbuild.planner.target import Target, target_for
from xsbuild.project import Project
from xsbuild.store.keys import Json, key_of

GOLDEN = Path(__file__).with_name("golden")


def keys_and_inputs(target: Target, builder: str) -> dict[str, Json]:
    """Component → its key, and the inputs that the key is a hash of, but for the long one."""
    keys: dict[str, str] = {}
    found: dict[str, Json] = {}
    for name in target.graph.order:
        request = target.request(name)
        inputs = inputs_of(
            request,
            family_of(target.distro).render(request),
            builder=builder,
            buildroot={},
            dependencies={need: keys[need] for need in target.graph.needs(name)},
            root=target.project.root,
        )
        keys[name] = key_of(inputs)
        shown = {part: value for part, value in inputs.items() if part != "distro"}
        found[name] = {"key": keys[name], "inputs": shown}
    return found


@pytest.mark.parametrize(
    ("distro", "builder"), [("debian-13", "pbuilder"), ("centos-stream-10", "dnf")]
)
def test_keys(
    distro: str, builder: str, tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    project = Project(pinned_project(tmp_path / "project"), settings_in(tmp_path))
    found = keys_and_inputs(target_for(project, project.distros.get(distro)), builder)
    text = json.dumps(found, indent=1, sort_keys=True, default=dict)
    golden(GOLDEN / f"{distro}.json", f"{text}\n")
