# SPDX-License-Identifier: Apache-2.0
"""A repository of the distro changes, for real: where the same is installed, nothing is compiled.

The deb family's part is in test_end_to_end.py. The build dependency is a generated one, so that
what the spec file names by itself is installed as before, whatever is published.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from rpmdistro.payload import EPOCH, Payload
from rpmdistro.world import NAME, World
from test_failures import Bench
from test_rpm_failures import BUILD, COMPONENT, HEAD, RECIPE
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.repos.yum import write_yum_repository
from xsbuild.settings import Folders, Settings
from xsbuild.store.history import REUSED, History
from xsbuild.store.store import Result, Store

pytestmark = [
    pytest.mark.chroot,
    pytest.mark.slow,  # each state of the repository is another base chroot
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: run the tests with sudo"),
]
SAMPLE = "sample"
GENERATED = ("generate_buildrequires", "%generate_buildrequires\necho tool")
REPOSITORY = (
    '    - {{name: updates, baseurl: "{0}", keys: ["{0}/{1}"], signed-index: true}}\nnames:'
)


@pytest.fixture
def bench(tmp_path: Path, rpm_world: World) -> Bench:
    """One component, for the test distribution and one more repository."""
    project = tmp_path / "home/project"
    for folder in ("specs", "data"):
        (project / folder).mkdir(parents=True)
    (project / "data/data.txt").touch()
    text = COMPONENT.format(name=SAMPLE, requires="", files="")
    (project / "components.yaml").write_text(HEAD + text)
    block, change = GENERATED
    recipe = RECIPE.format(block=block, text=change)
    (project / f"specs/{SAMPLE}.spec.j2").write_text(recipe)
    shutil.copytree(rpm_world.distros, project / "distros")
    file = project / f"distros/{NAME}.yaml"
    updates = REPOSITORY.format((tmp_path / "updates").as_uri(), KEY)
    file.write_text(file.read_text().replace("names:", updates))
    return Bench(tmp_path / "home", project / "components.yaml")


def publish(folder: Path, **versions: str) -> None:
    """Makes ``updates`` in a folder a repository of these packages alone."""
    shutil.rmtree(folder / "updates", ignore_errors=True)
    packages = []
    for name, version in versions.items():
        work = folder / f"{name}-{version}"
        work.mkdir(exist_ok=True)
        payload = Payload(name, version, "1", work, noarch=True)
        payload.add_file(f"/usr/share/{name}/version", version)
        packages.append(payload.build(work))
        shutil.rmtree(work / "out")
    (folder / "updates").mkdir()
    write_yum_repository(
        folder / "updates",
        packages,
        title="Updates",
        key=signing_key(Settings(Folders(folder, folder / "key", folder)), say=print),
        epoch=EPOCH,
        location=(folder / "updates").as_uri(),
    )


def build(bench: Bench) -> tuple[str, Result]:
    """Builds as ten minutes after the last time; returns what `why --last` says, and the result."""
    for checked in bench.home.glob("cache/bases/*/current/checked"):
        os.utime(checked, (0, 0))
    shutil.rmtree(bench.home / "cache/answers", ignore_errors=True)
    status, output = bench.run(*BUILD, SAMPLE)
    assert status == 0, output
    status, output = bench.run("why", "--last", "-d", NAME, "--json")
    (row,) = json.loads(output)
    result = History(Store(bench.home / "cache/store")).last(f"{SAMPLE}@{NAME}")
    assert result is not None
    return f"{row['state']}: {row['reason']}", result


def test_an_unrelated_package_compiles_nothing_and_a_newer_dependency_does(
    bench: Bench, tmp_path: Path
) -> None:
    publish(tmp_path, tool="1")
    said, first = build(bench)
    assert said == "built: never built here"
    publish(tmp_path, tool="1", unrelated="1")
    said, second = build(bench)
    assert said == f"reused: {REUSED}"
    assert (second.key != first.key, second.former) == (True, first.key)
    assert second.digest == first.digest
    publish(tmp_path, tool="2", unrelated="1")
    said, third = build(bench)
    assert said == "built: buildroot: tool changed from 1-1.noarch to 2-1.noarch"
    assert third.former is None
