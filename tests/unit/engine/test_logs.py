# SPDX-License-Identifier: Apache-2.0
"""Logs are found after success and failure, and followed while a build writes them."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fakebuilds import DISTRO, Shop, make_shop
from xsbuild.cli.context import Context
from xsbuild.cli.logs import command
from xsbuild.engine.logs import begun, lines_of
from xsbuild.errors import InputError


def logs(shop: Shop, *args: str) -> Result:
    return CliRunner().invoke(
        command, ["-d", DISTRO, *args], obj=Context(shop.root / "components.yaml")
    )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return make_shop(tmp_path, monkeypatch)


def test_the_log_of_a_build_that_succeeded_and_of_one_that_failed(shop: Shop) -> None:
    (shop.root / "out/other").unlink()
    shop.build()
    assert logs(shop, "base").output == "making base\n"
    assert logs(shop, "other", "--follow").output == "making other\n"


def test_a_log_that_was_removed_is_in_the_result(shop: Shop) -> None:
    shop.build()
    (file,) = shop.cache.glob(f"logs/*/base@{DISTRO}.log")
    file.unlink()
    assert logs(shop, "base").output == "making base\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("base", f"build it with `xsbuild build base --distro {DISTRO}`"), ("bass", "`base`")],
)
def test_no_log(name: str, hint: str, shop: Shop) -> None:
    error = logs(shop, name).exception
    assert isinstance(error, InputError)
    assert hint in (error.hint or "")


def test_a_growing_log_is_followed_to_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    read: list[str] = []
    first = threading.Event()

    def follow() -> None:
        for line in lines_of(log, follow=True):
            read.append(line)
            first.set()

    with begun(log):
        log.write_text("one\n")
        reader = threading.Thread(target=follow)
        reader.start()
        assert first.wait(10)
        with log.open("a") as stream:
            stream.write("two\n")
    reader.join(10)
    assert not reader.is_alive()
    assert read == ["one\n", "two\n"]


def test_a_killed_build_ends_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import os, pathlib, signal, sys; from xsbuild.engine.logs import begun\n"
        "log = pathlib.Path(sys.argv[1])\n"
        "with begun(log):\n"
        "    log.write_text('one\\n'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, log], check=False)
    assert list(lines_of(log, follow=True)) == ["one\n"]
