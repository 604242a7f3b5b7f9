# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from components import project_of
from own_settings import settings_in
from webserver import Web

CONTENT = b"an archive"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


PARTIAL = "cache/sources/work/*/partial"
XSBUILD = Path(sys.executable).with_name("xsbuild")


def xsbuild(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person would in a project; not on a terminal."""
    return subprocess.run(
        [str(XSBUILD), *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "XSBUILD_CACHE": str(folder / "cache"), "HOME": str(folder)}


@pytest.fixture
def folder(web: Web, tmp_path: Path) -> Path:
    """A project with a good source, and one that is gone and that two components need."""
    good = f"[{{url: '{web.add('/x-1.0.0.tar.gz', CONTENT)}', sha256: {SHA256}}}]"
    gone = f"[{{url: '{web.address}/gone.tar.gz', sha256: '{'1' * 64}'}}]"
    project_of(tmp_path, settings_in(tmp_path), {"xa": good, "xb": gone, "xc": gone})
    return tmp_path


def test_fetching_what_is_there(folder: Path) -> None:
    done = xsbuild(folder, "fetch", "xa")
    assert done.returncode == 0
    assert done.stderr == "xa: fetched, 10 bytes\n"
    header, row = done.stdout.splitlines()
    assert header.split() == ["COMPONENT", "FILE", "PATH"]
    assert row.split()[:2] == ["xa", "x-1.0.0.tar.gz"]
    assert Path(row.split()[2]).read_bytes() == CONTENT
    again = xsbuild(folder, "--offline", "--quiet", "fetch", "xa")
    assert (again.returncode, again.stdout, again.stderr) == (0, done.stdout, "")


def test_what_cannot_be_fetched_is_told_with_who_needs_it(web: Web, folder: Path) -> None:
    done = xsbuild(folder, "fetch")
    assert done.returncode == 1
    line = f"{web.address}/gone.tar.gz  xb, xc     the server returned 404 Not Found"
    assert line in done.stdout.splitlines()
    assert "error: 1 source cannot be fetched [XSB-SOURCE-FAILED]\n  hint: " in done.stderr


def test_json(web: Web, folder: Path) -> None:
    done = xsbuild(folder, "fetch", "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    (fetched,), (failure,) = result["fetched"], result["failures"]
    assert fetched["digest"] == SHA256
    assert failure["needed_by"] == ["xb", "xc"]
    assert failure["source"] == f"{web.address}/gone.tar.gz"


def test_bump_shows_what_it_changed(web: Web, folder: Path) -> None:
    file = folder / "components.yaml"
    file.write_text(file.read_text().replace("x-1.0.0.tar.gz", "x-{version}.tar.gz"))
    web.add("/x-1.1.0.tar.gz", b"new")
    done = xsbuild(folder, "bump", "xa", "1.1.0")
    assert done.returncode == 0
    assert "-    version: 1.0.0\n" in done.stdout
    assert "+    version: 1.1.0\n" in done.stdout
    assert hashlib.sha256(b"new").hexdigest() in file.read_text()


def test_bump_to_what_is_not_there(folder: Path) -> None:
    before = (folder / "components.yaml").read_bytes()
    done = xsbuild(folder, "bump", "xa", "9")
    assert done.returncode == 2
    assert "does not depend on the version" in done.stderr
    assert (folder / "components.yaml").read_bytes() == before


def test_ctrl_c_ends_at_once_and_leaves_what_can_be_resumed(web: Web, folder: Path) -> None:
    web.faults["/x-1.0.0.tar.gz"] = ["stall"]
    web.files["/x-1.0.0.tar.gz"] = CONTENT * 10_000
    with subprocess.Popen([XSBUILD, "fetch", "xa"], cwd=folder, env=environment(folder)) as running:
        assert web.stalled.wait(60)
        while not any(file.stat().st_size for file in folder.glob(PARTIAL)):
            assert running.poll() is None
            web.ended.wait(0.02)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 128 + signal.SIGINT
    (partial,) = folder.glob(PARTIAL)
    assert 0 < partial.stat().st_size <= 50_000
    assert [path.name for path in partial.parents[1].glob("*.lock")] == [f"{SHA256}.lock"]
