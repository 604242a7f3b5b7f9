# SPDX-License-Identifier: Apache-2.0
"""A .deb has the modes of upstream's installation, whatever debhelper made of them before."""

from pathlib import Path, PurePosixPath

import pytest

from greetings import request_for
from xsbuild.host import process
from xsbuild.recipes.debian import render_debian

COMMON = "greetd-common"


def installed(folder: Path, path: str, mode: int, *, directory: bool = False) -> Path:
    """A file in upstream's installation, and in a package as dh_fixperms(1) leaves it."""
    for top, has in (("tmp", mode), (COMMON, 0o755 if mode & 0o111 else 0o644)):
        place = folder / "debian" / top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if directory else place.write_text(top)
        place.chmod(has)
    return folder / "debian" / COMMON / path


def finish(folder: Path) -> None:
    tree = render_debian(request_for("greetd"))
    rules = tree[PurePosixPath("rules")].content.decode()
    block = rules[rules.index("execute_before_dh_builddeb") :].split("\n\n")[0]
    commands = [line for line in block.splitlines() if not line.startswith("\tchmod ")]
    (folder / "rules").write_text("\n".join([*commands, ""]))
    process.run(["make", "-f", "rules", "execute_before_dh_builddeb"], cwd=folder)


def mode_of(path: Path) -> str:
    return oct(path.lstat().st_mode & 0o7777)


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("etc/greetd/token", 0o640),
        ("etc/sudoers.d/greetd", 0o440),
        ("usr/bin/greet write", 0o2755),
        ("usr/lib/greetd/it's $HOME", 0o4711),
        ("usr/share/greetd/fixed", 0o444),
        ("usr/libexec/greetd/only", 0o500),
    ],
)
def test_files(tmp_path: Path, path: str, mode: int) -> None:
    file = installed(tmp_path, path, mode)
    finish(tmp_path)
    assert mode_of(file) == oct(mode)


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o1777, 0o2775])
def test_directories(tmp_path: Path, mode: int) -> None:
    folder = installed(tmp_path, "var/lib/greetd/spool", mode, directory=True)
    finish(tmp_path)
    assert mode_of(folder) == oct(mode)
    assert mode_of(folder.parent) == oct(0o755)


def test_libraries_are_no_programs(tmp_path: Path) -> None:
    for name in ("libgreet.so", "libgreet.so.1.2"):
        installed(tmp_path, f"usr/lib/{name}", 0o555).chmod(0o644)
    finish(tmp_path)
    for name in ("libgreet.so", "libgreet.so.1.2"):
        assert mode_of(tmp_path / "debian" / COMMON / "usr/lib" / name) == oct(0o644)


def test_links_are_not_followed(tmp_path: Path) -> None:
    place = installed(tmp_path, "etc/greetd/token", 0o600)
    other = tmp_path / "other"
    other.write_text("")
    other.chmod(0o644)
    place.unlink()
    place.symlink_to(other)
    finish(tmp_path)
    assert mode_of(other) == oct(0o644)


def test_nothing_is_installed(tmp_path: Path) -> None:
    (tmp_path / "debian").mkdir()
    finish(tmp_path)
