# SPDX-License-Identifier: Apache-2.0
"""What upgrades change, as both families state it; the scripts of RPM run for real."""

import re
from pathlib import Path

import pytest
import yaml

from recipes.test_hostile_text import SAMPLE, request_of
from xsbuild.host import process
from xsbuild.host.confined import run_confined
from xsbuild.host.process import is_program
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Component
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.rpm import render_rpm
from xsbuild.recipes.tree import write_tree
from xsbuild.recipes.upgrades import (
    before_transaction,
    changes_of,
    link_target,
    maintscript,
    triggers,
)

DIR = {"dir-to-symlink": "/usr/share/a/docs", "to": "new", "since": "2.0-1"}
LINK = {"symlink-to-dir": "{datadir}/a/man", "to": "/usr/share/b", "since": "2.0"}
REMOVED = {"rm-conffile": "{sysconfdir}/a/gone.conf", "since": "1.1-3"}
MOVED = {"mv-conffile": "/etc/a.conf", "to": "{sysconfdir}/a/a.conf", "since": "2.0-1"}
needs_rpm = pytest.mark.skipif(not is_program("rpm"), reason="no rpm on this machine")


def component(folder: Path, package: dict[str, object]) -> Component:
    data = yaml.safe_load(SAMPLE)
    data["components"]["greet"]["packages"]["greet"] |= package
    (folder / "src").mkdir()
    file = folder / "components.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_manifest(file).components["greet"]


def here(text: str) -> str:
    return text.format(datadir="/usr/share", sysconfdir="/etc")


def test_lines_of_a_maintscript(tmp_path: Path) -> None:
    made = component(tmp_path, {"upgrades": [DIR, LINK, REMOVED, MOVED]})
    assert [*maintscript(changes_of(made.packages["greet"], made), here)] == [
        "dir_to_symlink /usr/share/a/docs new 2.0-1~",
        "symlink_to_dir /usr/share/a/man ../b 2.0~",
        "rm_conffile /etc/a/gone.conf 1.1-3~",
        "mv_conffile /etc/a.conf /etc/a/a.conf 2.0-1~",
    ]


@pytest.mark.parametrize(
    ("link", "target", "written"),
    [
        ("/usr/share/a/docs", "/usr/share/a/new", "new"),
        ("/usr/share/a/docs", "../b", "../b"),
        ("/usr/share/docs", "/usr/lib/b/../c", "../lib/c"),
        ("/usr/share/a/docs", "/var/lib/a", "/var/lib/a"),
        ("/etc/a", "../var/lib/a", "/var/lib/a"),
    ],
)
def test_targets_of_links_are_those_of_dh_link(link: str, target: str, written: str) -> None:
    assert link_target(link, target) == written


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ({"install": [{"source": "f", "to": "{datadir}/a/new"}], "links": {"{datadir}/a/d": "new"}},
         ["{datadir}/a/d"]),
        ({"files": ["/usr/share/a/new/"], "links": {"{datadir}/a/d": "/usr/share/a/new"}},
         ["{datadir}/a/d"]),
        ({"files": ["{libdir}/a/b/c"], "links": {"{libdir}/a/d": "b"}}, ["{libdir}/a/d"]),
        ({"directories": ["/usr/x/y"], "links": {"/usr/x/z": "y"}}, ["/usr/x/z"]),
        # a file; somebody else's directory; the machine's data
        ({"files": ["/usr/share/a/f"], "links": {"/usr/share/a/d": "f"}}, []),
        ({"files": ["/usr/share/a/f"], "links": {"/usr/share/a/d": "/usr/lib/b"}}, []),
        ({"files": ["/usr/share/a/f"], "links": {"/var/a": "/usr/share/a"}}, []),
        # stated with its version
        ({"files": ["/usr/share/a/new/"], "links": {"/usr/share/a/docs": "new"}, "upgrades": [DIR]},
         []),
    ],
)  # fmt: skip
def test_a_link_to_an_own_directory_may_have_been_one(
    package: dict[str, object], expected: list[str], tmp_path: Path
) -> None:
    made = component(tmp_path, {"install": [], "directories": [], **package})
    changes = changes_of(made.packages["greet"], made)
    assert [change.path for change in changes if not change.since] == expected
    assert all(len(line.split()) == 3 for line in maintscript(
        [change for change in changes if not change.since], str))  # fmt: skip


def lua(folder: Path, parts: list[str]) -> None:
    text = "\n".join(parts)
    done = process.run(["rpm", "--eval", f"%{{lua:{text}}}"], env={"HOME": str(folder)})
    assert "error" not in done.output


@needs_rpm
def test_a_directory_makes_room_for_a_link_and_keeps_its_files(tmp_path: Path) -> None:
    made = component(tmp_path, {"upgrades": [{**DIR, "dir-to-symlink": "{datadir}/docs"}]})
    changes = changes_of(made.packages["greet"], made)
    parts = [*before_transaction(changes, lambda text: text.format(datadir=tmp_path))]
    lua(tmp_path, parts)  # there is none yet
    for number in ("", ".1", ".2"):
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs/own").write_text(number)
        lua(tmp_path, parts)
        assert not (tmp_path / "docs").exists()
        assert (tmp_path / f"docs.rpmmoved{number}/own").read_text() == number
    (tmp_path / "docs").symlink_to("new")
    lua(tmp_path, parts)
    assert (tmp_path / "docs").is_symlink()


@needs_rpm
@pytest.mark.parametrize(("target", "stays"), [("docs", False), ("/srv/docs", True)])
def test_only_the_package_s_own_link_makes_room_for_a_directory(
    target: str, stays: bool, tmp_path: Path
) -> None:
    link = {"symlink-to-dir": "{datadir}/man", "to": "docs", "since": "2.0"}
    made = component(tmp_path, {"upgrades": [link]})
    changes = changes_of(made.packages["greet"], made)
    parts = [*before_transaction(changes, lambda text: text.format(datadir=tmp_path))]
    (tmp_path / "man").symlink_to(target)
    lua(tmp_path, parts)
    assert (tmp_path / "man").is_symlink() is stays


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.conf.rpmsave": "edited", "b.conf": "new"},
         {"b.conf": "edited", "b.conf.rpmnew": "new"}),
        ({"b.conf": "new"}, {"b.conf": "new"}),
        ({"a.conf.rpmsave": "edited"}, {"b.conf": "edited"}),
    ],
)  # fmt: skip
def test_an_edited_configuration_file_moves(
    files: dict[str, str], expected: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    moved = {"mv-conffile": "{sysconfdir}/a.conf", "to": "{sysconfdir}/b.conf", "since": "2"}
    made = component(project, {"upgrades": [moved]})
    changes = changes_of(made.packages["greet"], made)
    [trigger] = triggers(changes, lambda text: text.format(sysconfdir=tmp_path))
    # left by a removal long ago, it is not what was edited now
    (tmp_path / "a.conf.rpmsave").write_text("stale")
    process.run(["sh", "-ec", trigger.before])
    assert (tmp_path / "a.conf.rpmsave.old").read_text() == "stale"
    (tmp_path / "a.conf.rpmsave.old").unlink()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    process.run(["sh", "-ec", trigger.after])
    assert {path.name: path.read_text() for path in tmp_path.glob("?.conf*")} == expected


@needs_rpm
def test_both_families_read_it(tmp_path: Path) -> None:
    component(tmp_path, {"upgrades": [DIR, LINK, REMOVED, MOVED]})
    manifest = load_manifest(tmp_path / "components.yaml")
    debian = render_debian(request_of(manifest, "debian", "debian-13"))
    lines = next(file.content for path, file in debian.items() if path.suffix == ".maintscript")
    assert b"rm_conffile /etc/a/gone.conf 1.1-3~\n" in lines
    write_tree(render_rpm(request_of(manifest, "specs", "centos-stream-10")), tmp_path / "rpm")
    query = r"%{PRETRANSPROG}\n[%{TRIGGERNAME} %{TRIGGERVERSION}\n]"
    done = run_confined(
        ("rpmspec", "--query", "--define", "_unitdir /u", "--qf", query, "greet.spec"),
        folder=tmp_path / "rpm",
    )
    lines_of_rpm = [line for line in done.output.splitlines() if not line.startswith("warning")]
    assert lines_of_rpm[0] == "<lua>"
    assert lines_of_rpm[1:3] == ["greet 2.0-1"] * 2


@pytest.mark.parametrize(
    ("upgrade", "message"),
    [
        ({**DIR, "dir-to-symlink": "/usr/share/a b"}, "expected a path of letters"),
        ({**DIR, "dir-to-symlink": "/usr/share/a/"}, "without a slash at its end"),
        ({**DIR, "to": "$(x)"}, "expected a path of letters"),
        ({**DIR, "rm-conffile": "/etc/x"}, "an upgrade has exactly one of"),
        ({"since": "1"}, "an upgrade has exactly one of"),
        ({**REMOVED, "since": "latest"}, "expected a version such as 2.0-1"),
        ({**REMOVED, "rm-conffile": "{sysdir}/x"}, "unknown place {sysdir}"),
        ({**MOVED, "to": "etc/x"}, "expected a path"),
        ({"mv-conffile": "/etc/x", "since": "1"}, "missing"),
    ],
)
def test_what_is_refused(upgrade: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=re.escape(message)) as caught:
        component(tmp_path, {"upgrades": [upgrade]})
    assert getattr(caught.value, "problems", ())
