# SPDX-License-Identifier: Apache-2.0
"""config.yaml: read as strictly as a manifest, with defaults where it says nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from xsbuild.errors import ProblemsError
from xsbuild.settings import Folders, Keep, Limits, Settings, load_settings


def loaded(folder: Path, text: str) -> Settings:
    folders = Folders(folder / "cache", folder / "data", folder)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load_settings(folders=folders)


def test_every_key(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "archives: {debian: http://one.invalid, other: [http://a.invalid, http://b.invalid]}\n"
        "rewrite: {'https://x.invalid/': 'file:///srv/'}\n"
        "signing-key: '0123'\nkeep: {days: 3}\ndistro: debian\n"
        "limits: {build-time: 90 min}\n",
    )
    assert settings.archives == {
        "debian": ("http://one.invalid",),
        "other": ("http://a.invalid", "http://b.invalid"),
    }
    assert settings.rewrite == {"https://x.invalid/": "file:///srv/"}
    assert (settings.signing_key, settings.distro) == ("0123", "debian")
    assert settings.keep == Keep(days=3, gigabytes=30)
    assert settings.limits == Limits(build_time=5400, build_silence=3600)


@pytest.mark.parametrize("text", ["", "# archives: {}\n"])
def test_nothing_but_comments_is_the_defaults(text: str, tmp_path: Path) -> None:
    settings = loaded(tmp_path, text)
    assert settings == Settings(settings.folders)


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("distro: debian\nsignin-key: x\n", 2, "signin-key", "did you mean `signing-key`?"),
        ("keep: {day: 1}\n", 1, "keep.day", "did you mean `days`?"),
        ("keep: {days: true}\n", 1, "keep.days", "expected a whole number, not a truth value"),
        ("keep:\n  gigabytes: -1\n", 2, "keep.gigabytes", "0"),
        ("archives: {debian: 3}\n", 1, "archives.debian", "expected a list"),
        ("archives: {debian: []}\n", 1, "archives.debian", "1"),
        ("archives: {debian: ''}\n", 1, "archives", "expected a URL without spaces"),
        ("archives: {debian: 'http://a b'}\n", 1, "archives", "expected a URL"),
        ("archives: {debian: [http://a, '-x']}\n", 1, "archives.debian[1]", "expected a URL"),
        ("signing-key: 123\n", 1, "signing-key", "put it in quotes"),
        ("limits: {build-time: 3}\n", 1, "limits.build-time", "put it in quotes"),
        ("limits: {build-time: 0 h}\n", 1, "limits.build-time", "a time such as 90 min"),
        ("limits: {build-silence: 1 GiB}\n", 1, "limits.build-silence", "a time such as"),
        ("[archives]\n", 1, "", "expected a mapping, not a list"),
    ],
)
def test_a_mistake_is_reported_with_its_place(
    text: str, line: int, key: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ProblemsError) as caught:
        loaded(tmp_path, text)
    (problem,) = caught.value.problems
    assert (problem.file.name, problem.line, problem.key) == ("config.yaml", line, key)
    assert words in str(problem)


def test_no_file_costs_no_import(tmp_path: Path) -> None:
    code = (
        "import sys; from xsbuild.settings import load_settings; load_settings()\n"
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert not set(run.stdout.split()) & {"pydantic", "yaml", "xsbuild.config"}
