# SPDX-License-Identifier: Apache-2.0
"""What changed is built, what only might have changed is not, and each is explained."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakebuilds import DISTRO, Shop, make_base, make_shop
from xsbuild.cli.context import Context
from xsbuild.cli.why import command

Row = dict[str, str]


def results(shop: Shop) -> dict[str, str]:
    done = shop.build("--json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout[done.stdout.index("{\n") :])
    return {row["target"]: row["result"] for row in data["targets"]}


def why(shop: Shop, *args: str) -> list[Row]:
    context = Context(shop.root / "components.yaml")
    done = CliRunner().invoke(command, ["-d", DISTRO, "--json", *args], obj=context)
    assert done.exit_code == 0, done.output
    rows: list[Row] = json.loads(done.stdout)
    return rows


def reasons(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    return [(row["component"], row["state"], row["reason"]) for row in rows]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = make_shop(tmp_path, monkeypatch)
    results(shop)
    assert sorted(shop.built()) == ["base", "other", "user"]
    return shop


def test_from_a_touched_recipe_to_a_changed_result(shop: Shop) -> None:
    never = [("base", "built", "never built here"), ("other", "built", "never built here")]
    assert reasons(why(shop, "--last"))[:2] == never
    a_recipe_that_changes_no_package_rebuilds_no_user(shop)
    a_changed_package_rebuilds_its_users(shop)
    another_state_of_the_archives_rebuilds_and_says_so(shop)


def a_recipe_that_changes_no_package_rebuilds_no_user(shop: Shop) -> None:
    (shop.root / "debian/base").mkdir(parents=True)
    (shop.root / "debian/base/README.Debian").write_text("read\n")
    rows = why(shop, "user")
    assert [row["component"] for row in rows] == ["base", "user"]
    assert rows[0]["reason"].startswith("recipe: README.Debian is new: ")
    assert rows[1]["reason"] == "depends on base, rebuilt first; reused if its output is unchanged"
    assert results(shop) == {
        "base": "built",
        "user": "up to date",
        "other": "up to date",
        "everything": "made",
    }
    assert shop.built() == ["base"]
    (row,) = why(shop, "--last")
    assert row["component"] == "base"
    assert row["when"]


def a_changed_package_rebuilds_its_users(shop: Shop) -> None:
    (shop.root / "debian/base/README.Debian").write_text("read more\n")
    (shop.root / "out/base").write_text("another program\n")
    results(shop)
    assert shop.built() == ["base", "user"]
    now, before = why(shop, "user")
    assert now["state"] == "up to date"
    assert before["state"] == "built"
    assert before["reason"].startswith("dependencies: base changed from ")
    assert [row["component"] for row in why(shop, "--last")] == ["base", "user"]


def another_state_of_the_archives_rebuilds_and_says_so(shop: Shop) -> None:
    make_base(shop, "2")
    (shop.base / "release.txt").write_text(f"{'1' * 64}  InRelease\n")
    (row,) = why(shop, "other")
    assert row["state"] == "build"
    assert row["reason"].startswith("buildroot: archives changed from ")


def test_what_failed_is_tried_again(shop: Shop) -> None:
    content = (shop.root / "out/other").rename(shop.root / "out/aside")
    (shop.root / "src/other/Makefile").write_text("all: x\n")
    for _ in range(2):
        done = shop.build()
        assert done.exit_code != 0
    step, cause, log = why(shop, "--last")
    assert (step["state"], step["reason"]) == ("FAILED", "step: fake")
    assert cause["reason"] == "cause: it broke"
    (file,) = shop.cache.glob(f"logs/*/other@{DISTRO}.log")
    assert log["reason"] == f"log: {file}"
    planned, *failed = why(shop, "other")
    assert planned["state"] == "build"
    assert failed == [step, cause, log]
    content.rename(shop.root / "out/other")
    assert results(shop)["other"] == "built"


def test_the_way_between_two_components(shop: Shop) -> None:
    way = [{"component": "user", "needs": "base", "for": "base"}]
    assert why(shop, "user", "base") == why(shop, "base", "user") == way
    assert why(shop, "user", "other") == []
    assert why(shop, "everything") == []  # a meta-package, of which all is up to date


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["a", "b", "c"], "Give one TARGET, two, or --last."),
        ([], "Give one TARGET, two, or --last."),
        (["user", "--last"], "Give one TARGET, two, or --last."),
    ],
)
def test_wrong_use(args: list[str], text: str) -> None:
    done = CliRunner().invoke(command, ["-d", DISTRO, *args], obj=Context())
    assert done.exit_code == 2
    assert text in done.output
