# SPDX-License-Identifier: Apache-2.0
"""Only the archives changed: what is installed decides whether anything is compiled."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from fakebuilds import DISTRO, Shop, make_base, make_shop
from stored import INPUTS, KEY, commit
from xsbuild.cli.context import Context
from xsbuild.cli.why import command
from xsbuild.engine.task import Cutoff
from xsbuild.store.history import REUSED, History
from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import Result, Store

TASK = f"xha@{DISTRO}"
ALL = ["base", "other", "user"]
PACKAGES = st.dictionaries(
    st.sampled_from(["gcc", "libc6:amd64", "libc6:i386", "zlib1g-dev"]),
    st.sampled_from(["1", "1-1", "2:1"]),
    min_size=1,
)
FEW = settings(max_examples=40)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """With one result."""
    store = Store(tmp_path_factory.mktemp("store"))
    commit(store)
    History(store).remember(TASK, KEY)
    return store


def say_installed(store: Store, key: str, packages: dict[str, str]) -> list[str]:
    lines = sorted(f"{name}={version}" for name, version in packages.items())
    text = "".join(f"{line}\n" for line in lines)
    (store.root / key[:2] / key / "installed.txt").write_text(text)
    return lines


def as_before(store: Store) -> Result:
    result = store.find(KEY)
    assert result is not None
    return result


@FEW
@given(before=PACKAGES, other=st.none() | PACKAGES)
def test_it_compiles_where_anything_else_is_installed(
    store: Store, before: dict[str, str], other: dict[str, str] | None
) -> None:
    now = other or before
    say_installed(store, KEY, before)
    lines = sorted(f"{name}={version}" for name, version in now.items())
    cutoff = Cutoff(store, as_before(store))
    assert cutoff.proceed(lines) is (before != now)
    assert cutoff.installed == lines
    assert (cutoff.result is None) is (before != now)
    assert Cutoff(store, None).proceed(lines)


@FEW
@given(before=PACKAGES, now=PACKAGES)
def test_each_package_that_changed_is_named(
    store: Store, before: dict[str, str], now: dict[str, str]
) -> None:
    inputs: dict[str, Json] = {**INPUTS, "buildroot": {"archives": "1"}}
    with store.begin(key_of(inputs)) as entry:
        entry.adopt(as_before(store), inputs, ["any=1"])
    say_installed(store, KEY, before)
    say_installed(store, key_of(inputs), now)
    said = History(store).why_done(KEY, key_of(inputs))
    both = before.keys() & now.keys()
    changed = [
        f"buildroot: {name} changed from {before[name]} to {now[name]}"
        for name in both
        if before[name] != now[name]
    ]
    new = [f"buildroot: {name} is new: {now[name]}" for name in now.keys() - both]
    gone = [f"buildroot: {name} is gone; it was {before[name]}" for name in before.keys() - both]
    assert sorted(said) == sorted([*changed, *new, *gone])


@pytest.mark.parametrize(
    ("changed", "reusable"),
    [
        ({}, True),
        ({"buildroot": {"archives": "2", "packages": "2"}}, True),
        ({"sources": {"xha.tar.gz": "1" * 64}}, False),
        ({"component": "sm"}, False),
        ({"buildroot": {"archives": "2"}, "recipe": {}}, False),
        ({"dependencies": {"xen": "2" * 64}}, False),
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_only_the_buildroot_may_differ(
    store: Store, changed: dict[str, Json], reusable: bool, recorded: bool
) -> None:
    say_installed(store, KEY, {"gcc": "14"} if recorded else {})
    former = History(store).former(TASK, {**INPUTS, **changed})
    assert former == (as_before(store) if reusable and recorded else None)
    assert History(store).former(f"never@{DISTRO}", INPUTS) is None


def test_an_adopted_result_is_the_same_files_and_says_whose(tmp_path: Path) -> None:
    store, inputs = Store(tmp_path / "store"), {**INPUTS, "buildroot": {"archives": "1"}}
    former = commit(store)
    with store.begin(key_of(inputs)) as entry:
        result = entry.adopt(former, inputs, ["gcc=14"])
    assert result == store.find(key_of(inputs))
    assert (result.former, former.former) == (KEY, None)
    same = ("digest", "files", "seconds", "builder", "finished")
    assert [getattr(result, name) for name in same] == [getattr(former, name) for name in same]
    for file in former.files:
        assert (former.folder / file.name).samefile(result.folder / file.name)
    assert (store.inputs(result.key), store.inputs(KEY)) == (inputs, INPUTS)
    assert (store.installed(result.key), store.installed(KEY)) == (["gcc=14"], [])
    assert store.verify(result.key) == store.verify(KEY) == []
    assert [path.stat().st_mode & 0o777 for path in (result.folder, result.folder / "logs")] == [
        0o755,
        0o755,
    ]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = make_shop(tmp_path, monkeypatch)
    install(shop, "libfoo=1")
    assert build(shop) == ALL
    return shop


def install(shop: Shop, *packages: str) -> None:
    (shop.root / "installed").write_text("".join(f"{package}\n" for package in packages))


def archives_change(shop: Shop, packages: str = "base-files=13\n") -> None:
    number = str(int(shop.base.name) + 1)
    make_base(shop, number, packages)
    (shop.base / "release.txt").write_text(f"{number * 64}  InRelease\n")


def build(shop: Shop, *args: str) -> list[str]:
    """Builds, and says what was compiled."""
    done = shop.build(*args)
    assert done.exit_code == 0, done.output
    return sorted(shop.built())


def why(shop: Shop, *args: str) -> list[tuple[str, str, str]]:
    context = Context(shop.root / "components.yaml")
    done = CliRunner().invoke(command, ["-d", DISTRO, "--json", *args], obj=context)
    assert done.exit_code == 0, done.output
    return [(row["component"], row["state"], row["reason"]) for row in json.loads(done.stdout)]


def digests(shop: Shop) -> dict[str, str]:
    history = History(Store(shop.cache / "store"))
    results = {name: history.last(f"{name}@{DISTRO}") for name in ALL}
    return {name: result.digest for name, result in results.items() if result}


def test_from_one_state_of_the_archives_to_the_next(shop: Shop) -> None:
    for step in (
        the_same_packages_are_compiled_once,
        and_yet_built_twice_to_see_whether_they_are_reproducible,
        another_version_of_a_build_dependency_compiles,
        another_base_compiles,
        what_else_changed_compiles,
        a_damaged_result_is_not_reused,
        a_builder_that_does_not_say_compiles,
    ):
        step(shop)


def the_same_packages_are_compiled_once(shop: Shop) -> None:
    before = digests(shop)
    archives_change(shop)
    perhaps = "archive updated; the last result is reused if the same packages get installed"
    assert why(shop, "base") == [("base", "build", perhaps)]
    done = shop.build()
    assert done.exit_code == 0, done.output
    assert f"base@{DISTRO}: up to date: {REUSED}" in done.output
    assert "repository unchanged" in done.output
    assert shop.built() == []
    assert digests(shop) == before
    assert sorted(why(shop, "--last")) == [(name, "reused", REUSED) for name in ALL]
    assert build(shop) == []
    assert why(shop, "everything") == []


def and_yet_built_twice_to_see_whether_they_are_reproducible(shop: Shop) -> None:
    archives_change(shop)
    assert build(shop, "--check-reproducible", "other") == ["other"]
    assert why(shop, "--last") == [("other", "reused", REUSED)]


def another_version_of_a_build_dependency_compiles(shop: Shop) -> None:
    archives_change(shop)
    install(shop, "libbar=1", "libfoo=2")
    assert build(shop, "other") == ["other"]
    assert why(shop, "--last") == [
        ("other", "built", "buildroot: libbar is new: 1"),
        ("other", "built", "buildroot: libfoo changed from 1 to 2"),
    ]


def another_base_compiles(shop: Shop) -> None:
    archives_change(shop, "base-files=14\n")
    assert build(shop, "other") == ["other"]
    changed = "buildroot: base-files changed from 13 to 14"
    assert why(shop, "--last") == [("other", "built", changed)]


def what_else_changed_compiles(shop: Shop) -> None:
    archives_change(shop, "base-files=14\n")
    (shop.root / "src/other/Makefile").write_text("all: more\n")
    assert build(shop, "other") == ["other"]
    [(_, state, reason)] = why(shop, "--last")
    assert (state, reason.partition(":")[0]) == ("built", "sources")


def a_damaged_result_is_not_reused(shop: Shop) -> None:
    archives_change(shop, "base-files=14\n")
    last = History(Store(shop.cache / "store")).last(f"other@{DISTRO}")
    assert last is not None
    [package] = last.packages
    package.write_bytes(bytes(package.stat().st_size))
    assert build(shop, "other") == ["other"]
    assert [path.name.partition("-")[0] for path in (shop.cache / "store/damaged").iterdir()] == [
        last.key
    ]


def a_builder_that_does_not_say_compiles(shop: Shop) -> None:
    (shop.root / "installed").unlink()
    archives_change(shop, "base-files=14\n")
    assert build(shop, "other") == ["other"]
    [(_, state, reason)] = why(shop, "--last")
    assert (state, reason.partition(" from ")[0]) == ("built", "buildroot: archives changed")
