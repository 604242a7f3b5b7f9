# SPDX-License-Identifier: Apache-2.0
"""What the manifest says is missing keeps a component from being built, if it says so."""

from pathlib import Path

import pytest

from fakebuilds import DISTRO, make_shop
from xsbuild.checks.manifest import BLOCKS, TODO, Finding, check_manifest
from xsbuild.planner.plan import State, plan
from xsbuild.planner.target import target_for


@pytest.mark.parametrize(
    ("todo", "kind", "state"),
    [
        ("[the moon]", TODO, State.BUILD),
        ("[{text: the moon}]", TODO, State.BUILD),
        ("[{text: the moon, blocks: true}]", BLOCKS, State.BLOCKED),
    ],
)
def test_only_what_blocks_is_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, todo: str, kind: str, state: State
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    manifest = shop.root / "components.yaml"
    text = manifest.read_text()
    manifest.write_text(text.replace("  base:\n", f"  base:\n    todo: {todo}\n"))
    project = shop.project
    assert list(check_manifest(project.manifest)) == [Finding("base", kind, "the moon")]
    target = target_for(project, project.distros.get(DISTRO))
    planned = {
        task.component: task
        for task in plan(target, frozenset(target.graph.built), "pbuilder").tasks
    }
    assert {name: task.state for name, task in planned.items()} == {
        "base": state,
        "user": state,
        "other": State.BUILD,
    }
    assert ("the moon" in planned["base"].reason) == (state is State.BLOCKED)
    if state is State.BLOCKED:
        result = shop.build("--keep-going")
        assert result.exit_code == 1
        assert shop.built() == ["other"]


@pytest.mark.parametrize(("wanted", "state"), [(">= 1.0", State.BUILD), ("< 1.0", State.BLOCKED)])
def test_what_does_not_go_together_is_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, state: State
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    manifest = shop.root / "components.yaml"
    text = manifest.read_text()
    manifest.write_text(
        text.replace("  other:\n", f'  other:\n    compatible: {{base: "{wanted}"}}\n')
    )
    project = shop.project
    target = target_for(project, project.distros.get(DISTRO))
    (planned,) = plan(target, frozenset({"other"}), "pbuilder").tasks
    assert planned.state is state
    assert (planned.reason == "other goes with base < 1.0, not 1.0") == (state is State.BLOCKED)
