# SPDX-License-Identifier: Apache-2.0
"""`xsbuild check` lists what blocks builds; the rest is counted, and listed on request."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fakebuilds import Shop, make_shop
from xsbuild.cli.check import command
from xsbuild.cli.context import Context

NAME = "  {}:\n    summary: The component {}\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = make_shop(tmp_path, monkeypatch)
    manifest = shop.root / "components.yaml"
    text = manifest.read_text()
    for name, todo in {"base": "{text: now, blocks: true}", "other": "{text: some day}"}.items():
        start = NAME.format(name, name)
        assert start in text
        text = text.replace(start, f"{start}    todo: [{todo}]\n")
    manifest.write_text(text)
    return shop


def check(shop: Shop, *args: str) -> Result:
    return CliRunner().invoke(command, args, obj=Context(shop.root / "components.yaml"))


def test_what_blocks_is_listed_and_the_rest_counted(shop: Shop) -> None:
    done = check(shop)
    assert done.exit_code == 0
    assert done.stdout == "COMPONENT  KIND              TEXT\nbase       blocks its build  now\n"
    assert "builds blocked: 1; `--todo` lists 1 other findings" in done.stderr


def test_the_rest_is_listed_on_request(shop: Shop) -> None:
    done = check(shop, "--todo")
    assert "some day" in done.stdout
    assert "--todo" not in done.stderr
