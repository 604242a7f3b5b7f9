# SPDX-License-Identifier: Apache-2.0
"""A build with nothing to do builds nothing, and notices each change of its inputs."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakebuilds import DISTRO, Shop, make_base, make_shop

Undo = Callable[[], object]
Change = Callable[[Shop], Undo]
ALL = ["base", "other", "user"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything is built."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = make_shop(tmp_path_factory.mktemp("shop"), monkeypatch)
        assert build(shop) == (ALL, True)
        yield shop


def build(shop: Shop, *targets: str) -> tuple[list[str], bool]:
    """Builds; returns the components that were built, and whether a repository was published."""
    done = shop.build(*targets)
    assert done.exit_code == 0, done.output
    return sorted(shop.built()), "repository published" in done.output


def repository(shop: Shop) -> list[str]:
    """The packages that the published repository lists."""
    (index,) = (shop.root / "dist" / DISTRO).glob("dists/*/main/binary-amd64/Packages")
    lines = index.read_text().splitlines()
    return sorted(line.split()[1] for line in lines if line.startswith("Package:"))


def put(file: Path, content: bytes) -> Undo:
    """Writes a file; what it returns puts the former one back."""
    former = file.read_bytes() if file.exists() else None
    times = file.stat() if file.exists() else None
    made = [folder for folder in file.parents if not folder.exists()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if times:  # the change shows in no time stamp
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    def undo() -> None:
        if former is not None:
            file.write_bytes(former)
            return
        file.unlink()
        for folder in made:
            folder.rmdir()

    return undo


def write(name: str, content: str = "x\n") -> Change:
    return lambda shop: put(shop.root / name, content.encode())


def edit(name: str, old: str, new: str) -> Change:
    def change(shop: Shop) -> Undo:
        text = (shop.root / name).read_text()
        assert old in text
        return put(shop.root / name, text.replace(old, new, 1).encode())

    return change


def executable(shop: Shop) -> Undo:
    file = shop.root / "src/base/Makefile"
    file.chmod(0o755)
    return lambda: file.chmod(0o644)


def linked(shop: Shop) -> Undo:
    """A folder of recipes that is a link to elsewhere in the project."""
    place, elsewhere = shop.root / "debian", shop.root / "elsewhere"
    (elsewhere / "base").mkdir(parents=True)
    (elsewhere / "base/README.Debian").write_text("x\n")
    place.symlink_to(elsewhere)

    def undo() -> None:
        place.unlink()
        (elsewhere / "base/README.Debian").unlink()
        (elsewhere / "base").rmdir()
        elsewhere.rmdir()

    return undo


def another_base(packages: str, release: str) -> Change:
    def change(shop: Shop) -> Undo:
        former = shop.base.name
        generation = str(len(list(shop.base.parent.iterdir())))
        make_base(shop, generation, packages=packages)
        (shop.base / "release.txt").write_text(release)

        def undo() -> None:
            link = shop.base.parent / "current"
            link.unlink()
            link.symlink_to(former)

        return undo

    return change


INPUTS: dict[str, tuple[Change, list[str]]] = {
    "the manifest": (edit("components.yaml", "component other", "other component"), ["other"]),
    "a local source": (write("src/base/Makefile", "all: x\n"), ["base"]),
    "a new file of a local source": (write("src/base/new"), ["base"]),
    "who may execute a file": (executable, ["base"]),
    "a recipe": (write("debian/base/README.Debian"), ["base"]),
    "a folder that is a link": (linked, []),
    "the base chroot's packages": (another_base("x=1\n", f"{'0' * 64}  InRelease\n"), ALL),
    "the archives": (another_base("base-files=13\n", f"{'1' * 64}  InRelease\n"), ALL),
}


@pytest.mark.parametrize(("change", "rebuilt"), INPUTS.values(), ids=INPUTS)
def test_a_changed_input_rebuilds(shop: Shop, change: Change, rebuilt: list[str]) -> None:
    undo = change(shop)
    try:
        # What is built is the same as before, so the repository is, too.
        assert build(shop) == (rebuilt, False)
    finally:
        undo()


def damage_all(shop: Shop, name: str) -> None:
    for file in shop.cache.glob(f"store/??/*/{name}"):
        file.chmod(0o644)
        file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize("name", ["base_*.deb", "result.json"])
def test_damaged_results_are_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    assert build(shop) == (ALL, True)
    damage_all(shop, name)
    # the repository has the same files as the store
    assert build(shop) == ((["base"], True) if name.startswith("base") else (ALL, False))


def test_a_repository_that_was_removed_is_published_again(shop: Shop) -> None:
    build(shop)
    (shop.root / "dist" / DISTRO).unlink()
    assert build(shop) == ([], True)
    assert build(shop) == ([], False)


def test_it_says_the_same_again(shop: Shop) -> None:
    build(shop)
    first, again = (json.loads(shop.build("--json").stdout) for _ in range(2))
    assert first == again
    assert {row["result"] for row in again["targets"]} == {"up to date", "made"}


def test_other_results_stay_published_in_their_present_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not asked for depends on what was: its key is known after the build only."""
    shop = make_shop(tmp_path, monkeypatch)
    everything = [*ALL, "everything"]
    build(shop)
    assert repository(shop) == sorted(everything)
    undo = put(shop.root / "src/base/Makefile", b"all: x\n")
    assert build(shop, "base")[0] == ["base"]  # to the same packages
    assert repository(shop) == ALL
    put(shop.root / "src/base/Makefile", b"all: y\n")
    put(shop.root / "out/base", b"another")
    assert build(shop, "base")[0] == ["base"]
    assert repository(shop) == ["base", "other"]
    undo()
    assert build(shop, "base")[0] == []
    assert repository(shop) == ALL


def test_a_failed_component_takes_nothing_else_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path, monkeypatch)
    build(shop)
    put(shop.root / "src/base/Makefile", b"all: x\n")
    (shop.root / "out/base").unlink()
    assert shop.build("base").exit_code == 1
    assert repository(shop) == ["other"]
