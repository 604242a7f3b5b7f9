# SPDX-License-Identifier: Apache-2.0
"""Packages that are older than the distro's own are found from the lock."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from own_settings import settings_in
from recipes.test_hostile_text import SAMPLE
from xsbuild.cli.main import cli
from xsbuild.planner.precedence import older_than_distro
from xsbuild.planner.target import target_for
from xsbuild.project import Project

LOCK = {"index": {"date": "2026-11-21", "hash": "a" * 64}, "capabilities": {}, "packages": {}}
COMPONENT = {"version": "3.0.0", "packages": {"bison": {}, "bison-doc": {}}}


def project(
    folder: Path, distro: str, component: dict[str, object], lock: dict[str, object]
) -> Project:
    data = yaml.safe_load(SAMPLE)
    greet = data["components"]["greet"]
    greet |= {**COMPONENT, **component}
    epoch = f"{greet['epoch']}:" if "epoch" in greet else ""
    greet["changelog"][0]["version"] = f"{epoch}{greet['version']}-{greet.get('release', 1)}"
    data["meta-packages"] = {}
    for name in ("src", "locks"):
        (folder / name).mkdir()
    text = yaml.safe_dump({"distro": distro, **LOCK, **lock}).replace("'2026-11-21'", "2026-11-21")
    (folder / "locks" / f"{distro}.yaml").write_text(text)
    file = folder / "components.yaml"
    file.write_text(yaml.safe_dump(data))
    return Project(file, settings_in(folder))


def capability(version: str) -> dict[str, object]:
    return {"capabilities": {"bin(bison)": {"package": "bison", "version": version}}}


@pytest.mark.parametrize(
    ("distro", "component", "lock", "found"),
    [
        ("debian-13", {}, capability("2:3.8.2+dfsg-1+b2"), "2:3.8.2+dfsg-1+b2; state an `epoch`"),
        ("debian-13", {}, {"packages": {"bison": "3.8.2-1"}}, "3.8.2-1; state an `epoch`"),
        ("debian-13", {}, {"packages": {"bison": "3.0.0-2"}}, "3.0.0-2; raise `release`"),
        ("debian-13", {"release": 3}, {"packages": {"bison": "3.0.0-2"}}, ""),
        ("debian-13", {"epoch": 3}, capability("2:3.8.2+dfsg-1+b2"), ""),
        # ~deb13 sorts below the same version without it
        ("debian-13", {}, {"packages": {"bison": "3.0.0-1"}}, "3.0.0-1; raise `release`"),
        ("debian-13", {}, {"packages": {"bison": "2.9-7", "other": "9"}}, ""),
        ("debian-13", {}, {}, ""),
        ("centos-stream-10", {}, {"packages": {"bison": "3.0.0-2.el10"}},
         "3.0.0-2.el10; raise `release`"),
        ("centos-stream-10", {}, {"packages": {"bison": "1:1.0-1.el10"}},
         "1:1.0-1.el10; state an `epoch`"),
        ("centos-stream-10", {}, {"packages": {"bison": "3.0.0-1.el9"}}, ""),
        # the latest is the package's own
        ("debian-13", {}, {"packages": {"bison": "1:1.0-1"}, **capability("2.0")},
         "1:1.0-1; state an `epoch`"),
    ],
)  # fmt: skip
def test_what_sorts_below(
    distro: str, component: dict[str, object], lock: dict[str, object], found: str, tmp_path: Path
) -> None:
    made = project(tmp_path, distro, component, lock)
    target = target_for(made, made.distros.get(distro))
    older = [*older_than_distro(target, {"greet"})]
    assert [f"{one.theirs}; {one.remedy}" for one in older] == ([found] if found else [])
    assert [*older_than_distro(target, set())] == []


def test_plan_says_so(tmp_path: Path) -> None:
    made = project(tmp_path, "debian-13", {}, capability("2:3.8.2+dfsg-1+b2"))
    words = ["--manifest", str(made.file), "plan", "-d", "debian-13", "--json"]
    env = {"XSBUILD_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = CliRunner().invoke(cli, words, env=env)
    assert done.exit_code == 0, done.output
    assert "bison 3.0.0-1~deb13 sorts below debian-13's own 2:3.8.2+dfsg-1+b2" in done.stderr
    assert json.loads(done.stdout)
